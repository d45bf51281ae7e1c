#include "base/units.hpp"

#include <array>
#include <cctype>
#include <limits>
#include <optional>

#include "base/ascii.hpp"

namespace ship {
namespace {

struct Unit {
  std::string_view name;  ///< lower case for sizes
  std::uint64_t factor;
};

constexpr std::array<Unit, 12> kSizeUnits = {{{"b", 1},
                                              {"k", 1u << 10},
                                              {"kb", 1u << 10},
                                              {"kib", 1u << 10},
                                              {"m", 1u << 20},
                                              {"mb", 1u << 20},
                                              {"mib", 1u << 20},
                                              {"g", 1u << 30},
                                              {"gb", 1u << 30},
                                              {"gib", 1u << 30},
                                              {"tb", 1ull << 40},
                                              {"", 1}}};

constexpr std::array<Unit, 7> kDurationUnits = {{{"ms", 1},
                                                 {"s", 1000},
                                                 {"m", 60'000},
                                                 {"h", 3'600'000},
                                                 {"d", 86'400'000},
                                                 {"w", 604'800'000},
                                                 {"", 1000}}};

/// A decimal number as whole part and millionths; further decimals are below any resolution used
/// here.
struct Decimal {
  std::uint64_t whole = 0;
  std::uint64_t millionths = 0;
  bool has_point = false;
  bool is_zero = true;
  std::string_view unit;
};

constexpr std::uint64_t kMillion = 1'000'000;

Error wrong(std::string message) { return {ErrorKind::config, std::move(message)}; }

Result<Decimal> split_number(std::string_view text) {
  Decimal number;
  std::size_t at = 0;
  while (at < text.size() && is_digit(text[at])) {
    if (__builtin_mul_overflow(number.whole, std::uint64_t{10}, &number.whole) ||
        __builtin_add_overflow(number.whole, static_cast<std::uint64_t>(text[at] - '0'),
                               &number.whole)) {
      return wrong("the number is too large");
    }
    if (text[at] != '0') number.is_zero = false;
    ++at;
  }
  if (at == 0) return wrong("no number at its start");
  if (at < text.size() && text[at] == '.') {
    number.has_point = true;
    const std::size_t first = ++at;
    std::uint64_t place = kMillion / 10;
    for (; at < text.size() && is_digit(text[at]); ++at, place /= 10) {
      number.millionths += static_cast<std::uint64_t>(text[at] - '0') * place;
      if (text[at] != '0') number.is_zero = false;
    }
    if (at == first) return wrong("no digit after the point");
  }
  while (at < text.size() && text[at] == ' ') ++at;
  number.unit = text.substr(at);
  return number;
}

std::optional<std::uint64_t> scaled(const Decimal& number, std::uint64_t factor) {
  std::uint64_t whole = 0;
  if (__builtin_mul_overflow(number.whole, factor, &whole)) return std::nullopt;
  const std::uint64_t part = number.millionths * factor / kMillion;
  if (__builtin_add_overflow(whole, part, &whole)) return std::nullopt;
  return whole;
}

}  // namespace

std::string without_separators(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separates = text[i] == '_' && i > 0 && i + 1 < text.size() &&
                           is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (!separates) result += text[i];
  }
  return result;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const std::string plain = without_separators(text);
  Result<Decimal> number = split_number(plain);
  if (!number) return std::move(number).error();
  std::string unit;
  for (const char c : number.value().unit) {
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const Unit& known : kSizeUnits) {
    if (known.name != unit) continue;
    if (unit.empty() && number.value().has_point) return wrong("a part of a byte");
    const std::optional<std::uint64_t> bytes = scaled(number.value(), known.factor);
    if (!bytes) return wrong("the number is too large");
    return *bytes;
  }
  return wrong("an unknown unit");
}

std::string print_size(std::uint64_t bytes) {
  static constexpr std::array<Unit, 4> kNames = {
      {{" TB", 1ull << 40}, {" GB", 1u << 30}, {" MB", 1u << 20}, {" KB", 1u << 10}}};
  for (const Unit& unit : kNames) {
    if (bytes >= unit.factor && bytes % unit.factor == 0) {
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(bytes);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const std::string plain = without_separators(text);
  Result<Decimal> number = split_number(plain);
  if (!number) return std::move(number).error();
  for (const Unit& known : kDurationUnits) {
    if (known.name != number.value().unit) continue;
    const std::optional<std::uint64_t> ms = scaled(number.value(), known.factor);
    if (!ms || *ms > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return wrong("the number is too large");
    }
    if (*ms == 0 && !number.value().is_zero) {
      return wrong("less than a millisecond");
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
  }
  return wrong("an unknown unit");
}

std::string print_duration(std::chrono::milliseconds duration) {
  static constexpr std::array<Unit, 5> kNames = {
      {{"w", 604'800'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};
  const auto ms = static_cast<std::uint64_t>(duration.count());
  for (const Unit& unit : kNames) {
    if (ms >= unit.factor && ms % unit.factor == 0) {
      return std::to_string(ms / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(ms) + "ms";
}

}  // namespace ship
