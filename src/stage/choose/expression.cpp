#include "stage/choose/expression.hpp"

#include <charconv>
#include <cstring>
#include <strings.h>

#include "record/json_cursor.hpp"
#include "record/json_unescape.hpp"

namespace ship {
namespace {

struct Number {
  double value = 0;
  std::optional<std::int64_t> integer;
};

std::optional<Number> number_of(std::string_view text) {
  Number number;
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  const auto whole = std::from_chars(text.data(), end, integer);
  if (whole.ec == std::errc{} && whole.ptr == end) {
    number.integer = integer;
    number.value = static_cast<double>(integer);
    return number;
  }
  const auto read = std::from_chars(text.data(), end, number.value);
  if (read.ptr != end || read.ec != std::errc{}) return std::nullopt;
  return number;
}

// Returns below 0, 0 or above 0; compares integers of up to 64 bits exactly.
template <class A, class B>
int order(const A& a, const B& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

bool Expression::holds(const Record& record) {
  fields_found_ = false;
  return holds(root_, record);
}

bool Expression::holds(std::uint32_t index, const Record& record) {
  const Node& node = nodes_[index];
  switch (node.op) {
    case Op::both:
      return holds(node.left, record) && holds(node.right, record);
    case Op::either:
      return holds(node.left, record) || holds(node.right, record);
    case Op::negation:
      return !holds(node.left, record);
    case Op::level_equal:
    case Op::level_less:
    case Op::level_less_equal:
    case Op::level_greater:
    case Op::level_greater_equal:
      return test_level(node, record);
    default:
      if (!fields_found_) {
        fields_ = finder_.find(record.line);
        fields_found_ = true;
      }
      return test(node, fields_[node.left]);
  }
}

bool Expression::test_level(const Node& node, const Record& record) const {
  const Value& value = values_[node.right];
  const int compared = order(record.level.severity, value.level.severity);
  switch (node.op) {
    case Op::level_less:
      return compared < 0;
    case Op::level_less_equal:
      return compared <= 0;
    case Op::level_greater:
      return compared > 0;
    case Op::level_greater_equal:
      return compared >= 0;
    default:
      break;
  }
  if (value.kind == JsonKind::number) return compared == 0;
  if (value.level.name != LevelName::other) return record.level.name == value.level.name;
  const std::string_view name = record.level_name();
  return record.level.name == LevelName::other && name.size() == value.text.size() &&
         ::strncasecmp(name.data(), value.text.data(), name.size()) == 0;
}

bool Expression::test(const Node& node, const Field& field) {
  const bool nothing = field.kind == JsonKind::none || field.kind == JsonKind::null;
  if (node.op == Op::exists) return !nothing;
  if (node.op == Op::is_true) return field.kind == JsonKind::boolean && field.text == "true";
  if (node.op == Op::matches) {
    return field.kind == JsonKind::string && patterns_[node.right].matches(field.text);
  }
  const Value& value = values_[node.right];
  if (node.op == Op::contains && field.kind == JsonKind::array) {
    return array_contains(field.raw, value.text);
  }
  if (nothing) return value.kind == JsonKind::null;
  if (field.kind != value.kind) return false;
  int compared = 0;
  switch (field.kind) {
    case JsonKind::boolean:
      return field.text == value.text;
    case JsonKind::string:
      if (node.op == Op::contains) {
        return ::memmem(field.text.data(), field.text.size(), value.text.data(),
                        value.text.size()) != nullptr;
      }
      if (node.op == Op::starts_with) return field.text.starts_with(value.text);
      if (node.op == Op::ends_with) return field.text.ends_with(value.text);
      compared = order(field.text, std::string_view(value.text));
      break;
    default: {
      const auto number = number_of(field.text);
      if (!number) return false;
      compared = number->integer && value.integer ? order(*number->integer, *value.integer)
                                                  : order(number->value, value.number);
    }
  }
  switch (node.op) {
    case Op::less:
      return compared < 0;
    case Op::less_equal:
      return compared <= 0;
    case Op::greater:
      return compared > 0;
    case Op::greater_equal:
      return compared >= 0;
    default:
      return compared == 0;
  }
}

bool Expression::array_contains(std::string_view array, std::string_view text) {
  JsonCursor walk(array);
  for (bool more = walk.first_element(); more; more = walk.next_element()) {
    if (walk.kind() != JsonKind::string) {
      walk.skip();
      continue;
    }
    const JsonString element = walk.string();
    if (json_unescaped(element.raw, element.escaped, scratch_) == text) return true;
  }
  return false;
}

}  // namespace ship
