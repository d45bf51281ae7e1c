#include "record/json_walk.hpp"

#include "record/json_unescape.hpp"

namespace ship {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void JsonValue::append_text(std::string& out) const {
  if (kind == Kind::text) {
    append_json_unescaped(out, raw.substr(1, raw.size() - 2));
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
      append_json_unescaped(unescaped_, key_);
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
