#include "sinks/otlp/otlp_encode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <protozero/pbf_builder.hpp>

#include "record/json_text.hpp"
#include "record/json_walk.hpp"
#include "record/logged_exception.hpp"

namespace ship {
namespace {

// The field numbers in opentelemetry-proto.
enum class Request : protozero::pbf_tag_type { resource_logs = 1 };
enum class ResourceLogs : protozero::pbf_tag_type { resource = 1, scope_logs = 2 };
enum class Resource : protozero::pbf_tag_type { attributes = 1 };
enum class ScopeLogs : protozero::pbf_tag_type { scope = 1, log_records = 2 };
enum class InstrumentationScope : protozero::pbf_tag_type { name = 1, version = 2 };
enum class LogRecord : protozero::pbf_tag_type {
  time_unix_nano = 1,
  severity_number = 2,
  severity_text = 3,
  body = 5,
  attributes = 6,
  trace_id = 9,
  span_id = 10,
  observed_time_unix_nano = 11
};
enum class KeyValue : protozero::pbf_tag_type { key = 1, value = 2 };
enum class AnyValue : protozero::pbf_tag_type {
  string_value = 1,
  bool_value = 2,
  int_value = 3,
  double_value = 4,
  array_value = 5,
  kvlist_value = 6
};
enum class List : protozero::pbf_tag_type { values = 1 };

/// Values nested deeper are written as JSON: servers limit the depth of a message.
constexpr int kMaxDepth = 16;

constexpr std::array<std::string_view, 3> kTraceKeys = {"trace_id", "traceId", "traceID"};
constexpr std::array<std::string_view, 3> kSpanKeys = {"span_id", "spanId", "spanID"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

using ValueWriter = protozero::pbf_builder<AnyValue>;

/// Appends the fields of one KeyValue.
void write_pair(std::string& data, std::string_view key, const JsonValue& value, int depth);

void write_number(ValueWriter& out, std::string_view text) {
  const char* const end = text.data() + text.size();
  if (text.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t whole = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, whole);
    if (error == std::errc{} && stop == end) {
      out.add_int64(AnyValue::int_value, whole);
      return;
    }
  } else {
    double real = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, real);
    if (error == std::errc{} && stop == end && std::isfinite(real)) {
      out.add_double(AnyValue::double_value, real);
      return;
    }
  }
  // Too large for OTLP's numbers: keep the digits instead of a rounded value.
  out.add_string(AnyValue::string_value, text.data(), text.size());
}

/// Appends the fields of one AnyValue. Nested messages are built separately: a builder inside
/// another leaves out what is empty, but an empty list or null is a value here.
void write_value(std::string& data, const JsonValue& value, int depth) {
  ValueWriter out(data);
  switch (value.kind()) {
    case JsonKind::none:
    case JsonKind::null:
      return;
    case JsonKind::boolean:
      out.add_bool(AnyValue::bool_value, value.raw == "true");
      return;
    case JsonKind::number:
      write_number(out, value.raw);
      return;
    case JsonKind::string:
      out.add_string(AnyValue::string_value, value.text());
      return;
    case JsonKind::object:
    case JsonKind::array:
      break;
  }
  if (depth >= kMaxDepth) {
    out.add_string(AnyValue::string_value, value.raw.data(), value.raw.size());
    return;
  }
  std::string inside;
  protozero::pbf_builder<List> list(inside);
  std::string part;
  if (value.kind() == JsonKind::array) {
    for (JsonWalk walk(value); walk.next();) {
      part.clear();
      write_value(part, walk.value(), depth + 1);
      list.add_message(List::values, part);
    }
    out.add_message(AnyValue::array_value, inside);
    return;
  }
  std::map<std::string, std::string_view> members;
  for (JsonWalk walk(value); walk.next();) {
    members[std::string(walk.key())] = walk.value().raw;
  }
  for (const auto& [key, raw] : members) {
    part.clear();
    write_pair(part, key, JsonValue(raw), depth + 1);
    list.add_message(List::values, part);
  }
  out.add_message(AnyValue::kvlist_value, inside);
}

void write_pair(std::string& data, std::string_view key, const JsonValue& value, int depth) {
  protozero::pbf_builder<KeyValue> pair(data);
  pair.add_string(KeyValue::key, key.data(), key.size());
  std::string inside;
  write_value(inside, value, depth);
  pair.add_message(KeyValue::value, inside);
}

/// `digits` hexadecimal digits as bytes, also after "0x" or "projects/shop/traces/"; empty if the
/// text is something else, or all zeros.
std::string id_of(std::string_view json, std::size_t digits) {
  std::string text = JsonValue(json).is_text() ? JsonValue(json).text() : "";
  if (text.size() == digits + 2 && text.starts_with("0x")) text.erase(0, 2);
  if (text.size() > digits && text[text.size() - digits - 1] == '/') {
    text.erase(0, text.size() - digits);
  }
  if (text.size() != digits || text.find_first_not_of('0') == std::string::npos) return {};
  std::string bytes;
  for (std::size_t i = 0; i < digits; i += 2) {
    unsigned byte = 0;
    const char* const end = text.data() + i + 2;
    const auto [stop, error] = std::from_chars(text.data() + i, end, byte, 16);
    if (stop != end || error != std::errc{}) return {};
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

/// A text matches if it is the record's level itself, a number if the record has no level text.
bool is_level_of(const Record& record, const JsonValue& value) {
  if (record.level_size == 0) return value.kind() == JsonKind::number || value.is_text();
  return value.is_text() && value.raw.data() + 1 == record.line.data() + record.level_at;
}

template <class Writer, class Tag>
void write_attribute(Writer& out, Tag tag, std::string_view key, std::string_view text) {
  protozero::pbf_builder<KeyValue> pair(out, tag);
  pair.add_string(KeyValue::key, key.data(), key.size());
  ValueWriter value(pair, KeyValue::value);
  value.add_string(AnyValue::string_value, text.data(), text.size());
}

}  // namespace

std::uint32_t otlp_severity(Level level) {
  constexpr std::uint32_t kInfo4 = 12;
  constexpr std::uint32_t kWarn4 = 16;
  if (level.name == LevelName::audit) return kInfo4;
  if (level.name == LevelName::security) return kWarn4;
  if (level.severity < 10) return 1;
  if (level.severity < 20) return 5;
  if (level.severity < 30) return 9;
  if (level.severity < 40) return 13;
  return level.severity < 50 ? 17 : 21;
}

OtlpEncoder::OtlpEncoder(Labels resource, std::vector<std::string> message_fields)
    : resource_(std::move(resource)),
      message_fields_(std::move(message_fields)),
      names_service_(std::any_of(resource_.begin(), resource_.end(),
                                 [](const auto& pair) { return pair.first == "service.name"; })),
      service_({"service"}) {}

void OtlpEncoder::take_member(std::string_view prefix, std::string_view key,
                              std::string_view value) {
  if (value.data() == told_exception_) return;
  if (trace_id_.empty() && is_one_of(kTraceKeys, key)) {
    trace_id_ = id_of(value, 32);
    if (!trace_id_.empty()) return;
  }
  if (span_id_.empty() && is_one_of(kSpanKeys, key)) {
    span_id_ = id_of(value, 16);
    if (!span_id_.empty()) return;
  }
  attributes_.push_back({std::string(prefix).append(key), value});
}

/// Adds exception.type, .message and .stacktrace (OpenTelemetry's semantic conventions). If they
/// say everything that the exception's own member does, that member is left out.
void OtlpEncoder::take_exception(const KnownPlaces& places) {
  told_exception_ = nullptr;
  made_.clear();
  const auto place = places.exception();
  if (!place.found()) return;
  LoggedException exception;
  if (place.value.is_object()) {
    exception.take_all(place.value);
  } else if (place.value.is_text()) {
    const std::string text = place.value.text();
    (text.find('\n') == std::string::npos ? exception.message : exception.stack) = text;
  } else {
    JsonWalk first(place.value);
    if (first.next() && first.value().is_object()) exception.take_all(first.value());
    if (first.next()) exception.rest.emplace_back();
  }
  const auto add = [this](std::string_view key, const std::string& text) {
    if (text.empty()) return;
    append_json_string(made_.emplace_back(), text);
    attributes_.push_back({std::string(key), made_.back()});
  };
  add("exception.type", exception.type);
  add("exception.message", exception.message);
  add("exception.stacktrace", exception.stack);
  const bool all = exception.rest.empty() && exception.others.empty() && exception.notes.empty() &&
                   exception.frames.raw.empty();
  if (all && !exception.empty()) told_exception_ = place.value.raw.data();
}

void OtlpEncoder::collect(const Record& record) {
  attributes_.clear();
  const KnownPlaces places(record.line, message_fields_);
  const auto message = places.message();
  const auto trace = places.trace_id();
  const auto span = places.span_id();
  message_ = message.value.raw;
  trace_id_ = trace.found() ? id_of(trace.value.raw, 32) : "";
  span_id_ = span.found() ? id_of(span.value.raw, 16) : "";
  take_exception(places);
  const auto is_id = [&](const JsonValue& value) {
    return (trace.is(value) && !trace_id_.empty()) || (span.is(value) && !span_id_.empty());
  };
  // Time and level are elsewhere in the request, so the members they were read from are left out.
  // Members that merely have such a name are data.
  bool has_time = false;
  bool has_level = false;
  const auto take_event = [&](std::string_view object, const std::string& path) {
    for (JsonWalk walk(object); walk.next();) {
      const std::string_view key = walk.key();
      const JsonValue& value = walk.value();
      const std::string whole = path + std::string(key);
      if (message.is(value) || is_id(value)) continue;
      if (!has_time && places.says_time(whole, value, record.time)) {
        has_time = true;
        continue;
      }
      if (!has_level && is_level_of(record, value) &&
          places.says_level(whole, value, record.level)) {
        has_level = true;
        continue;
      }
      if (value.is_object() && (key == "context" || key == "diagnostics" || key == "data")) {
        const std::string prefix = std::string(key) + ".";
        for (JsonWalk inner(value); inner.next();) {
          const JsonValue& member = inner.value();
          if (!is_id(member)) take_member(prefix, inner.key(), member.raw);
        }
      } else {
        take_member("", key, value.raw);
      }
    }
  };
  std::string_view log;
  for (JsonWalk walk(record.line); walk.next();) {
    if (walk.key() == "log" && walk.value().is_object()) log = walk.value().raw;
  }
  if (log.empty()) {
    take_event(record.line, "");
  } else {
    take_event(log, "log.");
    for (JsonWalk walk(record.line); walk.next();) {
      if (walk.key() != "log") take_member("", walk.key(), walk.value().raw);
    }
  }
  std::stable_sort(attributes_.begin(), attributes_.end(),
                   [](const auto& a, const auto& b) { return a.key < b.key; });
}

void OtlpEncoder::encode_record(const Record& record, WallNanos observed, std::string& out) {
  collect(record);
  protozero::pbf_builder<LogRecord> writer(out);
  writer.add_fixed64(LogRecord::time_unix_nano,
                     static_cast<std::uint64_t>(std::max<WallNanos>(record.time, 0)));
  writer.add_enum(LogRecord::severity_number,
                  static_cast<std::int32_t>(otlp_severity(record.level)));
  const std::string_view level = record.level_name();
  writer.add_string(LogRecord::severity_text, level.data(), level.size());
  {
    ValueWriter body(writer, LogRecord::body);
    if (message_.empty()) {
      body.add_string(AnyValue::string_value, record.line.data(), record.line.size());
    } else {
      body.add_string(AnyValue::string_value, JsonValue(message_).text());
    }
  }
  std::string pair;
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    const Attribute& attribute = attributes_[i];
    if (i + 1 < attributes_.size() && attributes_[i + 1].key == attribute.key) continue;
    pair.clear();
    write_pair(pair, attribute.key, JsonValue(attribute.value), 0);
    writer.add_message(LogRecord::attributes, pair);
  }
  if (!trace_id_.empty()) writer.add_bytes(LogRecord::trace_id, trace_id_);
  if (!span_id_.empty()) writer.add_bytes(LogRecord::span_id, span_id_);
  writer.add_fixed64(LogRecord::observed_time_unix_nano, static_cast<std::uint64_t>(observed));
}

void OtlpEncoder::encode(std::span<const Record> records, WallNanos observed, std::string& out) {
  out.clear();
  // In order of the services' first appearance.
  std::vector<std::pair<std::string, std::vector<std::size_t>>> services;
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::string service;
    if (!names_service_) {
      const Field& field = service_.find(records[i].line).front();
      if (field.is_scalar()) service = field.text;
    }
    const auto known = std::find_if(services.begin(), services.end(),
                                    [&](const auto& entry) { return entry.first == service; });
    if (known == services.end()) {
      services.push_back({std::move(service), {i}});
    } else {
      known->second.push_back(i);
    }
  }
  std::string encoded;
  protozero::pbf_builder<Request> request(out);
  for (const auto& [service, indexes] : services) {
    protozero::pbf_builder<ResourceLogs> logs(request, Request::resource_logs);
    {
      protozero::pbf_builder<Resource> resource(logs, ResourceLogs::resource);
      for (const auto& [key, text] : resource_) {
        write_attribute(resource, Resource::attributes, key, text);
      }
      if (!service.empty())
        write_attribute(resource, Resource::attributes, "service.name", service);
    }
    protozero::pbf_builder<ScopeLogs> scope_logs(logs, ResourceLogs::scope_logs);
    {
      protozero::pbf_builder<InstrumentationScope> scope(scope_logs, ScopeLogs::scope);
      scope.add_string(InstrumentationScope::name, "fapilog-ship");
      scope.add_string(InstrumentationScope::version, SHIP_VERSION);
    }
    for (const std::size_t index : indexes) {
      encoded.clear();
      encode_record(records[index], observed, encoded);
      scope_logs.add_message(ScopeLogs::log_records, encoded);
    }
  }
}

}  // namespace ship
