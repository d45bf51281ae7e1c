#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "stage/redact/characters.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

bool is_loopback_or_none(std::uint32_t address) {
  return address >> 24 == 127 || address == 0 || address == 0xFFFFFFFFu;
}

// Whether a number that looks like an address is a version, judging by what precedes it:
// "v1.2.3.4", "Chrome/1.2.3.4".
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

}  // namespace

Extent find_ssn(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kSize = 11;
  if (hit_end < kSize) return nothing(hit_end);
  const std::size_t begin = hit_end - kSize;
  const std::string_view number = text.substr(begin, kSize);
  if (!stands_alone(text, begin, hit_end)) return nothing(hit_end);
  for (const std::size_t border : {begin - 1, hit_end}) {
    // Unsigned: a position before the text wraps to one after its end.
    if (border < text.size() && (text[border] == '-' || text[border] == '.'))
      return nothing(hit_end);
  }
  const std::string_view area = number.substr(0, 3);
  const bool given_out = area != "000" && area != "666" && area.front() != '9' &&
                         number.substr(4, 2) != "00" && number.substr(7) != "0000" &&
                         number[3] == '-' && number[6] == '-';
  return given_out ? Extent{begin, hit_end, hit_end} : nothing(hit_end);
}

Extent find_ipv4(std::string_view text, std::size_t hit_end) {
  const auto dotted = [](char c) { return is_digit(c) || c == '.'; };
  std::size_t begin = hit_end, end = hit_end;
  while (begin > 0 && dotted(text[begin - 1])) --begin;
  while (end < text.size() && dotted(text[end])) ++end;
  const std::size_t examined = end;
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

Extent find_ipv6(std::string_view text, std::size_t hit_end) {
  const auto belongs = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
  std::size_t begin = hit_end, end = hit_end;
  while (begin > 0 && belongs(text[begin - 1])) --begin;
  while (end < text.size() && belongs(text[end])) ++end;
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
  // "ada::cafe" is a name in a program; addresses have digits.
  const std::string_view found = text.substr(begin, end - begin);
  if (std::none_of(found.begin(), found.end(), is_digit)) return nothing(examined);
  // The first 16 bits of routed, local or mapped addresses (RFC 4291).
  const unsigned first = static_cast<unsigned>(parsed.s6_addr[0]);
  const bool used = first == 0 || (first >= 0x20 && first < 0x40) || first >= 0xFC;
  return used ? Extent{begin, end, examined} : nothing(examined);
}

Extent find_nino(std::string_view text, std::size_t hit_end) {
  // Two letters, six digits in pairs, a letter; spaces are allowed in between.
  std::array<char, 9> compact{};
  std::size_t size = compact.size(), begin = hit_end;
  while (begin > 0 && size > 0) {
    const char c = text[begin - 1];
    if (c == ' ' && size < compact.size() && size % 2 == 0) {
      --begin;
      continue;
    }
    if (!is_upper(c) && !is_digit(c)) break;
    compact[--size] = c;
    --begin;
  }
  if (size > 0 || !stands_alone(text, begin, hit_end)) return nothing(hit_end);
  // HMRC, NIM39110: letters and pairs that are not in use.
  const std::string_view prefix(compact.data(), 2);
  for (const std::string_view never : {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}) {
    if (prefix == never) return nothing(hit_end);
  }
  if (prefix.find_first_of("DFIQUV") != std::string_view::npos || prefix[1] == 'O')
    return nothing(hit_end);
  return {begin, hit_end, hit_end};
}

Extent find_nhs_number(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kSize = 12;
  if (hit_end < kSize) return nothing(hit_end);
  const std::size_t begin = hit_end - kSize;
  const std::string_view number = text.substr(begin, kSize);
  if (number[3] != number[7] || !stands_alone(text, begin, hit_end)) return nothing(hit_end);
  unsigned sum = 0, weight = 10;
  for (const char c : number.substr(0, kSize - 1)) {
    if (is_digit(c)) sum += static_cast<unsigned>(c - '0') * weight--;
  }
  const unsigned check = (11 - sum % 11) % 11;
  return check == static_cast<unsigned>(number.back() - '0') ? Extent{begin, hit_end, hit_end}
                                                             : nothing(hit_end);
}

}  // namespace ship
