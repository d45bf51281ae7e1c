#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

Extent nothing(std::size_t examined_end) { return {0, 0, examined_end}; }

// Whether the letter or digit at a border of a number belongs to something larger.
bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin > 0 && (is_word(text[begin - 1]) || (text[begin - 1] & 0x80) != 0)) return false;
  if (end < text.size() && (is_word(text[end]) || (text[end] & 0x80) != 0)) return false;
  return true;
}

// Digits with at most one separator between two of them, around the byte before `hit_end`.
struct Digits {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::array<char, 64> digits;  ///< the first of them
  std::size_t size = 0;
};

template <class IsSeparator>
Digits digits_around(std::string_view text, std::size_t hit_end, IsSeparator is_separator) {
  constexpr std::size_t kMost = 64;
  Digits found;
  found.begin = hit_end;
  const auto taken = [&](std::size_t at) {
    return is_digit(text[at]) || (is_separator(text[at]) && at > 0 && at + 1 < text.size() &&
                                  is_digit(text[at - 1]) && is_digit(text[at + 1]));
  };
  while (found.begin > 0 && hit_end - found.begin < kMost && taken(found.begin - 1)) --found.begin;
  found.end = hit_end;
  while (found.end < text.size() && found.end - hit_end < kMost && taken(found.end)) ++found.end;
  for (std::size_t i = found.begin; i < found.end; ++i) {
    if (is_digit(text[i]) && found.size < found.digits.size()) found.digits[found.size++] = text[i];
  }
  return found;
}

// Luhn's checksum (ISO/IEC 7812-1, annex B).
bool passes_luhn(const Digits& number) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < number.size; ++i) {
    unsigned digit = static_cast<unsigned>(number.digits[number.size - 1 - i] - '0');
    if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return sum % 10 == 0;
}

unsigned leading(const Digits& number, std::size_t count) {
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = value * 10 + static_cast<unsigned>(number.digits[i] - '0');
  return value;
}

// The first digits that issuers were given (ISO/IEC 7812), with the lengths that they use.
bool is_issued(const Digits& number) {
  if (number.size < 13 || number.size > 19) return false;
  const unsigned one = leading(number, 1), two = leading(number, 2), three = leading(number, 3),
                 four = leading(number, 4);
  if (one == 4) return number.size == 13 || number.size == 16 || number.size == 19;
  if (two == 34 || two == 37) return number.size == 15;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return number.size == 16;
  if (four == 6011 || two == 65 || (three >= 644 && three <= 649) || two == 62)
    return number.size >= 16;
  if (two == 35) return number.size >= 16;
  if (two == 36 || two == 38 || two == 39 || (three >= 300 && three <= 305))
    return number.size == 14;
  return false;
}

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

struct IbanLength {
  char country[3];
  std::uint8_t size;
};
// The IBAN registry (SWIFT), by country.
constexpr std::array<IbanLength, 60> kIbanLengths = {
    {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
     {"BH", 22}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
     {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27},
     {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28},
     {"IE", 22}, {"IL", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28},
     {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19},
     {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PT", 25}, {"RO", 24}, {"RS", 22},
     {"SA", 24}, {"SE", 24}, {"SI", 19}, {"TR", 26}}};

bool is_loopback_or_none(std::uint32_t address) {
  return address >> 24 == 127 || address == 0 || address == 0xFFFFFFFFu;
}

// What stands before a number that has the form of an address and is a version: "v1.2.3.4",
// "Chrome/1.2.3.4".
bool is_version_at(std::string_view text, std::size_t begin) {
  if (begin == 0) return false;
  const char before = text[begin - 1];
  if (before == '/') return begin > 1 && is_word(text[begin - 2]);
  if (is_word(before) || before == '-' || before == '.') return true;
  std::size_t end = begin;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '=' || text[end - 1] == ':' ||
                     text[end - 1] == '"' || text[end - 1] == '\'')) {
    --end;
  }
  const std::string_view window = text.substr(end > 8 ? end - 8 : 0, std::min<std::size_t>(end, 8));
  for (const std::string_view word : {"version", "Version", "VERSION", "release", "ver"}) {
    if (window.ends_with(word)) return true;
  }
  return false;
}

