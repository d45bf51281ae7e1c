#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ship {

/// A value as it stands in a valid JSON text.
struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, text, object, array };
  Kind kind = Kind::null;
  /// From its first byte to its last; a text with its quotes. Lives as long as the line.
  std::string_view raw;

  bool is_text() const { return kind == Kind::text; }
  bool is_object() const { return kind == Kind::object; }
  /// A text without quotes and escapes, everything else as in `raw`, at the end of `out`.
  void append_text(std::string& out) const;
  std::string text() const;
};

/// Goes over the members of one object or the elements of one array, in their order, for those who
/// need all fields and not certain ones (see FieldFinder). Reads text that the probe found valid;
/// in other text it stops early and never reads outside. An inner value is skipped in one pass over
/// its bytes and walked by a JsonWalk of its own.
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
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks();
  std::string_view take_string();
  bool take_value();

  std::string_view text_;
  std::size_t at_ = 0;
  bool object_ = false;
  std::string_view key_;
  std::string unescaped_;
  JsonValue value_;
};

}  // namespace ship
