#include "stage/choose/expression_lexer.hpp"

#include <array>
#include <strings.h>
#include <utility>

#include "base/ascii.hpp"

namespace ship {
namespace {

using Kind = ExpressionToken::Kind;

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' || c == '$' ||
         (c & 0x80) != 0;
}
bool is_name_part(char c) { return is_name_start(c) || is_digit(c) || c == '-'; }

}  // namespace

bool ExpressionToken::is_word(std::string_view word) const {
  return kind == Kind::name && raw.size() == word.size() &&
         ::strncasecmp(raw.data(), word.data(), word.size()) == 0;
}

ExpressionToken ExpressionLexer::next() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
    ++at_;
  }
  ExpressionToken token;
  token.at = at_;
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (c == '"' || c == '\'') return text(c);
  if (is_name_start(c)) return word(is_name_part);
  if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
    return number();
  }
  static constexpr std::array<std::string_view, 14> kSymbols = {
      "==", "!=", "<=", ">=", "&&", "||", "=", "<", ">", "!", "(", ")", ",", "."};
  for (const std::string_view symbol : kSymbols) {
    if (text_.substr(at_).starts_with(symbol)) {
      token.kind = Kind::symbol;
      token.raw = text_.substr(at_, symbol.size());
      at_ += symbol.size();
      return token;
    }
  }
  return fail(at_, "found '" + std::string(1, c) + "', which has no meaning here");
}

ExpressionToken ExpressionLexer::fail(std::size_t at, std::string message) {
  problem_ = Problem{at, std::move(message)};
  at_ = text_.size();
  ExpressionToken token;
  token.at = at_;
  return token;
}

ExpressionToken ExpressionLexer::word(bool (*belongs)(char)) {
  ExpressionToken token;
  token.kind = Kind::name;
  token.at = at_;
  while (at_ < text_.size() && belongs(text_[at_])) ++at_;
  token.raw = text_.substr(token.at, at_ - token.at);
  return token;
}

ExpressionToken ExpressionLexer::number() {
  ExpressionToken token;
  token.kind = Kind::number;
  token.at = at_++;
  const auto belongs = [this](char c) {
    const char before = text_[at_ - 1];
    return is_digit(c) || c == '.' || c == 'e' || c == 'E' ||
           ((c == '+' || c == '-') && (before == 'e' || before == 'E'));
  };
  while (at_ < text_.size() && belongs(text_[at_])) ++at_;
  token.raw = text_.substr(token.at, at_ - token.at);
  return token;
}

ExpressionToken ExpressionLexer::text(char quote) {
  ExpressionToken token;
  token.kind = Kind::text;
  token.at = at_++;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
      token.text += text_[at_++];
      continue;
    }
    const char next = text_[at_ + 1];
    if (next == 'n' || next == 't') {
      token.text += next == 'n' ? '\n' : '\t';
    } else {
      // Other escapes belong to a regular expression, such as \d.
      if (next != '\\' && next != '"' && next != '\'') token.text += '\\';
      token.text += next;
    }
    at_ += 2;
  }
  if (at_ == text_.size()) return fail(token.at, "the quote is not closed");
  ++at_;
  token.raw = text_.substr(token.at, at_ - token.at);
  return token;
}

}  // namespace ship