Extent find_ipv6(std::string_view text, std::size_t hit_end) {
  const auto belongs = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
  std::size_t begin = hit_end, end = hit_end;
  while (begin > 0 && hit_end - begin < 48 && belongs(text[begin - 1])) --begin;
  while (end < text.size() && end - hit_end < 48 && belongs(text[end])) ++end;
  const std::size_t examined = end;
  while (end > begin && (text[end - 1] == '.' || (text[end - 1] == ':' && text[end - 2] != ':')))
    --end;
  if (end - begin < 3 || end - begin >= INET6_ADDRSTRLEN || !stands_alone(text, begin, end)) {
    return nothing(examined);
  }
  char address[INET6_ADDRSTRLEN];
  std::memcpy(address, text.data() + begin, end - begin);
  address[end - begin] = 0;
  in6_addr parsed{};
  if (::inet_pton(AF_INET6, address, &parsed) != 1) return nothing(examined);
  if (IN6_IS_ADDR_LOOPBACK(&parsed) || IN6_IS_ADDR_UNSPECIFIED(&parsed)) return nothing(examined);
  // "ada::cafe" names something in a program; addresses have digits.
  const std::string_view found = text.substr(begin, end - begin);
  if (std::none_of(found.begin(), found.end(), is_digit)) return nothing(examined);
  // The first 16 bits of those that are routed, local or mapped (RFC 4291).
  const unsigned first = static_cast<unsigned>(parsed.s6_addr[0]);
  const bool used = first == 0 || (first >= 0x20 && first < 0x40) || first >= 0xFC;
  return used ? Extent{begin, end, examined} : nothing(examined);
}

}  // namespace

Extent find_card(std::string_view text, std::size_t hit_end) {
  const Digits number = digits_around(text, hit_end, [](char c) { return c == ' ' || c == '-'; });
  if (number.end - number.begin > 32 || !is_issued(number) || !passes_luhn(number) ||
      !stands_alone(text, number.begin, number.end) ||
      !is_grouped_as_card(text.substr(number.begin, number.end - number.begin))) {
    return nothing(number.end);
  }
  // Part of a decimal number or of a longer list of numbers.
  if (number.begin > 0 && text[number.begin - 1] == '.') return nothing(number.end);
  if (number.end + 1 < text.size() && text[number.end] == '.' && is_digit(text[number.end + 1])) {
    return nothing(number.end);
  }
  return {number.begin, number.end, number.end};
}

Extent find_ssn(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kSize = 11;
  if (hit_end < kSize) return nothing(hit_end);
  const std::size_t begin = hit_end - kSize;
  const std::string_view number = text.substr(begin, kSize);
  if (!stands_alone(text, begin, hit_end)) return nothing(hit_end);
  for (const std::size_t border : {begin - 1, hit_end}) {
    // Unsigned: in front of the text is behind its end.
    if (border < text.size() && (text[border] == '-' || text[border] == '.'))
      return nothing(hit_end);
  }
  const std::string_view area = number.substr(0, 3);
  const bool given_out = area != "000" && area != "666" && area.front() != '9' &&
                         number.substr(4, 2) != "00" && number.substr(7) != "0000" &&
                         number[3] == '-' && number[6] == '-';
  return given_out ? Extent{begin, hit_end, hit_end} : nothing(hit_end);
}

