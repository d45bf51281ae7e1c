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

// Digits with nothing between them.
struct Group {
  std::size_t begin;
  std::size_t end;

  std::size_t size() const { return end - begin; }
};

// The groups around the group of a hit, with one separator between each two; `before` counts the
// digits before each.
struct Row {
  static constexpr std::size_t kOwn = kLongestCard;
  std::array<Group, 2 * kLongestCard + 1> groups;
  std::array<std::size_t, 2 * kLongestCard + 2> before;
  std::size_t first = kOwn;
  std::size_t last = kOwn + 1;
};

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}
// Looks no further than one digit more than a card may have.
std::size_t digits_begin(std::string_view text, std::size_t at) {
  const std::size_t lowest = at > kLongestCard ? at - kLongestCard - 1 : 0;
  while (at > lowest && is_digit(text[at - 1])) --at;
  return at;
}

// Collects all groups that may be in one card with the group `own`.
void collect_row(std::string_view text, const Group& own, Row& row) {
  row.groups[Row::kOwn] = own;
  for (std::size_t left = kLongestCard - own.size();;) {
    const std::size_t end = row.groups[row.first].begin - 1;
    if (row.groups[row.first].begin < 2 || !joins_digits(text[end]) || !is_digit(text[end - 1]))
      break;
    const Group group{digits_begin(text, end), end};
    if (group.size() > left) break;
    left -= group.size();
    row.groups[--row.first] = group;
  }
  for (std::size_t left = kLongestCard - own.size();;) {
    const std::size_t begin = row.groups[row.last - 1].end + 1;
    if (begin >= text.size() || !joins_digits(text[begin - 1]) || !is_digit(text[begin])) break;
    const Group group{begin, digits_end(text.substr(0, begin + left + 1), begin)};
    if (group.size() > left) break;
    left -= group.size();
    row.groups[row.last++] = group;
  }
  row.before[row.first] = 0;
  for (std::size_t i = row.first; i < row.last; ++i)
    row.before[i + 1] = row.before[i] + row.groups[i].size();
}

// Whether a number is written without separators, or in groups of the usual sizes with the same
// separator throughout.
bool is_grouped_as_card(std::string_view text, const Group* first, const Group* last) {
  if (first == last) return true;
  if (last - first < 2 || last->size() < 2 || last->size() > 5) return false;
  for (const Group* group = first; group != last; ++group) {
    if (group->size() != 4 && !(group == first + 1 && group->size() == 6)) return false;
    if (text[group->end] != text[first->end]) return false;
  }
  return true;
}

bool is_card(std::string_view text, const Group* first, const Group* last) {
  if (!is_grouped_as_card(text, first, last)) return false;
  std::array<char, kLongestCard> digits{};
  std::size_t taken = 0;
  for (const Group* group = first; group <= last; ++group) {
    for (std::size_t at = group->begin; at < group->end; ++at) digits[taken++] = text[at];
  }
  const std::string_view number(digits.data(), taken);
  return is_issued_card(number) && passes_luhn(number);
}

// Whether it is part of a decimal number.
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

// The IBAN of `size` characters that begins at `begin`; with `in_fours` its separators are where
// the print format has them. Returns where it ends, or npos.
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

// The end of the IBAN of a country that is not in the registry: everything that belongs together.
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

// The end of the IBAN that begins at `begin`, which 15 characters follow; or npos.
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
  const Group own{digits_begin(text, hit_end), digits_end(text, hit_end)};
  // All hits in one group get the same answer.
  if (own.size() == 0 || own.size() > kLongestCard) return nothing(std::max(own.end, hit_end));
  Row row;
  collect_row(text, own, row);
  // The number may have other numbers next to it, such as its expiry month. If there are fewer than
  // a card's digits before the end of this group, a later hit decides.
  for (std::size_t first = row.first; first <= Row::kOwn; ++first) {
    if (row.before[Row::kOwn + 1] - row.before[first] < kShortestCard) break;
    // If there are several groups, the first one has four digits.
    if (row.groups[first].size() < 4) continue;
    const std::uint32_t sizes = card_sizes(text.substr(row.groups[first].begin, 2));
    if (sizes == 0) continue;
    for (std::size_t last = row.last; last > Row::kOwn; --last) {
      const std::size_t size = row.before[last] - row.before[first];
      if (size > kLongestCard || (sizes >> size & 1) == 0) continue;
      const Extent number{row.groups[first].begin, row.groups[last - 1].end,
                          row.groups[last - 1].end};
      if (is_card(text, &row.groups[first], &row.groups[last - 1]) &&
          stands_alone(text, number.begin, number.end) && !is_fraction(text, number)) {
        return number;
      }
    }
  }
  return nothing(own.end);
}

Extent find_iban(std::string_view text, std::size_t hit_end) {
  // The hit holds the country, the check digits and eleven more characters.
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
