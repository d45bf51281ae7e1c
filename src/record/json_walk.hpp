#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "record/json_cursor.hpp"

namespace ship {

/// A value as it stands in a valid JSON text: from its first byte to its last, a text with its
/// quotes. Lives as long as the line.
struct JsonValue {
  std::string_view raw;

  JsonValue() = default;
  explicit JsonValue(std::string_view text) : raw(text) {}

  JsonKind kind() const { return raw.empty() ? JsonKind::none : json_kind(raw.front()); }
  bool is_text() const { return kind() == JsonKind::string; }
  bool is_object() const { return kind() == JsonKind::object; }
  /// A text without quotes and escapes, everything else as in `raw`, at the end of `out`.
  void append_text(std::string& out) const;
  std::string text() const;
};

/// Goes over the members of one object or the elements of one array, in their order: a JsonCursor
/// for those who need all fields with their keys, and not certain ones (see FieldFinder). Reads text
/// that the probe found valid; in other text it stops early and never reads outside.
///
///   for (JsonWalk walk(value); walk.next();) use(walk.key(), walk.value());
class JsonWalk {
 public:
  /// `container` is an object or array; anything else has no members.
  explicit JsonWalk(std::string_view container);
  explicit JsonWalk(const JsonValue& value) : JsonWalk(value.raw) {}

  bool next();
  /// The key without escapes, until the next call; empty in an array.
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

/// What stands at a path of keys in a JSON object; a dot in the path is a step into an object or
/// part of a key. With duplicate keys the last one counts. None also where `object` is not one.
std::optional<JsonValue> json_value_at(std::string_view object, std::string_view path);

/// The same, as far as the member that `walk` is at leads to it.
std::optional<JsonValue> json_value_below(const JsonWalk& walk, std::string_view path);

}  // namespace ship
