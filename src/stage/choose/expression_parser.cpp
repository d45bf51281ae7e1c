#include <algorithm>
#include <array>
#include <charconv>
#include <strings.h>
#include <utility>

#include "stage/choose/expression.hpp"
#include "stage/choose/expression_lexer.hpp"

namespace ship {
namespace {

constexpr std::size_t kMaxText = 16384;
constexpr int kMaxDepth = 100;

using Kind = ExpressionToken::Kind;

}  // namespace

/// Reads the text of an Expression by recursive descent. Each step returns none after the first
/// error.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text), lexer_(text) {}

  Result<Expression> parse() {
    using Failure = std::optional<Error>;
    if (text_.size() > kMaxText) {
      return Error{ErrorKind::config, "the expression is longer than 16384 bytes"};
    }
    advance();
    const auto root = condition();
    if (root && token_.kind != Kind::end) expected("'and', 'or' or the end");
    if (Failure failure = std::move(failure_)) return std::move(*failure);
    expression_.root_ = *root;
    expression_.finder_ = FieldFinder(std::move(paths_));
    return std::move(expression_);
  }

 private:
  using Op = Expression::Op;
  using Index = std::optional<std::uint32_t>;

  // Errors. The first one counts.

  Index fail(std::size_t at, const std::string& message) {
    if (!failure_) {
      failure_ =
          Error{ErrorKind::config, "column " + std::to_string(at + 1) + ": " + message + "\n  " +
                                       std::string(text_) + "\n  " + std::string(at, ' ') + "^"};
      lexer_ = ExpressionLexer({});
      token_ = {};
    }
    return std::nullopt;
  }
  Index expected(const std::string& what) {
    const std::string found =
        token_.kind == Kind::end ? "the end" : "'" + std::string(token_.raw) + "'";
    return fail(token_.at, "found " + found + ", expected " + what);
  }

  void advance() {
    token_ = lexer_.next();
    if (lexer_.problem()) fail(lexer_.problem()->at, lexer_.problem()->message);
  }

  // The grammar.

  Index condition() {
    Index left = and_part();
    while (left && (token_.is_word("or") || token_.is_symbol("||"))) {
      advance();
      left = join(Op::either, *left, and_part());
    }
    return left;
  }

  Index and_part() {
    Index left = term();
    while (left && (token_.is_word("and") || token_.is_symbol("&&"))) {
      advance();
      left = join(Op::both, *left, term());
    }
    return left;
  }

  Index term() {
    if (depth_ == kMaxDepth) return fail(token_.at, "the expression nests deeper than 100");
    ++depth_;
    const Index result = term_inside();
    --depth_;
    return result;
  }

  Index term_inside() {
    if (token_.is_word("not") || token_.is_symbol("!")) {
      advance();
      return negate(term());
    }
    if (token_.is_symbol("(")) {
      advance();
      const Index inside = condition();
      if (!inside) return inside;
      if (!token_.is_symbol(")")) return expected("'and', 'or' or ')'");
      advance();
      return inside;
    }
    if (token_.is_word("exists")) {
      advance();
      const bool bracketed = token_.is_symbol("(");
      if (bracketed) advance();
      const Index place = field();
      if (!place) return place;
      if (bracketed) {
        if (!token_.is_symbol(")")) return expected("')'");
        advance();
      }
      return add(Op::exists, *place, 0);
    }
    return test();
  }

  Index test() {
    const ExpressionToken start = token_;
    const Index place = field();
    if (!place) return place;
    const bool negated = token_.is_word("not");
    if (negated) advance();
    const bool level = place_is_level_;
    Index result;
    if (token_.is_word("in")) {
      advance();
      result = one_of(*place, level);
    } else if (const auto op = text_operator()) {
      advance();
      result = text_test(*op, *place);
    } else if (negated) {
      return expected("'in', 'contains', 'starts_with', 'ends_with' or 'matches'");
    } else if (token_.kind == Kind::symbol && !token_.is_symbol(")") && !token_.is_symbol(",")) {
      return comparison(*place, level);
    } else if (token_.kind == Kind::end || token_.is_symbol(")") || token_.is_word("and") ||
               token_.is_word("or")) {
      return add(Op::is_true, *place, 0);
    } else if (token_.is_word("exists")) {
      std::string_view field = text_.substr(start.at, token_.at - start.at);
      while (field.ends_with(' ')) field.remove_suffix(1);
      return fail(token_.at, "'exists' comes before the field; write exists " + std::string(field));
    } else {
      return expected("a comparison such as ==, 'in', 'contains' or 'matches' after '" +
                      std::string(start.raw) + "'");
    }
    return negated ? negate(result) : result;
  }

  // A field's index among those to look up.
  Index field() {
    std::string path;
    while (true) {
      if (token_.kind == Kind::name) {
        path += token_.raw;
      } else if (token_.kind == Kind::text && !token_.text.empty()) {
        path += token_.text;
      } else {
        return expected("the name of a field");
      }
      advance();
      if (!token_.is_symbol(".")) break;
      path += '.';
      advance();
    }
    place_is_level_ = path == "level";
    const auto known = std::find(paths_.begin(), paths_.end(), path);
    const auto place = static_cast<std::uint32_t>(known - paths_.begin());
    if (known == paths_.end()) paths_.push_back(std::move(path));
    return place;
  }

