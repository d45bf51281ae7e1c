#include "tests/unit/sinks/otlp/otlp_decode.hpp"

#include <charconv>
#include <protozero/pbf_reader.hpp>
#include <set>
#include <stdexcept>

#include "base/utf8.hpp"
#include "record/json_text.hpp"

namespace ship::testing {
namespace {

using protozero::pbf_reader;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::string checked(const std::string& text) {
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    require(length > 0, "text that is no UTF-8");
    rest.remove_prefix(length);
  }
  return text;
}

std::string hex(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string any_value(pbf_reader value);

/// Reads one KeyValue and appends "key":value.
void key_value(pbf_reader pair, std::set<std::string>& keys, std::string& out) {
  std::string key;
  std::string value = "null";
  while (pair.next()) {
    if (pair.tag() == 1) {
      key = checked(pair.get_string());
    } else {
      require(pair.tag() == 2, "a field of KeyValue");
      value = any_value(pair.get_message());
    }
  }
  require(keys.insert(key).second, "a key that is there twice");
  if (!out.empty()) out += ",";
  append_json_string(out, key);
  out += ":" + value;
}

std::string any_value(pbf_reader value) {
  if (!value.next()) return "null";
  std::string out;
  switch (value.tag()) {
    case 1:
      append_json_string(out, checked(value.get_string()));
      return out;
    case 2:
      return value.get_bool() ? "true" : "false";
    case 3:
      return std::to_string(value.get_int64());
    case 4: {
      char text[40];
      return std::string(text, std::to_chars(text, text + sizeof text, value.get_double()).ptr);
    }
    case 5: {
      pbf_reader list = value.get_message();
      while (list.next(1)) out += (out.empty() ? "" : ",") + any_value(list.get_message());
      return "[" + out + "]";
    }
    case 6: {
      pbf_reader list = value.get_message();
      std::set<std::string> keys;
      while (list.next(1)) key_value(list.get_message(), keys, out);
      return "{" + out + "}";
    }
    default:
      throw std::runtime_error("a field of AnyValue");
  }
}

OtlpRecord log_record(pbf_reader reader) {
  OtlpRecord record;
  std::set<std::string> keys;
  while (reader.next()) {
    switch (reader.tag()) {
      case 1:
        record.time = reader.get_fixed64();
        break;
      case 2:
        record.severity = reader.get_enum();
        break;
      case 3:
        record.severity_text = checked(reader.get_string());
        break;
      case 5:
        record.body = any_value(reader.get_message());
        break;
      case 6:
        key_value(reader.get_message(), keys, record.attributes);
        break;
      case 9:
        record.trace_id = hex(reader.get_bytes());
        break;
      case 10:
        record.span_id = hex(reader.get_bytes());
        break;
      case 11:
        record.observed = reader.get_fixed64();
        break;
      default:
        throw std::runtime_error("a field of LogRecord");
    }
  }
  return record;
}

void scope_logs(pbf_reader reader, const std::string& resource, std::vector<OtlpRecord>& records) {
  const std::size_t before = records.size();
  while (reader.next()) {
    if (reader.tag() == 2) {
      records.push_back(log_record(reader.get_message()));
      records.back().resource = resource;
    } else {
      require(reader.tag() == 1, "a field of ScopeLogs");
      reader.skip();
    }
  }
  require(records.size() > before, "an empty envelope");
}

}  // namespace

std::string OtlpRecord::text() const {
  return "{" + resource + "} " + std::to_string(time) + " " + std::to_string(severity) + " " +
         severity_text + " " + body + " {" + attributes + "} " + trace_id + " " + span_id;
}

std::vector<OtlpRecord> otlp_decode(std::string_view request) {
  std::vector<OtlpRecord> records;
  pbf_reader reader(request.data(), request.size());
  while (reader.next()) {
    require(reader.tag() == 1, "a field of the request");
    pbf_reader logs = reader.get_message();
    std::string resource;
    bool scopes = false;
    while (logs.next()) {
      if (logs.tag() == 1) {
        pbf_reader part = logs.get_message();
        std::set<std::string> keys;
        while (part.next(1)) key_value(part.get_message(), keys, resource);
      } else {
        require(logs.tag() == 2, "a field of ResourceLogs");
        scopes = true;
        scope_logs(logs.get_message(), resource, records);
      }
    }
    require(scopes, "an empty envelope");
  }
  return records;
}

}  // namespace ship::testing
