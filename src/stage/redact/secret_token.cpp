#include <algorithm>
#include <string_view>

#include "stage/redact/characters.hpp"
#include "stage/redact/placeholder.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

// The run of bytes around the one before `hit_end` for which `belongs` holds.
template <class Belongs>
Extent around(std::string_view text, std::size_t hit_end, Belongs belongs) {
  Extent extent;
  extent.begin = hit_end;
  extent.end = hit_end;
  while (extent.begin > 0 && belongs(text[extent.begin - 1])) --extent.begin;
  while (extent.end < text.size() && belongs(text[extent.end])) ++extent.end;
  extent.examined_end = extent.end;
  return extent;
}

}  // namespace

bool looks_random(std::string_view value, std::size_t least) {
  if (value.size() < least) return false;
  std::size_t digits = 0, uppers = 0, lowers = 0;
  for (const char c : value) {
    digits += is_digit(c);
    uppers += is_upper(c);
    lowers += is_lower(c);
  }
  if (digits == value.size()) return false;
  if (digits > 0 && uppers + lowers > 0) return true;
  return uppers > 1 && lowers > 1 && value.size() >= 16;
}

Extent find_token(std::string_view text, std::size_t hit_end) {
  return around(text, hit_end, is_token);
}

Extent find_random_token(std::string_view text, std::size_t hit_end) {
  const Extent extent = around(text, hit_end, is_token);
  const std::string_view token = piece(text, extent.begin, extent.end);
  return std::any_of(token.begin(), token.end(), is_digit) ? extent : nothing(extent.end);
}

Extent find_base64_token(std::string_view text, std::size_t hit_end) {
  Extent extent = around(text, hit_end, is_token68);
  // The token may begin before the hit, but not before an `=`, which may end a name.
  const std::string_view before = piece(text, extent.begin, hit_end);
  const std::size_t border =
      before.substr(0, before.size() - std::min<std::size_t>(before.size(), 4)).find_last_of("=");
  if (border != std::string_view::npos) extent.begin += border + 1;
  return extent;
}

Extent find_telegram_token(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kSize = 35, kLeastNumber = 8, kMostNumber = 10;
  const std::size_t colon = text.substr(0, hit_end).rfind(':');
  if (colon == std::string_view::npos || hit_end - colon - 1 > kSize) return nothing(hit_end);
  std::size_t begin = colon, end = colon + 1;
  while (begin > 0 && colon - begin <= kMostNumber && is_digit(text[begin - 1])) --begin;
  while (end < text.size() && end - colon <= kSize + 1 && is_token(text[end])) ++end;
  const std::size_t digits = colon - begin;
  if (digits < kLeastNumber || digits > kMostNumber || end - colon - 1 != kSize ||
      !looks_random(piece(text, colon + 1, end), kSize)) {
    return nothing(hit_end);
  }
  return {begin, end, end};
}

Extent find_dsn_password(std::string_view text, std::size_t hit_end) {
  constexpr std::size_t kMost = 256;
  const std::size_t at = text.substr(0, hit_end).rfind('@');
  if (at == std::string_view::npos) return nothing(hit_end);
  std::size_t begin = at;
  while (begin > 0 && at - begin < kMost && text[begin - 1] != ':' && !is_space(text[begin - 1]))
    --begin;
  const std::string_view password = piece(text, begin, at);
  if (begin < 2 || text[begin - 1] != ':' || password.empty() || is_placeholder(password))
    return nothing(hit_end);
  return {begin, at, hit_end};
}

Extent find_dotted_token(std::string_view text, std::size_t hit_end) {
  Extent extent = around(text, hit_end, is_dotted_token);
  while (extent.end > hit_end && text[extent.end - 1] == '.') --extent.end;
  while (extent.begin < hit_end && text[extent.begin] == '.') ++extent.begin;
  return extent;
}

Extent find_scheme_token(std::string_view text, std::size_t hit_end) {
  Extent extent = around(text, hit_end, is_token68);
  if (extent.begin == 0 || !is_space(text[extent.begin - 1])) return nothing(extent.end);
  if (!looks_random(piece(text, extent.begin, extent.end), 8)) return nothing(extent.end);
  return extent;
}

