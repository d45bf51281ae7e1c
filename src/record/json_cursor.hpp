#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ship {

/// What a JSON value is. `none`: there is no value.
enum class JsonKind : std::uint8_t { none, object, array, string, number, boolean, null };

/// The kind of the value that begins with `first`; `none` if no value does.
inline JsonKind json_kind(char first) {
  switch (first) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return first == '-' || static_cast<unsigned char>(first - '0') < 10 ? JsonKind::number
                                                                          : JsonKind::none;
  }
}

/// The inside of a JSON string as written, without its quotes; a view of the walked text.
struct JsonString {
  std::string_view raw;
  bool escaped = false;  ///< holds a backslash
};

/// The first quote or backslash in [p, end), or `end`.
inline const char* find_quote_or_backslash(const char* p, const char* end) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  while (end - p >= 16) {
    const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const int found = _mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)));
    if (found != 0) return p + __builtin_ctz(static_cast<unsigned>(found));
    p += 16;
  }
#endif
  while (p < end && *p != '"' && *p != '\\') ++p;
  return p;
}

/// Reads one JSON text from front to back, without building anything: the caller takes, enters or
/// skips each value. Never reads outside the text. Skipped values are checked only for brackets and
/// quotes; a grammar error where it matters to the caller ends the walk (`failed`). Inline, because
/// the stages spend most of their time here. Owns nothing, allocates nothing.
///
///   JsonCursor walk(line);
///   JsonString key;
///   for (bool more = walk.first_member(key); more; more = walk.next_member(key)) walk.skip();
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text)
      : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()) {}

  bool failed() const { return failed_; }
  /// The offset of the walk in the text: just after what was taken last.
  std::size_t at() const { return static_cast<std::size_t>(p_ - begin_); }

  /// Continues at an offset where a value is known to begin.
  void move_to(std::size_t at) { p_ = begin_ + at; }

  /// The kind of the next value. Skips white space before it, so that `at` is its start.
  JsonKind kind() {
    skip_space();
    return p_ == end_ ? JsonKind::none : json_kind(*p_);
  }

  /// Takes the next value, a string.
  JsonString string() {
    JsonString result;
    if (p_ == end_ || *p_ != '"') {
      fail();
      return result;
    }
    const char* const start = ++p_;
    while (true) {
      p_ = find_quote_or_backslash(p_, end_);
      if (p_ == end_) break;
      if (*p_ == '"') {
        result.raw = {start, static_cast<std::size_t>(p_ - start)};
        ++p_;
        return result;
      }
      result.escaped = true;
      if (end_ - p_ < 2) break;
      p_ += 2;
    }
    fail();
    return result;
  }

  /// Takes the next value, whatever it is, and returns its text, including quotes and brackets.
  std::string_view skip() {
    const JsonKind next = kind();
    const char* const start = p_;
    switch (next) {
      case JsonKind::string:
        string();
        break;
      case JsonKind::object:
      case JsonKind::array:
        skip_container();
        break;
      case JsonKind::number:
      case JsonKind::boolean:
      case JsonKind::null:
        while (p_ < end_ && !ends_scalar(*p_)) ++p_;
        break;
      case JsonKind::none:
        fail();
        break;
    }
    return {start, failed_ ? 0 : static_cast<std::size_t>(p_ - start)};
  }

  /// Enters the next value, an object. True: `key` is its first key, and the walk is at that key's
  /// value. False: it is empty and the walk is after it, or the walk failed.
  bool first_member(JsonString& key) {
    if (!take_space('{')) return fail();
    if (take_space('}')) return false;
    return member(key);
  }
  /// Moves from the end of a member's value to the next member, as above; false after the last one.
  bool next_member(JsonString& key) {
    if (take_space(',')) return member(key);
    if (take_space('}')) return false;
    return fail();
  }
  /// The same for the elements of an array.
  bool first_element() {
    if (!take_space('[')) return fail();
    return !take_space(']') && !at_end();
  }
  bool next_element() {
    if (take_space(',')) return true;
    if (take_space(']')) return false;
    return fail();
  }

  /// The offset of the last entered member's key, at its opening quote.
  std::size_t key_at() const { return static_cast<std::size_t>(key_ - begin_); }

 private:
  bool fail() {
    failed_ = true;
    p_ = end_;
    return false;
  }
  bool at_end() { return p_ == end_ && !fail(); }

  static bool ends_scalar(char c) {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }
  void skip_space() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r')) ++p_;
  }
  bool take_space(char c) {
    skip_space();
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  bool member(JsonString& key) {
    skip_space();
    key_ = p_;
    key = string();
    if (failed_ || !take_space(':')) return fail();
    return true;
  }
  void skip_container() {
    std::size_t depth = 0;
    while (p_ < end_) {
      const char c = *p_;
      if (c == '"') {
        string();
        continue;
      }
      ++p_;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return;
    }
    fail();
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  const char* key_ = nullptr;
  bool failed_ = false;
};

}  // namespace ship
