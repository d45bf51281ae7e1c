#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "stage/redact/card_registry.hpp"
#include "stage/redact/characters.hpp"
#include "stage/redact/iban_registry.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

constexpr std::size_t kShortestCard = 12;
constexpr std::size_t kLongestCard = 19;
constexpr std::size_t kShortestIban = 15;
constexpr std::size_t kLongestIban = 34;

bool joins_digits(char c) { return c == ' ' || c == '-'; }

// A group of digits in a row of groups with one separator between two of them.
struct Group {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t digits_before = 0;  ///< in the groups in front of it
};

// A number is written without separators, or in groups of the usual sizes with one separator
// throughout.
bool is_grouped_as_card(std::string_view text) {
  char separator = 0;
  std::size_t group = 0, groups = 0;
  bool usual = true;
  for (const char c : text) {
    if (is_digit(c)) {
      ++group;
      continue;
    }
    if (separator != 0 && c != separator) return false;
    separator = c;
    usual = usual && (group == 4 || (groups == 1 && group == 6));
    ++groups;
    group = 0;
  }
  return separator == 0 || (usual && groups >= 2 && group >= 2 && group <= 5);
}

bool is_card(std::string_view text) {
  std::array<char, kLongestCard> digits{};
  std::size_t size = 0;
  for (const char c : text) {
    if (!is_digit(c)) continue;
    if (size == digits.size()) return false;
    digits[size++] = c;
  }
  const std::string_view number(digits.data(), size);
  return size >= kShortestCard && is_issued_card(number) && passes_luhn(number) &&
         is_grouped_as_card(text);
}

// Part of a decimal number.
bool is_fraction(std::string_view text, const Extent& number) {
  if (number.begin > 0 && text[number.begin - 1] == '.') return true;
  return number.end + 1 < text.size() && text[number.end] == '.' && is_digit(text[number.end + 1]);
}

// ISO 7064, MOD 97-10: the first four characters go to the end, letters count from 10.
bool passes_mod_97(std::string_view compact) {
  unsigned rest = 0;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[(i + 4) % compact.size()];
    const unsigned value = is_digit(c) ? static_cast<unsigned>(c - '0')
                                       : static_cast<unsigned>((c & ~0x20) - 'A' + 10);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest == 1;
}

bool in_iban(char c) { return is_upper(c) || is_digit(c); }

// The IBAN of `size` characters that begins at `begin`; with `in_fours` its separators stand where
// print format has them. Where it ends, or npos.
std::size_t iban_end(std::string_view text, std::size_t begin, std::size_t size, bool in_fours) {
  std::array<char, kLongestIban> compact{};
  std::size_t taken = 0, end = begin;
  for (; end < text.size() && taken < size; ++end) {
    if (in_iban(text[end])) {
      compact[taken++] = text[end];
    } else if (!joins_digits(text[end]) || taken == 0 || !in_iban(text[end - 1]) ||
               (in_fours && taken % 4 != 0)) {
      break;
    }
  }
  if (taken != size || !stands_alone(text, begin, end)) return std::string_view::npos;
  return passes_mod_97({compact.data(), size}) ? end : std::string_view::npos;
}

// The end of the IBAN of a country that is not in the registry: all that belongs together.
std::size_t unknown_iban_end(std::string_view text, std::size_t begin) {
  std::size_t size = 0, digits = 0, end = begin;
  for (; end < text.size() && size <= kLongestIban; ++end) {
    if (in_iban(text[end])) {
      ++size;
      digits += is_digit(text[end]);
    } else if (!joins_digits(text[end]) || size % 4 != 0 || end + 1 == text.size() ||
               !in_iban(text[end + 1])) {
      break;
    }
  }
  // Words in capitals have few digits.
  if (size < kShortestIban || size > kLongestIban || digits * 2 < size)
    return std::string_view::npos;
  return iban_end(text, begin, size, true);
}

// The end of the IBAN that begins at `begin`, behind which there are 15 characters; or npos.
std::size_t iban_at(std::string_view text, std::size_t begin) {
  if (!is_upper(text[begin]) || !is_upper(text[begin + 1]) ||
      (begin > 0 && is_word(text[begin - 1]))) {
    return std::string_view::npos;
  }
  const std::size_t digits = begin + (joins_digits(text[begin + 2]) ? 3 : 2);
  if (!is_digit(text[digits]) || !is_digit(text[digits + 1])) return std::string_view::npos;
  const IbanCountry* country = find_iban_country(text.substr(begin, 2));
  return country != nullptr ? iban_end(text, begin, country->size, false)
                            : unknown_iban_end(text, begin);
}

}  // namespace

Extent find_card(std::string_view text, std::size_t hit_end) {
  // 19 digits in groups of four have four separators between them.
  constexpr std::size_t kMost = kLongestCard + 4;
  const auto taken = [&](std::size_t at) {
    return is_digit(text[at]) || (joins_digits(text[at]) && at > 0 && at + 1 < text.size() &&
                                  is_digit(text[at - 1]) && is_digit(text[at + 1]));
  };
  std::size_t begin = hit_end, end = hit_end;
  while (begin > 0 && hit_end - begin < kMost && taken(begin - 1)) --begin;
  while (end < text.size() && end - hit_end < kMost && taken(end)) ++end;
  std::array<Group, 2 * kMost> groups;
  std::size_t count = 0, digits = 0, examined = end;
  for (std::size_t at = begin; at < end;) {
    Group group{at, at};
    while (group.end < end && is_digit(text[group.end])) ++group.end;
    // All hits in one group are asked the same; its end may lie further on.
    if (group.begin < hit_end && hit_end <= group.end && group.end < end) examined = group.end;
    digits += group.end - group.begin;
    group.digits_before = digits - (group.end - group.begin);
    groups[count++] = group;
    at = group.end + 1;
  }
  // The number may have other numbers beside it, such as the month in which it expires.
  for (std::size_t first = 0; first < count && groups[first].begin < hit_end; ++first) {
    for (std::size_t last = count; last > first && groups[last - 1].end >= hit_end; --last) {
      const Extent number{groups[first].begin, groups[last - 1].end, groups[last - 1].end};
      const std::size_t size = groups[last - 1].digits_before + groups[last - 1].end -
                               groups[last - 1].begin - groups[first].digits_before;
      if (size < kShortestCard) break;
      if (size > kLongestCard) continue;
      if (is_card(text.substr(number.begin, number.end - number.begin)) &&
          stands_alone(text, number.begin, number.end) && !is_fraction(text, number)) {
        return number;
      }
    }
  }
  return nothing(examined);
}

Extent find_iban(std::string_view text, std::size_t hit_end) {
  // The hit holds the country, the check digits and eleven characters more.
  std::size_t begin = hit_end, taken = 0;
  while (begin > 0 && taken < kShortestIban) {
    --begin;
    if (in_iban(text[begin])) {
      ++taken;
    } else if (!joins_digits(text[begin]) || taken == 0 || !in_iban(text[begin + 1])) {
      return nothing(hit_end);
    }
  }
  if (taken < kShortestIban) return nothing(hit_end);
  const std::size_t end = iban_at(text, begin);
  if (end == std::string_view::npos) return nothing(hit_end);
  return {begin, end, end};
}

bool is_iban(std::string_view text) {
  return text.size() >= kShortestIban && iban_at(text, 0) == text.size();
}

}  // namespace ship
