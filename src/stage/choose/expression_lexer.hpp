#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ship {

/// One word, value or sign of an expression.
struct ExpressionToken {
  enum class Kind { end, name, text, number, symbol };

  Kind kind = Kind::end;
  std::string_view raw;  ///< as written
  std::string text;      ///< texts: without quotes and escapes
  std::size_t at = 0;    ///< where it begins, in bytes

  /// Whether it is the keyword `word`, in any case.
  bool is_word(std::string_view word) const;
  bool is_symbol(std::string_view symbol) const { return kind == Kind::symbol && raw == symbol; }
};

/// Splits the text of an expression into tokens. The text must outlive what it returns.
class ExpressionLexer {
 public:
  struct Problem {
    std::size_t at = 0;
    std::string message;
  };

  explicit ExpressionLexer(std::string_view text) : text_(text) {}

  /// The next token; `end` at the end, and always after an error.
  ExpressionToken next();
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  ExpressionToken word(bool (*belongs)(char));
  ExpressionToken number();
  ExpressionToken text(char quote);
  ExpressionToken fail(std::size_t at, std::string message);

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Problem> problem_;
};

}  // namespace ship