Extent find_phone(std::string_view text, std::size_t hit_end) {
  const auto joins = [](char c) {
    return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
  };
  constexpr std::size_t kMost = 32;
  const auto taken = [&](std::size_t at) { return is_digit(text[at]) || joins(text[at]); };
  std::size_t begin = hit_end;
  while (begin > 0 && hit_end - begin < kMost && taken(begin - 1)) --begin;
  const bool plus = begin > 0 && text[begin - 1] == '+';
  std::size_t end = hit_end;
  while (end < text.size() && end - hit_end < kMost && taken(end)) ++end;
  const std::size_t examined = end;
  while (end > begin && !is_digit(text[end - 1])) --end;
  while (begin < end && !is_digit(text[begin]) && text[begin] != '(') ++begin;
  std::size_t digits = 0;
  bool joined = false, twice = false;
  for (std::size_t i = begin; i < end; ++i) {
    digits += is_digit(text[i]);
    joined = joined || joins(text[i]);
    twice = twice || (i > begin && joins(text[i]) && joins(text[i - 1]) &&
                      !(text[i] == '(' || text[i - 1] == ')'));
  }
  if (twice || !stands_alone(text, begin, end)) return nothing(examined);
  if (plus) {
    // ITU-T E.164: up to 15 digits; no country code begins with 0.
    if (digits < 8 || digits > 15 || text[begin] == '0') return nothing(examined);
    if (begin > 1 && is_word(text[begin - 2])) return nothing(examined);
    return {begin - 1, end, examined};
  }
  // North American: area code and exchange do not begin with 0 or 1.
  const std::string_view number = text.substr(begin, end - begin);
  std::array<char, 11> plain{};
  if (!joined || (digits != 10 && digits != 11)) return nothing(examined);
  std::size_t size = 0;
  std::size_t groups = 1;
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (is_digit(number[i])) {
      plain[size++] = number[i];
      if (i > 0 && !is_digit(number[i - 1]) && size > 1) ++groups;
    }
  }
  const std::size_t skip = digits == 11 ? 1 : 0;
  if (skip == 1 && plain[0] != '1') return nothing(examined);
  if (plain[skip] < '2' || plain[skip + 3] < '2' || groups != 3 + skip) return nothing(examined);
  if (end - 5 < begin || is_digit(text[end - 5])) return nothing(examined);
  const bool bordered = (begin > 0 && (text[begin - 1] == '-' || text[begin - 1] == '.')) ||
                        (end < text.size() && text[end] == '-');
  return bordered ? nothing(examined) : Extent{begin, end, examined};
}

Extent find_iban(std::string_view text, std::size_t hit_end) {
  // The hit holds the country, the check digits and more; groups of four may have a blank between
  // them.
  std::size_t begin = hit_end;
  const auto taken = [&](std::size_t at) {
    return is_upper(text[at]) || is_digit(text[at]) || text[at] == ' ';
  };
  while (begin > 0 && hit_end - begin < 48 && taken(begin - 1)) --begin;
  for (; begin + 4 <= hit_end; ++begin) {
    if (!is_upper(text[begin]) || !is_upper(text[begin + 1]) || !is_digit(text[begin + 2]) ||
        !is_digit(text[begin + 3]) || (begin > 0 && is_word(text[begin - 1]))) {
      continue;
    }
    const auto known =
        std::find_if(kIbanLengths.begin(), kIbanLengths.end(), [&](const IbanLength& row) {
          return text.substr(begin, 2) == std::string_view(row.country, 2);
        });
    if (known == kIbanLengths.end()) continue;
    std::array<char, 34> compact{};
    std::size_t size = 0;
    std::size_t end = begin;
    while (end < text.size() && taken(end) && size < known->size) {
      if (text[end] != ' ') {
        compact[size++] = text[end];
      } else if (size % 4 != 0) {
        break;
      }
      ++end;
    }
    if (size != known->size || (end < text.size() && is_word(text[end]))) continue;
    // ISO 7064, MOD 97-10: the first four characters go to the end, letters count from 10.
    unsigned rest = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const char c = compact[(i + 4) % size];
      const unsigned value =
          is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A' + 10);
      rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    if (rest == 1) return {begin, end, end};
  }
  return nothing(hit_end);
}