Extent find_query_value(std::string_view text, std::size_t hit_end) {
  const auto belongs = [](char c) {
    return is_dotted_token(c) || c == '%' || c == '+' || c == '/';
  };
  Extent extent = around(text, hit_end, belongs);
  while (extent.end < text.size() && text[extent.end] == '=') ++extent.end;
  if (extent.begin == 0 || text[extent.begin - 1] != '=') return nothing(extent.end);
  return extent;
}

Extent find_header(std::string_view text, std::size_t hit_end) {
  const std::size_t begin = hit_end - 1;
  if (begin < 2) return nothing(hit_end);
  const char quote = text[begin - 1] == '"' || text[begin - 1] == '\'' ? text[begin - 1] : '\n';
  std::size_t end = begin;
  while (end < text.size() && text[end] != '\n' && text[end] != '\r' && text[end] != quote) ++end;
  const std::string_view value = piece(text, begin, end);
  if (is_placeholder(value) || value.find('=') == std::string_view::npos) return nothing(end);
  return {begin, end, end};
}

Extent find_private_key(std::string_view text, std::size_t hit_end) {
  const std::size_t lowest = hit_end > 64 ? hit_end - 64 : 0;
  const std::size_t begin = text.substr(0, hit_end).rfind("-----BEGIN");
  if (begin == std::string_view::npos || begin < lowest) return nothing(hit_end);
  const std::string_view window = text.substr(0, std::min(text.size(), hit_end + kMaxSecret));
  const std::size_t footer = window.find("-----END", hit_end);
  if (footer != std::string_view::npos) {
    const std::size_t dashes = window.find("-----", footer + 8);
    const std::size_t end = dashes == std::string_view::npos ? window.size() : dashes + 5;
    return {begin, end, end};
  }
  // The key was cut off: take as much as looks like a key.
  std::size_t end = hit_end;
  const auto belongs = [](char c) {
    return is_token68(c) || is_space(c) || c == '\\' || c == ':' || c == ',';
  };
  while (end < text.size() && belongs(text[end])) ++end;
  return {begin, end, end};
}

Extent find_putty_key(std::string_view text, std::size_t hit_end) {
  const std::size_t begin = text.substr(0, hit_end).rfind("PuTTY-User-Key-File-");
  if (begin == std::string_view::npos || hit_end - begin > 64) return nothing(hit_end);
  const std::string_view window = text.substr(0, std::min(text.size(), hit_end + kMaxSecret));
  const std::size_t footer = window.find("Private-MAC:", hit_end);
  const std::size_t end = window.find('\n', std::min(footer, window.size()));
  return {begin, std::min(end, window.size()), std::min(end, window.size())};
}

Extent find_url_userinfo(std::string_view text, std::size_t hit_end) {
  const std::size_t at = hit_end - 1;
  const std::size_t lowest = at > kMaxSecret ? at - kMaxSecret : 0;
  std::size_t begin = at;
  while (begin > lowest && !is_space(text[begin - 1]) &&
         !(begin >= 3 && text.substr(begin - 3, 3) == "://")) {
    --begin;
  }
  if (begin < 3 || text.substr(begin - 3, 3) != "://") return nothing(hit_end);
  // A password may hold an @: the last one counts.
  const std::size_t behind =
      std::min(text.find_first_of("/?#\"'<>\\ \t\n\r\v\f", hit_end), text.size());
  const std::size_t end = text.substr(0, behind).rfind('@');
  if (end == std::string_view::npos || end < at) return nothing(hit_end);
  const std::string_view userinfo = piece(text, begin, end);
  if (userinfo.empty() || is_placeholder(userinfo)) return nothing(behind);
  // A name alone is not a secret, unless a token takes its place.
  const std::size_t colon = userinfo.find(':');
  if (colon == std::string_view::npos && !looks_random(userinfo, 16)) return nothing(behind);
  if (colon != std::string_view::npos && colon + 1 < userinfo.size() &&
      is_placeholder(userinfo.substr(colon + 1))) {
    return nothing(behind);
  }
  return {begin, end, behind};
}

}  // namespace ship
