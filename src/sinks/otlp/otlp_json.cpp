#include "sinks/otlp/otlp_json.hpp"

#include <charconv>
#include <protozero/pbf_reader.hpp>

#include "base/hex.hpp"
#include "record/json_text.hpp"

namespace ship {
namespace {

using Reader = protozero::pbf_reader;

/// Writes one object or array, with commas where they belong.
class JsonOut {
 public:
  explicit JsonOut(std::string& out) : out_(out) {}
  void begin(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void end(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    first_ = true;
  }
  void text(std::string_view text) {
    separate();
    append_json_string(out_, text);
  }
  void bare(std::string_view text) {
    separate();
    out_ += text;
  }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) append_hex(text, static_cast<unsigned char>(c));
  return text;
}

void write_pairs(JsonOut& out, Reader message, protozero::pbf_tag_type tag);

/// AnyValue{1 string, 2 bool, 3 int, 4 double, 5 array{1 values}, 6 kvlist{1 values}}
void write_any(JsonOut& out, Reader value) {
  out.begin('{');
  while (value.next()) {
    switch (value.tag()) {
      case 1:
        out.key("stringValue");
        out.text(value.get_string());
        break;
      case 2:
        out.key("boolValue");
        out.bare(value.get_bool() ? "true" : "false");
        break;
      case 3:
        out.key("intValue");
        out.text(std::to_string(value.get_int64()));
        break;
      case 4: {
        char digits[40];
        const auto end = std::to_chars(digits, digits + sizeof digits, value.get_double()).ptr;
        out.key("doubleValue");
        out.bare({digits, static_cast<std::size_t>(end - digits)});
        break;
      }
      case 5: {
        out.key("arrayValue");
        out.begin('{');
        out.key("values");
        out.begin('[');
        for (Reader list = value.get_message(); list.next(1);) write_any(out, list.get_message());
        out.end(']');
        out.end('}');
        break;
      }
      case 6:
        out.key("kvlistValue");
        out.begin('{');
        out.key("values");
        write_pairs(out, value.get_message(), 1);
        out.end('}');
        break;
      default:
        value.skip();
    }
  }
  out.end('}');
}

/// The repeated KeyValue{1 key, 2 value} at `tag`.
void write_pairs(JsonOut& out, Reader message, protozero::pbf_tag_type tag) {
  out.begin('[');
  while (message.next(tag)) {
    out.begin('{');
    for (Reader pair = message.get_message(); pair.next();) {
      if (pair.tag() == 1) {
        out.key("key");
        out.text(pair.get_string());
      } else if (pair.tag() == 2) {
        out.key("value");
        write_any(out, pair.get_message());
      } else {
        pair.skip();
      }
    }
    out.end('}');
  }
  out.end(']');
}

void write_record(JsonOut& out, Reader record) {
  const Reader whole = record;
  bool has_attributes = false;
  out.begin('{');
  while (record.next()) {
    switch (record.tag()) {
      case 1:
        out.key("timeUnixNano");
        out.text(std::to_string(record.get_fixed64()));
        break;
      case 2:
        out.key("severityNumber");
        out.bare(std::to_string(record.get_enum()));
        break;
      case 3:
        out.key("severityText");
        out.text(record.get_string());
        break;
      case 5:
        out.key("body");
        write_any(out, record.get_message());
        break;
      case 6:
        record.skip();
        if (has_attributes) break;
        has_attributes = true;
        out.key("attributes");
        write_pairs(out, whole, 6);
        break;
      case 9:
        out.key("traceId");
        out.text(hex_of(record.get_bytes()));
        break;
      case 10:
        out.key("spanId");
        out.text(hex_of(record.get_bytes()));
        break;
      case 11:
        out.key("observedTimeUnixNano");
        out.text(std::to_string(record.get_fixed64()));
        break;
      default:
        record.skip();
    }
  }
  out.end('}');
}

void write_scope_logs(JsonOut& out, Reader logs) {
  out.begin('{');
  out.key("scope");
  out.begin('{');
  Reader scope;
  if (Reader all = logs; all.next(1)) scope = all.get_message();
  while (scope.next()) {
    if (scope.tag() == 1 || scope.tag() == 2) {
      out.key(scope.tag() == 1 ? "name" : "version");
      out.text(scope.get_string());
    } else {
      scope.skip();
    }
  }
  out.end('}');
  out.key("logRecords");
  out.begin('[');
  while (logs.next(2)) write_record(out, logs.get_message());
  out.end(']');
  out.end('}');
}

void write_resource_logs(JsonOut& out, Reader logs) {
  out.begin('{');
  out.key("resource");
  out.begin('{');
  out.key("attributes");
  Reader resource;
  if (Reader all = logs; all.next(1)) resource = all.get_message();
  write_pairs(out, resource, 1);
  out.end('}');
  out.key("scopeLogs");
  out.begin('[');
  while (logs.next(2)) write_scope_logs(out, logs.get_message());
  out.end(']');
  out.end('}');
}

}  // namespace

std::string otlp_json(std::string_view protobuf) {
  std::string text;
  JsonOut out(text);
  try {
    out.begin('{');
    out.key("resourceLogs");
    out.begin('[');
    Reader request(protobuf.data(), protobuf.size());
    while (request.next(1)) write_resource_logs(out, request.get_message());
    out.end(']');
    out.end('}');
  } catch (const protozero::exception&) {
    // What was read so far is shown.
  }
  return text;
}

}  // namespace ship