Extent find_ip(std::string_view text, std::size_t hit_end) {
  const auto dotted = [&](std::size_t at) { return is_digit(text[at]) || text[at] == '.'; };
  std::size_t begin = hit_end, end = hit_end;
  while (begin > 0 && hit_end - begin < 16 && dotted(begin - 1)) --begin;
  if (begin > 0 && (is_hex(text[begin - 1]) || text[begin - 1] == ':') &&
      text.substr(begin > 24 ? begin - 24 : 0, std::min<std::size_t>(begin, 24)).find(':') !=
          std::string_view::npos) {
    const Extent six = find_ipv6(text, hit_end);
    if (six.found()) return six;
  }
  while (end < text.size() && end - hit_end < 16 && dotted(end)) ++end;
  const std::size_t examined = end;
  if (end < text.size() && text[end] == ':') {
    const Extent six = find_ipv6(text, hit_end);
    if (six.found()) return six;
  }
  while (end > begin && text[end - 1] == '.') --end;
  std::array<char, 16> address{};
  if (end - begin < 7 || end - begin >= address.size() || !stands_alone(text, begin, end) ||
      is_version_at(text, begin)) {
    return nothing(examined);
  }
  std::memcpy(address.data(), text.data() + begin, end - begin);
  in_addr parsed{};
  if (::inet_pton(AF_INET, address.data(), &parsed) != 1) return nothing(examined);
  if (is_loopback_or_none(ntohl(parsed.s_addr))) return nothing(examined);
  return {begin, end, examined};
}

Extent find_email(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kMost = 256;
  const std::size_t at = text.substr(0, hit_end).rfind('@');
  if (at == std::string_view::npos || hit_end - at > kMost) return nothing(hit_end);
  const auto in_local = [](char c) {
    return is_word(c) || c == '.' || c == '+' || c == '-' || c == '%' || c == '\'' ||
           (c & 0x80) != 0;
  };
  std::size_t begin = at;
  while (begin > 0 && at - begin < kMost && in_local(text[begin - 1])) --begin;
  while (begin < at && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '-')) ++begin;
  std::size_t end = at + 1;
  while (end < text.size() && end - at < kMost &&
         (is_letter(text[end]) || is_digit(text[end]) || text[end] == '-' || text[end] == '.' ||
          (text[end] & 0x80) != 0)) {
    ++end;
  }
  const std::size_t examined = end;
  while (end > at && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const std::string_view domain = text.substr(at + 1, end - at - 1);
  const std::size_t dot = domain.rfind('.');
  if (begin == at || dot == std::string_view::npos || dot == 0) return nothing(examined);
  const std::string_view top = domain.substr(dot + 1);
  if (top.size() < 2 || !std::all_of(top.begin(), top.end(),
                                     [](char c) { return is_letter(c) || (c & 0x80) != 0; })) {
    return nothing(examined);
  }
  // File names ("icon@2x.png") and versions ("pkg@1.2.3.beta").
  static constexpr std::array<std::string_view, 24> kExtensions = {
      "png",     "jpg",    "jpeg",  "gif",    "svg",   "webp",  "js",    "css",
      "ts",      "html",   "json",  "py",     "so",    "rc",    "beta",  "alpha",
      "service", "socket", "timer", "target", "mount", "slice", "scope", "device"};
  if (std::find(kExtensions.begin(), kExtensions.end(), top) != kExtensions.end())
    return nothing(examined);
  const std::string_view label = domain.substr(0, domain.find('.'));
  if (std::all_of(label.begin(), label.end(), is_digit) && domain.find('.') != dot)
    return nothing(examined);
  // scp's form, "git@host:path", names no person.
  if (text.substr(begin, at - begin) == "git") return nothing(examined);
  return {begin, end, examined};
}

}  // namespace ship
