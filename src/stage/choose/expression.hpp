#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "input/line_pattern.hpp"
#include "record/field.hpp"
#include "record/record.hpp"

namespace ship {

/// The condition of `--where` over the fields of a record, compiled once.
///
///   condition  = and-part { "or" and-part }
///   and-part   = term { "and" term }
///   term       = "not" term | "(" condition ")" | "exists" field | test
///   test       = field comparison value          comparison: == = != < <= > >=
///              | field ["not"] "in" "(" value { "," value } ")"
///              | field ["not"] ( "contains" | "starts_with" | "ends_with" | "matches" ) text
///              | field                           true if the field is true
///   field      = name { "." name }               quote a name with odd characters
///   value      = text | number | "true" | "false" | "null"; for `level` also a level's name
///   text       = '…' or "…", with \\, \", \' and \n, \t
///
/// Words may be in any case; `&&`, `||`, `!` work too. See FieldFinder for where a field is looked
/// up. A value of another type, or a missing one, makes a test false, so `!=` and `not` of it are
/// true; null counts as missing, and equals `null`. `contains` on an array looks for a whole
/// element. `level` is compared by severity: `level >= WARNING` also holds for what pino writes as
/// 40.
class Expression {
 public:
  /// Errors: config, with the column (in bytes, from 1), what was found and what was expected.
  static Result<Expression> compile(std::string_view text);

  /// Whether the condition holds. Allocates nothing after its first records. One thread at a time.
  bool holds(const Record& record);

 private:
  friend class ExpressionParser;

  enum class Op : std::uint8_t {
    both,
    either,
    negation,  // of other nodes
    is_true,
    exists,
    contains,
    starts_with,
    ends_with,
    matches,
    equal,
    less,
    less_equal,
    greater,
    greater_equal,  // comparison of a field and a value
    level_equal,
    level_less,
    level_less_equal,
    level_greater,
    level_greater_equal
  };
  struct Value {
    JsonKind kind = JsonKind::null;  ///< null, text, number, boolean
    std::string text;
    double number = 0;
    std::optional<std::int64_t> integer;
    Level level;
  };
  struct Node {
    Op op = Op::is_true;
    std::uint32_t left = 0;  ///< nodes: the first operand; tests: the field's place
    std::uint32_t right =
        0;  ///< nodes: the second operand; tests: the value or the regular expression
  };

  Expression() = default;
  bool holds(std::uint32_t node, const Record& record);
  bool test(const Node& node, const Field& field);
  bool test_level(const Node& node, const Record& record) const;
  bool array_contains(std::string_view array, std::string_view text);

  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
  std::vector<Value> values_;
  std::vector<LinePattern> patterns_;
  FieldFinder finder_{{}};
  std::span<const Field> fields_;  ///< of the current record
  bool fields_found_ = false;
  std::string scratch_;
};

}  // namespace ship
