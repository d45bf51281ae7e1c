#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "record/json_unescape.hpp"
#include "record/json_walk.hpp"

namespace ship::testing {

/// The first name that an object of the value has twice; empty where none has.
inline std::string repeated_name(std::string_view json) {
  std::set<std::string> names;
  for (JsonWalk walk(json); walk.next();) {
    if (json.front() == '{' && !names.insert(std::string(walk.key())).second) {
      return "\"" + std::string(walk.key()) + "\"";
    }
    const std::string_view value = walk.value().raw;
    if (value.front() != '{' && value.front() != '[') continue;
    if (std::string inside = repeated_name(value); !inside.empty()) return inside;
  }
  return {};
}

/// Objects in which no name stands twice, of names that come near to each other.
class AnyObjects {
 public:
  explicit AnyObjects(unsigned seed) : random_(seed) {}
  bool coin() { return random_() % 2 == 0; }
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  std::string name() {
    static const std::vector<std::string> kNames = {"a",
                                                    "b",
                                                    "c",
                                                    "a.b",
                                                    "a.b.c",
                                                    "b.c",
                                                    "a_2",
                                                    "a.b_2",
                                                    "log",
                                                    "level",
                                                    "time",
                                                    "data",
                                                    "msg",
                                                    "message",
                                                    "new",
                                                    "new_2",
                                                    "schema_version",
                                                    "_truncated",
                                                    "",
                                                    "\\u0061",
                                                    "l\\u006fg",
                                                    "_original_size",
                                                    "@timestamp",
                                                    "\\u0040timestamp",
                                                    "host",
                                                    "service",
                                                    "pid",
                                                    "diagnostics",
                                                    "team"};
    return kNames[below(static_cast<unsigned>(kNames.size()))];
  }

  std::string object(int depth) {
    std::string text = "{";
    std::set<std::string> names;
    for (unsigned i = below(7); i > 0; --i) {
      const std::string key = name();
      std::string meant;
      append_json_unescaped(meant, key);
      if (!names.insert(meant).second) continue;
      if (text.size() > 1) text += ',';
      text += '"' + key + "\":" + value(depth + 1);
    }
    return text + "}";
  }

 private:
  std::string value(int depth) {
    const unsigned kind = depth > 3 ? 0 : below(4);
    if (kind == 1 || kind == 2) return object(depth);
    if (kind == 3) return "[" + object(depth) + "," + object(depth) + "]";
    static const std::vector<std::string> kScalars = {"1", "\"INFO\"", "\"2026-11-22T09:09:09Z\"",
                                                      "null", "\"" + std::string(90, 'x') + "\""};
    return kScalars[below(static_cast<unsigned>(kScalars.size()))];
  }
  std::mt19937 random_;
};

}  // namespace ship::testing
