#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record/json_cursor.hpp"

namespace ship {

/// A value as written in a valid JSON text: from its first byte to its last, including a text's
/// quotes. Lives as long as the line.
struct JsonValue {
  std::string_view raw;

  JsonValue() = default;
  explicit JsonValue(std::string_view text) : raw(text) {}

  JsonKind kind() const { return raw.empty() ? JsonKind::none : json_kind(raw.front()); }
  bool is_text() const { return kind() == JsonKind::string; }
  bool is_object() const { return kind() == JsonKind::object; }
  /// Appends the value to `out`: a text without quotes and escapes, anything else as in `raw`.
  void append_text(std::string& out) const;
  std::string text() const;
};

/// Iterates over the members of one object or the elements of one array, in order: a JsonCursor for
/// code that needs all fields with their keys, not just certain ones (see FieldFinder). Reads text
/// that the probe found valid; in other text it stops early and never reads outside it.
///
///   for (JsonWalk walk(value); walk.next();) use(walk.key(), walk.value());
class JsonWalk {
 public:
  /// `container` is an object or array; anything else has no members.
  explicit JsonWalk(std::string_view container);
  explicit JsonWalk(const JsonValue& value) : JsonWalk(value.raw) {}

  bool next();
  /// The key without escapes, valid until the next call; empty in an array.
  std::string_view key() const { return key_; }
  const JsonValue& value() const { return value_; }

 private:
  bool enter_next();

  JsonCursor cursor_;
  JsonKind container_;
  bool entered_ = false;
  JsonString written_;
  std::string_view key_;
  std::string unescaped_;
  JsonValue value_;
};

/// The value at a path of keys in a JSON object; a dot in the path is a step into an object or part
/// of a key. With duplicate keys the last one counts. Also none if `object` is not an object.
std::optional<JsonValue> json_value_at(std::string_view object, std::string_view path);

/// The same, if the member that `walk` is at leads to it.
std::optional<JsonValue> json_value_below(const JsonWalk& walk, std::string_view path);

}  // namespace ship
