#include "sinks/terminal/pretty_parts.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "record/json_walk.hpp"
#include "record/known_places.hpp"
#include "record/level.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

/// Deeper objects are shown as JSON.
constexpr int kMaxPrettyDepth = 8;

template <std::size_t size>
std::size_t place_in(const std::array<std::string_view, size>& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

template <std::size_t size>
bool is_one_of(std::string_view name, const std::array<std::string_view, size>& names) {
  return place_in(names, name) < size;
}

// Facts about the process, which some loggers put at the root for lack of a separate place.
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

/// Whether it has more than one line; a trailing newline does not make it two.
bool has_lines(const JsonValue& value) {
  if (!value.is_text() || value.raw.find("\\n") == std::string_view::npos) return false;
  const std::string text = value.text();
  const std::size_t last = text.find_last_not_of("\r\n");
  return last != std::string::npos && text.find('\n') < last;
}

/// Sorts the members of one record into its parts.
class Sorter {
 public:
  Sorter(const Record& record, std::span<const std::string> message_fields, PrettyParts& parts)
      : record_(record),
        parts_(parts),
        places_(record.line, message_fields),
        message_(places_.message()),
        logger_(places_.logger()),
        exception_(places_.exception()) {}

  void sort() {
    if (message_.found()) message_.value.append_text(parts_.message);
    if (logger_.found()) append_harmless(logger_.value.text(), parts_.logger);
    for (JsonWalk root(record_.line); root.next();) {
      if (root.key() == "log" && root.value().is_object()) {
        for (JsonWalk log(root.value()); log.next();) {
          member(std::string(log.key()), "log." + std::string(log.key()), log.value());
        }
      } else if (root.key() != "schema_version") {
        member(std::string(root.key()), std::string(root.key()), root.value());
      }
    }
    if (parts_.origin == "third_party") leave_out_told();
    std::stable_sort(parts_.data.begin(), parts_.data.end(), [](const Pair& a, const Pair& b) {
      return place_in(kTelling, a.key) < place_in(kTelling, b.key);
    });
  }

 private:
  /// A wrapped text already contains its fields.
  void leave_out_told() {
    const auto is_told = [this](const Pair& pair) {
      return parts_.message.find(pair.key + "=") != std::string::npos;
    };
    std::erase_if(parts_.data, is_told);
    std::erase_if(parts_.blocks, is_told);
  }

  /// `path` has the keys from the root; `key` is how the member is shown, without the envelope's
  /// "log" and "data".
  void member(const std::string& key, const std::string& path, const JsonValue& value) {
    if (is_shown(path, value)) return;
    if (value.is_object() && key == "context") return context(path, value);
    if (value.is_object() && key == "diagnostics") return diagnostics(path, value);
    if (value.is_object() && key == "data") {
      for (JsonWalk walk(value); walk.next();) {
        const std::string inner(walk.key());
        flatten(inner, path + "." + inner, walk.value(), 1, parts_.data);
      }
      return;
    }
    if (is_exception_key(key) && take_exception(key, value)) return;
    if (is_one_of(key, kRootFacts)) {
      parts_.facts.push_back({key, shown_value(value)});
      return;
    }
    flatten(key, path, value, 0, parts_.data);
  }

  /// Whether the record's first line says this anyway: message, logger, level, time.
  bool is_shown(const std::string& path, const JsonValue& value) const {
    return message_.is(value) || logger_.is(value) ||
           places_.says_level(path, value, record_.level) ||
           places_.says_time(path, value, record_.time);
  }

  void context(const std::string& path, const JsonValue& object) {
    for (JsonWalk walk(object); walk.next();) {
      if (walk.key() == "message_id" || walk.value().kind() == JsonKind::null) continue;
      const std::string key(walk.key());
      flatten(key, path + "." + key, walk.value(), 1, parts_.context);
    }
  }

  void diagnostics(const std::string& path, const JsonValue& object) {
    for (JsonWalk walk(object); walk.next();) {
      const std::string key(walk.key());
      if (key == "origin") {
        parts_.origin = walk.value().text();
      } else if (key == "stream") {
        parts_.stream = walk.value().text();
      } else if (!is_exception_key(key) || !take_exception(key, walk.value())) {
        flatten(key, path + "." + key, walk.value(), 1, parts_.facts);
      }
    }
  }

  /// Takes objects that look like an exception, lists of those or of frames, and multi-line texts.
  bool take_exception(const std::string& key, const JsonValue& value) {
    LoggedException exception;
    if (value.is_text()) {
      if (!has_lines(value)) return false;
      if (key == "stack_info") {
        parts_.blocks.push_back({key, value.text()});
        return true;
      }
      value.append_text(exception.stack);
      merge(std::move(exception));
      return true;
    }
    if (value.kind() == JsonKind::array) return take_list(value);
    if (!value.is_object()) return false;
    exception.take_all(value);
    if (exception.empty()) return false;
    for (const auto& [name, member] : std::exchange(exception.rest, {})) {
      flatten(key + "." + name, key + "." + name, member, 1, parts_.data);
    }
    merge(std::move(exception));
    return true;
  }

  bool take_list(const JsonValue& list) {
    std::vector<LoggedException> exceptions;
    for (JsonWalk walk(list); walk.next();) {
      LoggedException exception;
      if (walk.value().is_object()) exception.take_all(walk.value());
      if (exception.type.empty() && exception.message.empty()) {
        exceptions.clear();
        break;
      }
      exceptions.push_back(std::move(exception));
    }
    if (exceptions.empty()) {
      if (!are_frames(list)) return false;
      exceptions.emplace_back().frames = list;
    }
    for (LoggedException& exception : exceptions) merge(std::move(exception));
    return true;
  }

  /// Loggers that put an error and its stack into two members mean one exception.
  void merge(LoggedException exception) {
    if (!parts_.exceptions.empty() && parts_.exceptions.back().stack.empty() &&
        parts_.exceptions.back().frames.raw.empty() && exception.type.empty() &&
        exception.message.empty()) {
      parts_.exceptions.back().stack = std::move(exception.stack);
      parts_.exceptions.back().frames = exception.frames;
    } else {
      parts_.exceptions.push_back(std::move(exception));
    }
  }

  void flatten(const std::string& key, const std::string& path, const JsonValue& value, int depth,
               std::vector<Pair>& into) {
    if (is_shown(path, value)) return;
    if (exception_.is(value) && take_exception(key, value)) return;
    if (value.is_object() && depth < kMaxPrettyDepth) {
      bool any = false;
      for (JsonWalk walk(value); walk.next(); any = true) {
        const std::string inner = "." + std::string(walk.key());
        flatten(key + inner, path + inner, walk.value(), depth + 1, into);
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
  KnownPlaces places_;
  KnownPlaces::Place message_;
  KnownPlaces::Place logger_;
  KnownPlaces::Place exception_;
};

}  // namespace

void sort_into_parts(const Record& record, std::span<const std::string> message_fields,
                     PrettyParts& parts) {
  parts = PrettyParts();
  Sorter(record, message_fields, parts).sort();
}

}  // namespace ship
