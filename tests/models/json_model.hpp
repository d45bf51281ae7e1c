#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.hpp"

namespace ship::model {

/// A JSON value as a slow, obvious reader of RFC 8259 sees it. Views into the line.
struct Value {
  struct Member;

  std::string_view raw;         ///< with the quotes of a string
  std::vector<Member> members;  ///< of an object

  /// The last member of that name, as readers take duplicates.
  const Value* find(std::string_view name) const;
};

struct Value::Member {
  std::string_view key;  ///< without quotes, not unescaped
  Value value;
};

inline const Value* Value::find(std::string_view name) const {
  const Value* found = nullptr;
  for (const Member& member : members) {
    if (member.key == name) found = &member.value;
  }
  return found;
}

/// Recursive descent over one text. Knows no tricks.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text, std::size_t max_depth = 1024)
      : text_(text), max_depth_(max_depth) {}

  /// The object that the whole text is, or none where the text is anything else.
  std::optional<Value> object() {
    Value value;
    blanks();
    if (peek() != '{' || !read(value, 0)) return std::nullopt;
    blanks();
    if (at_ != text_.size()) return std::nullopt;
    for (std::string_view rest = text_; !rest.empty();) {
      const std::size_t size = utf8_sequence(rest);
      if (size == 0) return std::nullopt;
      rest.remove_prefix(size);
    }
    return value;
  }

 private:
  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }
  static bool is_one_of(std::string_view set, int c) {
    return c >= 0 && set.find(static_cast<char>(c)) != std::string_view::npos;
  }
  bool take(char c) {
    if (peek() != static_cast<unsigned char>(c)) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool digits() {
    const std::size_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > first;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }
  bool string() {
    if (!take('"')) return false;
    while (true) {
      const int c = peek();
      if (c < 0x20) return false;
      ++at_;
      if (c == '"') return true;
      if (c != '\\') continue;
      const int escape = peek();
      ++at_;
      if (escape == 'u') {
        for (int i = 0; i < 4; ++i, ++at_) {
          if (!is_one_of("0123456789abcdefABCDEF", peek())) return false;
        }
      } else if (!is_one_of("\"\\/bfnrt", escape)) {
        return false;
      }
    }
  }
  bool read(Value& value, std::size_t depth) {
    const std::size_t first = at_;
    const bool good = [&] {
      switch (peek()) {
        case '{':
          return depth < max_depth_ && members(value, depth + 1);
        case '[':
          return depth < max_depth_ && elements(depth + 1);
        case '"':
          return string();
        case 't':
          return take("true");
        case 'f':
          return take("false");
        case 'n':
          return take("null");
        default:
          return number();
      }
    }();
    value.raw = text_.substr(first, at_ - first);
    return good;
  }
  bool members(Value& object, std::size_t depth) {
    take('{');
    blanks();
    if (take('}')) return true;
    do {
      blanks();
      const std::size_t first = at_;
      if (!string()) return false;
      const std::string_view key = text_.substr(first + 1, at_ - first - 2);
      blanks();
      if (!take(':')) return false;
      blanks();
      Value value;
      if (!read(value, depth)) return false;
      object.members.push_back({key, std::move(value)});
      blanks();
    } while (take(','));
    return take('}');
  }
  bool elements(std::size_t depth) {
    take('[');
    blanks();
    if (take(']')) return true;
    do {
      blanks();
      Value value;
      if (!read(value, depth)) return false;
      blanks();
    } while (take(','));
    return take(']');
  }

  std::string_view text_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
};

}  // namespace ship::model
