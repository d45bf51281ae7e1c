#include "record/json_walk.hpp"

#include <optional>

namespace ship {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The code unit of "\uXXXX" at the start of `text`.
std::optional<std::uint32_t> code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

/// Appends what the escape at the start of `text` means; returns its length.
std::size_t append_escape(std::string_view text, std::string& out) {
  constexpr std::uint32_t kReplacement = 0xfffd;
  if (text.size() < 2) return text.size();
  switch (text[1]) {
    case 'b':
      out.push_back('\b');
      return 2;
    case 'f':
      out.push_back('\f');
      return 2;
    case 'n':
      out.push_back('\n');
      return 2;
    case 'r':
      out.push_back('\r');
      return 2;
    case 't':
      out.push_back('\t');
      return 2;
    case 'u':
      break;
    default:
      out.push_back(text[1]);
      return 2;
  }
  const auto unit = code_unit(text);
  if (!unit) return 2;
  if (*unit >= 0xd800 && *unit < 0xdc00) {
    const auto low = code_unit(text.substr(6));
    if (low && *low >= 0xdc00 && *low < 0xe000) {
      append_utf8(0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00), out);
      return 12;
    }
  }
  const bool half = *unit >= 0xd800 && *unit < 0xe000;
  append_utf8(half ? kReplacement : *unit, out);
  return 6;
}

}  // namespace

void append_unescaped(std::string_view inside, std::string& out) {
  while (!inside.empty()) {
    const std::size_t backslash = inside.find('\\');
    out.append(inside.substr(0, backslash));
    if (backslash == std::string_view::npos) return;
    inside.remove_prefix(backslash);
    inside.remove_prefix(append_escape(inside, out));
  }
}

void JsonValue::append_text(std::string& out) const {
  if (kind == Kind::text) {
    append_unescaped(raw.substr(1, raw.size() - 2), out);
  } else {
    out.append(raw);
  }
}

std::string JsonValue::text() const {
  std::string out;
  append_text(out);
  return out;
}

JsonWalk::JsonWalk(std::string_view container) : text_(container) {
  skip_blanks();
  object_ = peek() == '{';
  if (object_ || peek() == '[') {
    ++at_;
  } else {
    text_ = {};
    at_ = 0;
  }
}

bool JsonWalk::next() {
  skip_blanks();
  if (peek() == ',') {
    ++at_;
    skip_blanks();
  }
  if (object_) {
    if (peek() != '"') return false;
    key_ = take_string();
    if (key_.size() < 2) return false;
    key_ = key_.substr(1, key_.size() - 2);
    if (key_.find('\\') != std::string_view::npos) {
      unescaped_.clear();
      append_unescaped(key_, unescaped_);
      key_ = unescaped_;
    }
    skip_blanks();
    if (peek() != ':') return false;
    ++at_;
    skip_blanks();
  }
  return take_value();
}

void JsonWalk::skip_blanks() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

/// The string that begins at `at_`, with its quotes; empty where it does not end.
std::string_view JsonWalk::take_string() {
  const std::size_t begin = at_++;
  while (at_ < text_.size()) {
    at_ = text_.find_first_of("\"\\", at_);
    if (at_ == std::string_view::npos) break;
    if (text_[at_] == '"') return text_.substr(begin, ++at_ - begin);
    at_ += 2;
  }
  at_ = text_.size();
  return {};
}

bool JsonWalk::take_value() {
  const std::size_t begin = at_;
  const char first = peek();
  switch (first) {
    case '"':
      value_ = {JsonValue::Kind::text, take_string()};
      return value_.raw.size() >= 2;
    case '{':
    case '[': {
      std::size_t depth = 0;
      do {
        at_ = text_.find_first_of("\"{}[]", at_);
        if (at_ == std::string_view::npos) {
          at_ = text_.size();
          return false;
        }
        const char c = text_[at_];
        if (c == '"') {
          if (take_string().empty()) return false;
          continue;
        }
        if (c == '{' || c == '[') {
          ++depth;
        } else {
          --depth;
        }
        ++at_;
      } while (depth > 0);
      value_ = {first == '{' ? JsonValue::Kind::object : JsonValue::Kind::array,
                text_.substr(begin, at_ - begin)};
      return true;
    }
    default:
      break;
  }
  at_ = text_.find_first_of(",]} \t\r\n", begin);
  if (at_ == std::string_view::npos) at_ = text_.size();
  const std::string_view raw = text_.substr(begin, at_ - begin);
  if (raw.empty()) return false;
  const bool literal = first == 't' || first == 'f';
  value_ = {first == 'n' ? JsonValue::Kind::null
            : literal    ? JsonValue::Kind::boolean
                         : JsonValue::Kind::number,
            raw};
  return true;
}

}  // namespace ship
