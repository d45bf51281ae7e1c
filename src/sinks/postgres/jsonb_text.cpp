#include "sinks/postgres/jsonb_text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/hex.hpp"

namespace ship {
namespace {

constexpr std::int64_t kMostDigitsBefore = 131'072;
constexpr std::int64_t kMostDigitsBehind = 16'383;

/// The code unit of a \uXXXX at the start of `text`.
std::optional<unsigned> code_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return value;
}

/// How long the escape at the start of `text` is, and whether jsonb takes it.
struct Escape {
  std::size_t size = 2;
  bool allowed = true;
};

Escape read_escape(std::string_view text) {
  const std::optional<unsigned> unit = code_unit(text);
  if (!unit) return {};
  if (*unit >= 0xd800 && *unit < 0xdc00) {
    const std::optional<unsigned> low = code_unit(text.substr(6));
    if (low && *low >= 0xdc00 && *low < 0xe000) return {12, true};
    return {6, false};
  }
  return {6, *unit != 0 && (*unit < 0xdc00 || *unit >= 0xe000)};
}

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

bool fits_numeric(std::string_view number) {
  // No short number without an exponent is too long.
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  if (mark == number.size() && number.size() < kMostDigitsBehind) return true;
  std::string_view digits = number.substr(0, mark);
  std::int64_t exponent = 0;
  if (mark < number.size()) {
    std::string_view text = number.substr(mark + 1);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    for (const char c : text) {
      exponent = std::min<std::int64_t>(exponent * 10 + (c - '0'), 10 * kMostDigitsBefore);
    }
    if (negative) exponent = -exponent;
  }
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const auto before = static_cast<std::int64_t>(point);
  const auto behind = static_cast<std::int64_t>(digits.size() - std::min(point + 1, digits.size()));
  return before + exponent <= kMostDigitsBefore && behind - exponent <= kMostDigitsBehind &&
         exponent <= kMostDigitsBefore;
}

}  // namespace

std::uint64_t append_jsonb(std::string& out, std::string_view json) {
  std::uint64_t changed = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') {
        const Escape escape = read_escape(json.substr(i));
        const std::size_t size = std::min(escape.size, json.size() - i);
        out += escape.allowed ? json.substr(i, size) : std::string_view("\\ufffd");
        if (!escape.allowed) ++changed;
        i += size;
        continue;
      }
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      std::size_t end = i + 1;
      while (end < json.size() && is_number_char(json[end])) ++end;
      const std::string_view number = json.substr(i, end - i);
      if (fits_numeric(number)) {
        out += number;
      } else {
        out += '"';
        out += number;
        out += '"';
        ++changed;
      }
      i = end;
      continue;
    }
    out += c;
    ++i;
  }
  return changed;
}

}  // namespace ship
