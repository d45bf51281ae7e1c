#include "sinks/datadog/datadog_log.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "record/json_text.hpp"
#include "record/known_places.hpp"

namespace ship {
namespace {

void append_member(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  out.append(",\"").append(key).append("\":");
  append_json_string(out, text);
}

/// Commas separate tags.
std::string tag_of(std::string text) {
  std::replace(text.begin(), text.end(), ',', '_');
  return text;
}

}  // namespace

std::string_view datadog_status(const Record& record) {
  const std::string_view name = record.level_name();
  if (equal_in_any_case(name, "emergency") || equal_in_any_case(name, "emerg")) return "emergency";
  if (equal_in_any_case(name, "alert")) return "alert";
  if (equal_in_any_case(name, "notice")) return "notice";
  switch (record.level.name) {
    case LevelName::trace:
    case LevelName::debug:
      return "debug";
    case LevelName::warning:
    case LevelName::security:
      return "warn";
    case LevelName::error:
      return "error";
    case LevelName::critical:
    case LevelName::fatal:
      return "critical";
    case LevelName::audit:
      return "notice";
    case LevelName::info:
    case LevelName::other:
      break;
  }
  const Severity severity = record.level.severity;
  if (severity < kInfo.severity) return "debug";
  if (severity < kWarning.severity) return "info";
  if (severity < kError.severity) return "warn";
  return severity < kCritical.severity ? "error" : "critical";
}

DatadogLogWriter::DatadogLogWriter(const DatadogSinkSettings& settings, const Labels& labels,
                                   const std::string& host)
    : has_service_(!settings.service.empty()), service_({"service"}) {
  std::string tags;
  const auto add = [&tags](const std::string& tag) {
    tags += (tags.empty() ? "" : ",") + tag_of(tag);
  };
  for (const auto& [name, text] : labels) add(name + ":" + text);
  for (const std::string& tag : settings.tags) add(tag);
  append_member(after_, "hostname", host);
  append_member(after_, "ddsource", settings.source);
  append_member(after_, "ddtags", tags);
  append_member(after_, "service", settings.service);
}

void DatadogLogWriter::append(const Record& record, std::string& out) {
  out += R"({"message":)";
  append_json_string(out, record.line);
  out.append(R"(,"timestamp":)").append(std::to_string(record.time / 1'000'000));
  append_member(out, "status", datadog_status(record));
  out += after_;
  if (!has_service_) {
    const Field& field = service_.find(record.line).front();
    if (field.is_scalar()) append_member(out, "service", field.text);
  }
  const KnownPlaces places(record.line);
  if (const auto trace = places.trace_id(); trace.found()) {
    append_member(out, "dd.trace_id", trace.value.text());
  }
  if (const auto span = places.span_id(); span.found()) {
    append_member(out, "dd.span_id", span.value.text());
  }
  out += '}';
}

}  // namespace ship
