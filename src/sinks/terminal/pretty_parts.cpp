#include "sinks/terminal/pretty_parts.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "record/json_walk.hpp"
#include "record/level.hpp"
#include "record/timestamp.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

/// Deeper objects are shown as JSON.
constexpr int kMaxDepth = 8;

template <std::size_t size>
std::size_t place_in(const std::array<std::string_view, size>& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

template <std::size_t size>
bool is_one_of(std::string_view name, const std::array<std::string_view, size>& names) {
  return place_in(names, name) < size;
}

// In the order in which the first one counts; the level's and the time's as the probe has them.
constexpr std::array<std::string_view, 5> kMessageKeys = {"message", "msg", "event", "@m", "@mt"};
constexpr std::array<std::string_view, 6> kLevelKeys = {"level", "severity",  "levelname",
                                                        "lvl",   "log_level", "@l"};
constexpr std::array<std::string_view, 5> kTimeKeys = {"timestamp", "time", "ts", "@timestamp",
                                                       "@t"};
constexpr std::array<std::string_view, 3> kLoggerKeys = {"logger", "logger_name", "SourceContext"};
// Facts about the process, at the root of loggers that have no place of their own for them.
constexpr std::array<std::string_view, 5> kRootFacts = {"pid", "hostname", "v", "process_id",
                                                        "thread_id"};
// What a person looks for first.
constexpr std::array<std::string_view, 16> kTelling = {
    "error",       "err",         "event",    "method",  "path",    "url",     "route", "status",
    "status_code", "duration_ms", "duration", "elapsed", "latency", "attempt", "user",  "user_id"};

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \t\"") != std::string_view::npos;
}

std::string shown_key(std::string_view key) {
  std::string text;
  append_harmless(key, text);
  return needs_quotes(text) ? "\"" + text + "\"" : text;
}

