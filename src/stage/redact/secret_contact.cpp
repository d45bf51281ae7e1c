#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "stage/redact/characters.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

// Suffixes of file names and units that follow an @, as in "icon@2x.png" and "getty@tty1.service".
// None of them is a top-level domain that accepts mail; .so, .py, .rs and .zip are.
constexpr std::array<std::string_view, 24> kNoDomains = {
    "png",   "jpg",     "jpeg",   "gif",   "svg",    "webp",  "js",    "css",
    "ts",    "html",    "json",   "jsx",   "tsx",    "scss",  "rc",    "beta",
    "alpha", "service", "socket", "timer", "target", "mount", "slice", "scope"};

bool is_domain_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || (c & 0x80) != 0;
}

// Whether mail could be sent to `domain`: names separated by dots, the last only letters, or the
// ASCII form of another script (RFC 5890).
bool is_mail_domain(std::string_view domain) {
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view top = domain.substr(dot + 1);
  if (top.size() < 2) return false;
  if (!top.starts_with("xn--") && !std::all_of(top.begin(), top.end(), [](char c) {
        return is_letter(c) || (c & 0x80) != 0;
      })) {
    return false;
  }
  if (std::find(kNoDomains.begin(), kNoDomains.end(), top) != kNoDomains.end()) return false;
  // A version, as in "pkg@1.2.3.final": more than one name consists only of digits.
  std::size_t numbers = 0;
  for (std::string_view left = domain; !left.empty();) {
    const std::string_view name = left.substr(0, left.find('.'));
    if (name.empty()) return false;
    numbers += std::all_of(name.begin(), name.end(), is_digit);
    left.remove_prefix(std::min(left.size(), name.size() + 1));
  }
  return numbers < 2;
}

}  // namespace

Extent find_email(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kMost = 256;
  constexpr std::string_view kEncoded = "%40";
  const bool encoded = text.substr(0, hit_end).ends_with(kEncoded);
  const std::size_t at = encoded ? hit_end - kEncoded.size() : text.substr(0, hit_end).rfind('@');
  if (at == std::string_view::npos || hit_end - at > kMost) return nothing(hit_end);
  const auto in_local = [](char c) {
    return is_word(c) || c == '.' || c == '+' || c == '-' || c == '%' || c == '\'' ||
           (c & 0x80) != 0;
  };
  std::size_t begin = at;
  while (begin > 0 && at - begin < kMost && in_local(text[begin - 1])) --begin;
  while (begin < at && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '-')) ++begin;
  const std::size_t domain = encoded ? hit_end : at + 1;
  std::size_t end = domain;
  while (end < text.size() && end - at < kMost && is_domain_character(text[end])) ++end;
  const std::size_t examined = end;
  while (end > at && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  if (begin == at || end < domain || !is_mail_domain(text.substr(domain, end - domain)))
    return nothing(examined);
  // scp's form, "git@host:path", does not name a person.
  if (text.substr(begin, at - begin) == "git") return nothing(examined);
  return {begin, end, examined};
}

bool is_email_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at + 1 == text.size()) return false;
  const Extent extent = find_email(text, at + 2);
  return extent.begin == 0 && extent.end == text.size() && extent.found();
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

}  // namespace ship