  Index comparison(std::uint32_t place, bool level) {
    if (token_.is_symbol("&&") || token_.is_symbol("||")) return add(Op::is_true, place, 0);
    struct Row {
      std::string_view symbol;
      Op op, level_op;
    };
    static constexpr std::array<Row, 7> kRows = {
        {{"==", Op::equal, Op::level_equal},
         {"=", Op::equal, Op::level_equal},
         {"!=", Op::equal, Op::level_equal},
         {"<", Op::less, Op::level_less},
         {"<=", Op::less_equal, Op::level_less_equal},
         {">", Op::greater, Op::level_greater},
         {">=", Op::greater_equal, Op::level_greater_equal}}};
    for (const Row& row : kRows) {
      if (token_.raw != row.symbol) continue;
      advance();
      const std::size_t value_at = token_.at;
      const Index literal = value(level);
      if (!literal) return literal;
      const Expression::Value& taken = expression_.values_[*literal];
      const bool ordered = row.op != Op::equal;
      if (ordered && (taken.kind == JsonKind::boolean || taken.kind == JsonKind::null)) {
        return fail(value_at, "found " + taken.text +
                                  ", which has no order; expected a number or a text in quotes");
      }
      if (ordered && level && taken.level.name == LevelName::other &&
          taken.kind != JsonKind::number) {
        return fail(value_at,
                    "found '" + taken.text +
                        "', which is not a known level; expected DEBUG, INFO, WARNING, ERROR, "
                        "CRITICAL, FATAL, AUDIT, SECURITY or a number from 0 to 99");
      }
      const Index result = add(level ? row.level_op : row.op, place, *literal);
      return row.symbol == "!=" ? negate(result) : result;
    }
    return expected("a comparison: ==, !=, <, <=, > or >=");
  }

  Index one_of(std::uint32_t place, bool level) {
    if (!token_.is_symbol("(")) return expected("'(' and a list of values");
    Index result;
    do {
      advance();
      const Index literal = value(level);
      if (!literal) return literal;
      const Index one = add(level ? Op::level_equal : Op::equal, place, *literal);
      result = result ? join(Op::either, *result, one) : one;
    } while (token_.is_symbol(","));
    if (!token_.is_symbol(")")) return expected("',' or ')'");
    advance();
    return result;
  }

  std::optional<Op> text_operator() const {
    if (token_.is_word("contains")) return Op::contains;
    if (token_.is_word("starts_with")) return Op::starts_with;
    if (token_.is_word("ends_with")) return Op::ends_with;
    if (token_.is_word("matches")) return Op::matches;
    return std::nullopt;
  }

  Index text_test(Op op, std::uint32_t place) {
    if (token_.kind != Kind::text) return expected("a text in quotes");
    if (op != Op::matches) {
      const Index literal = value(false);
      return literal ? add(op, place, *literal) : literal;
    }
    auto regex = LinePattern::compile(token_.text);
    if (!regex) return fail(token_.at, regex.error().message);
    expression_.patterns_.push_back(std::move(regex).value());
    advance();
    return add(op, place, static_cast<std::uint32_t>(expression_.patterns_.size() - 1));
  }

  // A value's index in values_.
  Index value(bool level) {
    Expression::Value value;
    if (token_.kind == Kind::text) {
      value.kind = JsonKind::string;
      value.text = token_.text;
    } else if (token_.kind == Kind::number) {
      value.kind = JsonKind::number;
      value.text = token_.raw;
      const char* const end = value.text.data() + value.text.size();
      std::int64_t integer = 0;
      const auto whole = std::from_chars(value.text.data(), end, integer);
      if (whole.ptr == end && whole.ec == std::errc{}) value.integer = integer;
      const auto read = std::from_chars(value.text.data(), end, value.number);
      if (read.ptr != end || read.ec != std::errc{}) return expected("a number such as 500 or 1.5");
    } else if (token_.is_word("true") || token_.is_word("false") || token_.is_word("null")) {
      value.kind = token_.is_word("null") ? JsonKind::null : JsonKind::boolean;
      for (const char c : token_.raw) value.text += static_cast<char>(c | 0x20);
    } else if (level && token_.kind == Kind::name && parse_level(token_.raw)) {
      value.kind = JsonKind::string;
      value.text = token_.raw;
    } else {
      return expected(level ? "a level such as WARNING, or a number from 0 to 99"
                            : "a number, a text in quotes, true, false or null");
    }
    if (level) {
      if (value.kind == JsonKind::boolean || value.kind == JsonKind::null || value.number < 0 ||
          value.number > 99) {
        return expected("a level such as WARNING, or a number from 0 to 99");
      }
      value.level = value.kind == JsonKind::number
                        ? Level{LevelName::other, static_cast<Severity>(value.number)}
                        : parse_level(value.text).value_or(Level{LevelName::other, 20});
    }
    advance();
    expression_.values_.push_back(std::move(value));
    return static_cast<std::uint32_t>(expression_.values_.size() - 1);
  }

  // Nodes.

  Index add(Op op, std::uint32_t left, std::uint32_t right) {
    expression_.nodes_.push_back({op, left, right});
    return static_cast<std::uint32_t>(expression_.nodes_.size() - 1);
  }
  Index join(Op op, std::uint32_t left, Index right) {
    return right ? add(op, left, *right) : right;
  }
  Index negate(Index operand) { return operand ? add(Op::negation, *operand, 0) : operand; }

  std::string_view text_;
  ExpressionLexer lexer_;
  ExpressionToken token_;
  int depth_ = 0;
  bool place_is_level_ = false;
  Expression expression_;
  std::vector<std::string> paths_;
  std::optional<Error> failure_;
};

Result<Expression> Expression::compile(std::string_view text) {
  return ExpressionParser(text).parse();
}

}  // namespace ship
