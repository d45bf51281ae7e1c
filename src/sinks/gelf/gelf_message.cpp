#include "sinks/gelf/gelf_message.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <unordered_set>
#include <utility>

#include "record/json_text.hpp"
#include "record/json_walk.hpp"
#include "record/logged_exception.hpp"
#include "sinks/syslog_severity.hpp"

namespace ship {
namespace {

/// What is nested deeper goes as its JSON.
constexpr int kMaxDepth = 16;

/// Between the keys of a path; no logger writes it into one. In a name it is an underscore.
constexpr char kStep = '\x1f';

/// GELF 1.1: names are made of `[\w.-]`, and there is no `_id`.
std::string field_name(std::string_view path) {
  std::string name = "_";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) != 0 || c == '-' || c == '.' ? c : '_';
  }
  if (name == "_") name = "__";
  if (name == "_id") name = "_id_";
  return name;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\v\f") == text.npos; }

/// The first line that says something.
std::string_view first_line(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\v\f"), text.size()));
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string exception_text(const JsonValue& value) {
  if (value.is_text()) return value.text();
  if (!value.is_object()) return std::string(value.raw);
  LoggedException exception;
  exception.take_all(value);
  if (!exception.stack.empty()) return exception.stack;
  if (exception.type.empty() && exception.message.empty()) return std::string(value.raw);
  return exception.type + (exception.type.empty() || exception.message.empty() ? "" : ": ") +
         exception.message;
}

void append_seconds(std::string& out, WallNanos time) {
  const WallNanos micros = std::max<WallNanos>(time, 0) / 1000;
  char text[40];
  const int size =
      std::snprintf(text, sizeof text, "%lld.%06lld", static_cast<long long>(micros / 1'000'000),
                    static_cast<long long>(micros % 1'000'000));
  out.append(text, static_cast<std::size_t>(size));
}

}  // namespace

GelfMessage::GelfMessage(std::string host, const Labels& labels,
                         std::vector<std::string> message_fields)
    : host_(std::move(host)), message_fields_(std::move(message_fields)) {
  for (const auto& [key, text] : labels) {
    const std::string name = field_name(key);
    if (std::find(label_names_.begin(), label_names_.end(), name) != label_names_.end()) continue;
    label_names_.push_back(name);
    labels_ += ',';
    append_json_string(labels_, name);
    labels_ += ':';
    append_json_string(labels_, text);
  }
}

void GelfMessage::add(std::string_view place, const std::string& path, std::string_view json,
                      int depth) {
  const JsonValue value(json);
  if (value.is_object() && value.raw.size() > 2 && depth < kMaxDepth) {
    bool any = false;
    for (JsonWalk walk(value); walk.next(); any = true) {
      add(place, path + kStep + std::string(walk.key()), walk.value().raw, depth + 1);
    }
    if (any) return;
  }
  fields_.push_back({std::string(place) + path, field_name(path), json});
}

void GelfMessage::collect(const Record& record, const KnownPlaces& places, std::string_view object,
                          std::string_view place) {
  const KnownPlaces::Place message = places.message();
  for (JsonWalk walk(object); walk.next();) {
    const std::string_view key = walk.key();
    const JsonValue& value = walk.value();
    const std::string whole = std::string(place) + std::string(key);
    if (message.is(value) || places.says_level(whole, value, record.level) ||
        places.says_time(whole, value, record.time)) {
      continue;
    }
    if (place.empty() && key == "log" && value.is_object()) {
      collect(record, places, value.raw, "log.");
      continue;
    }
    add(place, std::string(key), value.raw, 0);
  }
}

void GelfMessage::append_fields(std::string& out) {
  // With duplicate keys the last one counts; different ones that come to the same name do not.
  std::unordered_set<std::string> paths;
  std::vector<const Field*> kept;
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    if (paths.insert(field->path).second) kept.push_back(&*field);
  }
  std::unordered_set<std::string> names(label_names_.begin(), label_names_.end());
  names.insert("_level_name");
  for (auto field = kept.rbegin(); field != kept.rend(); ++field) {
    std::string name = (*field)->name;
    for (int number = 2; !names.insert(name).second; ++number) {
      name = (*field)->name + "_" + std::to_string(number);
    }
    out += ',';
    append_json_string(out, name);
    out += ':';
    const JsonValue value((*field)->json);
    if (value.is_text() || value.kind() == JsonKind::number) {
      out += value.raw;
    } else {
      append_json_string(out, value.raw);
    }
  }
}

void GelfMessage::append(const Record& record, std::string& out) {
  fields_.clear();
  const KnownPlaces places(record.line, message_fields_);
  const KnownPlaces::Place place = places.message();
  std::string message = place.found() ? place.value.text() : std::string();
  if (is_blank(message)) message = record.line;
  std::string_view brief = first_line(message);
  std::string full;
  if (brief.size() != message.size()) full = message;
  if (const KnownPlaces::Place exception = places.exception(); exception.found()) {
    if (full.empty()) full = message;
    full += "\n" + exception_text(exception.value);
  }
  out += R"({"version":"1.1","host":)";
  append_json_string(out, host_);
  out += R"(,"short_message":)";
  append_json_string(out, brief);
  if (!full.empty()) {
    out += R"(,"full_message":)";
    append_json_string(out, full);
  }
  out += R"(,"timestamp":)";
  append_seconds(out, record.time);
  out += R"(,"level":)";
  out += std::to_string(syslog_severity(record));
  out += R"(,"_level_name":)";
  append_json_string(out, record.level_name());
  out += labels_;
  collect(record, places, record.line, "");
  append_fields(out);
  out += '}';
}

}  // namespace ship