std::string shown_value(const JsonValue& value) {
  std::string text;
  append_harmless(value.is_text() ? value.text() : std::string(value.raw), text);
  if (!value.is_text() || !needs_quotes(text)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

bool has_lines(const JsonValue& value) {
  return value.is_text() && value.raw.find("\\n") != std::string_view::npos &&
         value.text().find('\n') != std::string::npos;
}

/// Sorts the members of one record into its parts.
class Sorter {
 public:
  Sorter(const Record& record, PrettyParts& parts) : record_(record), parts_(parts) {}

  void sort() {
    for (JsonWalk root(record_.line); root.next();) {
      if (root.key() == "log" && root.value().is_object()) {
        for (JsonWalk log(root.value()); log.next();) member(log.key(), log.value());
      } else if (root.key() != "schema_version") {
        member(root.key(), root.value());
      }
    }
    std::stable_sort(parts_.data.begin(), parts_.data.end(), [](const Pair& a, const Pair& b) {
      return place_in(kTelling, a.key) < place_in(kTelling, b.key);
    });
  }

 private:
  void member(std::string_view key, const JsonValue& value) {
    if (take_message(key, value) || is_level(key, value) || is_time(key, value)) return;
    if (value.is_object() && key == "context") return context(value);
    if (value.is_object() && key == "diagnostics") return diagnostics(value);
    if (value.is_object() && key == "data") {
      for (JsonWalk walk(value); walk.next();) data(std::string(walk.key()), walk.value(), 1);
      return;
    }
    if (parts_.logger.empty() && value.is_text() && is_logger(key)) {
      append_harmless(value.text(), parts_.logger);
      return;
    }
    if (is_exception_key(key) && take_exception(key, value)) return;
    if (is_one_of(key, kRootFacts)) {
      parts_.facts.push_back({std::string(key), shown_value(value)});
      return;
    }
    data(std::string(key), value, 0);
  }

  bool take_message(std::string_view key, const JsonValue& value) {
    const std::size_t rank = place_in(kMessageKeys, key);
    if (rank >= message_rank_ || !value.is_text()) return false;
    if (!parts_.message.empty()) {
      parts_.data.push_back({std::string(kMessageKeys[message_rank_]), parts_.message});
      parts_.message.clear();
    }
    value.append_text(parts_.message);
    message_rank_ = rank;
    return true;
  }

  /// The level itself is not shown again as a field; another field that has a level's name is.
  bool is_level(std::string_view key, const JsonValue& value) const {
    if (!is_one_of(key, kLevelKeys)) return false;
    if (value.is_text()) {
      const auto level = parse_level(value.text());
      return level ? *level == record_.level : record_.level.name == LevelName::other;
    }
    return value.kind == JsonValue::Kind::number;
  }

  bool is_time(std::string_view key, const JsonValue& value) const {
    if (!is_one_of(key, kTimeKeys)) return false;
    const auto time = value.is_text() ? parse_time(value.text()) : parse_epoch(value.raw);
    // A line that was no JSON got its time in milliseconds.
    constexpr WallNanos kMillisecond = 1'000'000;
    return time && *time / kMillisecond == record_.time / kMillisecond;
  }

  /// "name" is the logger's of pino, bunyan and Python, and may be anything elsewhere.
  bool is_logger(std::string_view key) const { return is_one_of(key, kLoggerKeys); }

  void context(const JsonValue& object) {
    for (JsonWalk walk(object); walk.next();) {
      if (walk.key() == "message_id" || walk.value().kind == JsonValue::Kind::null) continue;
      flatten(std::string(walk.key()), walk.value(), 1, parts_.context);
    }
  }

  void diagnostics(const JsonValue& object) {
    for (JsonWalk walk(object); walk.next();) {
      const std::string_view key = walk.key();
      if (key == "origin") {
        parts_.origin = walk.value().text();
      } else if (key == "stream") {
        parts_.stream = walk.value().text();
      } else if (!is_exception_key(key) || !take_exception(key, walk.value())) {
        flatten(std::string(key), walk.value(), 1, parts_.facts);
      }
    }
  }

  /// Takes objects that look like an exception, lists of them, and texts of several lines.
  bool take_exception(std::string_view key, const JsonValue& value) {
    if (value.is_text()) {
      if (!has_lines(value)) return false;
      ExceptionText exception;
      if (key == "stack_info") {
        parts_.blocks.push_back({std::string(key), value.text()});
        return true;
      }
      value.append_text(exception.stack);
      merge(std::move(exception));
      return true;
    }
    if (value.kind == JsonValue::Kind::array) {
      JsonWalk walk(value);
      if (!walk.next() || !walk.value().is_object()) return false;
      do {
        ExceptionText exception;
        for (JsonWalk item(walk.value()); item.next();) exception.take(item.key(), item.value());
        if (!exception.empty()) merge(std::move(exception));
      } while (walk.next());
      return true;
    }
    if (!value.is_object()) return false;
    ExceptionText exception;
    std::vector<Pair> rest;
    for (JsonWalk walk(value); walk.next();) {
      if (exception.take(walk.key(), walk.value())) continue;
      if (walk.value().kind == JsonValue::Kind::null) continue;
      flatten(std::string(key) + "." + std::string(walk.key()), walk.value(), 1, rest);
    }
    if (exception.empty()) return false;
    merge(std::move(exception));
    std::move(rest.begin(), rest.end(), std::back_inserter(parts_.data));
    return true;
  }

  /// Loggers that say the error and its stack in two members mean one exception.
  void merge(ExceptionText exception) {
    if (!parts_.exceptions.empty() && parts_.exceptions.back().stack.empty() &&
        exception.type.empty() && exception.message.empty()) {
      parts_.exceptions.back().stack = std::move(exception.stack);
    } else {
      parts_.exceptions.push_back(std::move(exception));
    }
  }

  void data(std::string key, const JsonValue& value, int depth) {
    flatten(std::move(key), value, depth, parts_.data);
  }

  void flatten(std::string key, const JsonValue& value, int depth, std::vector<Pair>& into) {
    if (value.is_object() && depth < kMaxDepth) {
      bool any = false;
      for (JsonWalk walk(value); walk.next(); any = true) {
        flatten(key + "." + std::string(walk.key()), walk.value(), depth + 1, into);
      }
      if (any) return;
    }
    if (has_lines(value)) {
      parts_.blocks.push_back({shown_key(key), value.text()});
    } else {
      into.push_back({shown_key(key), shown_value(value)});
    }
  }

  const Record& record_;
  PrettyParts& parts_;
  std::size_t message_rank_ = kMessageKeys.size();
};

}  // namespace

void sort_into_parts(const Record& record, PrettyParts& parts) {
  parts = PrettyParts();
  Sorter(record, parts).sort();
}

}  // namespace ship
