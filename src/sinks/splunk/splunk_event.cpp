#include "sinks/splunk/splunk_event.hpp"

#include "record/json_text.hpp"

namespace ship {

void append_splunk_time(std::string& out, WallNanos time) {
  constexpr WallNanos kSecond = 1'000'000'000;
  if (time < 0) out += '-';
  // Of the lowest time there is no positive counterpart; its last digit does not matter.
  const WallNanos distance = time < 0 ? -(time + 1) + (time == INT64_MIN ? 0 : 1) : time;
  const WallNanos micros = distance % kSecond / 1'000;
  const bool millis_only = micros % 1'000 == 0;
  const std::string digits = std::to_string(millis_only ? micros / 1'000 : micros);
  out += std::to_string(distance / kSecond) + ".";
  out.append((millis_only ? 3 : 6) - digits.size(), '0').append(digits);
}

Result<SplunkEventWriter> SplunkEventWriter::make(const SplunkSinkSettings& settings,
                                                  const Labels& labels, const std::string& host) {
  Result<NamePattern> index = NamePattern::parse(settings.index);
  if (!index) return std::move(index).error().in("index");
  return SplunkEventWriter(settings, labels, host, std::move(index).value());
}

SplunkEventWriter::SplunkEventWriter(const SplunkSinkSettings& settings, const Labels& labels,
                                     const std::string& host, NamePattern index)
    : index_(std::move(index)), has_index_(!settings.index.empty()), finder_(index_.fields()) {
  const auto member = [this](std::string_view key, const std::string& text) {
    if (text.empty()) return;
    before_.append(",\"").append(key).append("\":");
    append_json_string(before_, text);
  };
  member("host", host);
  member("source", settings.source);
  member("sourcetype", settings.sourcetype);
  for (const auto& [name, text] : labels) {
    // An empty value is no field.
    if (text.empty() || name.empty()) continue;
    fields_ += fields_.empty() ? "{" : ",";
    append_json_string(fields_, name);
    fields_ += ':';
    append_json_string(fields_, text);
  }
  if (!settings.id_field.empty()) append_json_string(id_key_, settings.id_field);
}

void SplunkEventWriter::append(const Record& record, std::string& out) {
  out += R"({"time":)";
  append_splunk_time(out, record.time);
  out += before_;
  if (has_index_) {
    std::span<const Field> found;
    if (!finder_.paths().empty()) found = finder_.find(record.line);
    index_.render(record.time, found, name_);
    out += R"(,"index":)";
    append_json_string(out, name_);
  }
  out.append(R"(,"event":)").append(record.line);
  const bool has_id = !id_key_.empty() && record.id;
  if (has_id || !fields_.empty()) {
    out.append(R"(,"fields":)").append(fields_);
    if (has_id) {
      out.append(fields_.empty() ? "{" : ",").append(id_key_).append(":\"");
      out.append(record_id_text(record.id)).append("\"");
    }
    out += '}';
  }
  out += '}';
}

}  // namespace ship
