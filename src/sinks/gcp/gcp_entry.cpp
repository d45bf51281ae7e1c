#include "sinks/gcp/gcp_entry.hpp"

#include "base/ascii.hpp"
#include "record/json_text.hpp"
#include "record/known_places.hpp"
#include "record/timestamp.hpp"

namespace ship {

std::string_view gcp_severity(const Record& record) {
  const std::string_view name = record.level_name();
  if (equal_in_any_case(name, "emergency") || equal_in_any_case(name, "emerg")) return "EMERGENCY";
  if (equal_in_any_case(name, "alert")) return "ALERT";
  if (equal_in_any_case(name, "notice")) return "NOTICE";
  switch (record.level.name) {
    case LevelName::trace:
    case LevelName::debug:
      return "DEBUG";
    case LevelName::warning:
    case LevelName::security:
      return "WARNING";
    case LevelName::error:
      return "ERROR";
    case LevelName::critical:
    case LevelName::fatal:
      return "CRITICAL";
    case LevelName::audit:
      return "NOTICE";
    case LevelName::info:
    case LevelName::other:
      break;
  }
  const Severity severity = record.level.severity;
  if (severity < kInfo.severity) return "DEBUG";
  if (severity < kWarning.severity) return "INFO";
  if (severity < kError.severity) return "WARNING";
  return severity < kCritical.severity ? "ERROR" : "CRITICAL";
}

void append_gcp_entry(const Record& record, std::string_view project, std::string& out) {
  out.append(R"({"timestamp":")").append(format_rfc3339(record.time, 9));
  out.append(R"(","severity":")").append(gcp_severity(record)).append("\"");
  if (record.id) {
    out.append(R"(,"insertId":")").append(record_id_text(record.id)).append("\"");
  }
  const KnownPlaces places(record.line);
  if (const auto trace = places.trace_id(); trace.found()) {
    const std::string text = trace.value.text();
    out += R"(,"trace":)";
    const bool is_whole = text.starts_with("projects/");
    append_json_string(out,
                       is_whole ? text : "projects/" + std::string(project) + "/traces/" + text);
  }
  if (const auto span = places.span_id(); span.found()) {
    out += R"(,"spanId":)";
    append_json_string(out, span.value.text());
  }
  out.append(R"(,"jsonPayload":)").append(record.line).append("}");
}

}  // namespace ship
