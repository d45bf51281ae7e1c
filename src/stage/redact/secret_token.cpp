#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "stage/redact/characters.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

bool is_token(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
bool is_dotted_token(char c) { return is_token(c) || c == '.'; }
bool is_token68(char c) {
  return is_dotted_token(c) || c == '~' || c == '+' || c == '/' || c == '=';
}
bool is_closing(char c) {
  return c == ')' || c == ']' || c == '}' || c == '>' || c == '<' || c == '"' || c == '\'' ||
         c == '`';
}

std::string_view piece(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

// All around the byte before `hit_end` for which `belongs` holds.
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

// Whether `value` is one name, as in the brackets of a placeholder.
bool is_name(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return is_letter(c) || c == '_' || c == '-' || c == '.' || c == ':' || c == ' ' || c == '*';
  });
}

// Something that stands where a secret was: "***", "<redacted>", "[FILTERED]", "%s", "${PASSWORD}".
bool is_placeholder(std::string_view value) {
  const bool masked = std::all_of(value.begin(), value.end(), [](char c) {
    return c == '*' || c == 'x' || c == 'X' || c == '.' || c == '-' || c == '_' || c == '?' ||
           c == '#';
  });
  if (masked) return true;
  // What this stage and others leave of a secret: a mask and the end, a token.
  constexpr std::size_t kLongestEnd = 4;
  if (value.starts_with("***") && (value.size() <= 3 + kLongestEnd || value[3] == '@')) return true;
  constexpr std::size_t kTokenSize = 21;
  if (value.starts_with("hmac:") && value.size() == kTokenSize &&
      std::all_of(value.begin() + 5, value.end(), is_hex)) {
    return true;
  }
  const auto holds_name = [&](std::size_t opening, std::size_t closing) {
    return value.size() >= opening + closing &&
           is_name(value.substr(opening, value.size() - opening - closing));
  };
  const char last = value.back();
  switch (value.front()) {
    case '<':
      return last == '>' && holds_name(1, 1);
    case '[':
      return last == ']' && holds_name(1, 1);
    case '{':
      return last == '}' && (holds_name(1, 1) || (value.ends_with("}}") && holds_name(2, 2)));
    case '$':
      return value.size() > 1 && (value[1] == '{' || value[1] == '(') &&
             (last == '}' || last == ')') && holds_name(2, 1);
    case '%':
      return (value.size() == 2 && is_letter(value[1])) || value.starts_with("%(");
    default:
      return false;
  }
}

bool equals_lower(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (is_upper(a) ? static_cast<char>(a | 0x20) : a) == b;
         });
}

// Words that follow "password:" and the like in prose, and values that give nothing away.
bool is_plain_word(std::string_view value) {
  static constexpr std::array<std::string_view, 86> kWords = {
      "a",        "an",      "and",      "are",      "as",        "at",        "available",
      "be",       "blank",   "but",      "can",      "cannot",    "changed",   "check",
      "correct",  "could",   "created",  "deleted",  "denied",    "disabled",  "does",
      "empty",    "enabled", "enter",    "error",    "expired",   "failed",    "failure",
      "false",    "field",   "for",      "found",    "from",      "generated", "given",
      "has",      "hidden",  "in",       "include",  "incorrect", "invalid",   "is",
      "it",       "length",  "missing",  "mismatch", "must",      "never",     "new",
      "nil",      "no",      "none",     "not",      "null",      "of",        "off",
      "ok",       "on",      "omit",     "optional", "or",        "please",    "redacted",
      "rejected", "removed", "required", "reset",    "rotated",   "set",       "should",
      "success",  "the",     "to",       "too",      "true",      "undefined", "unknown",
      "unset",    "updated", "was",      "weak",     "will",      "with",      "wrong",
      "yes",      "your"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return equals_lower(value, word); });
}

// The value of an assignment that begins at `begin`, in quotes or not.
struct Assigned {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
  bool by_colon = false;  ///< `name: value`, as in prose, too
  bool valid = false;
};

Assigned assigned_at(std::string_view text, std::size_t begin) {
  Assigned value;
  value.begin = begin;
  char quote = 0;
  std::size_t before = begin;
  if (before > 0 && (text[before - 1] == '"' || text[before - 1] == '\'')) {
    quote = text[--before];
    while (before > 0 && text[before - 1] == '\\') --before;
  }
  while (before > 0 && is_space(text[before - 1])) --before;
  if (before < 2) return value;
  const char separator = text[before - 1];
  if (separator != '=' && separator != ':' && !(separator == '>' && text[before - 2] == '=')) {
    return value;
  }
  value.by_colon = separator == ':';
  value.quoted = quote != 0;

  std::size_t end = begin;
  if (quote != 0) {
    while (end < text.size() && text[end] != quote && text[end] != '\n') {
      end += text[end] == '\\' && end + 2 < text.size() && text[end + 1] != quote ? 2 : 1;
    }
    // An escaped quote ends the value of JSON that is text itself.
    if (end > begin && end < text.size() && text[end - 1] == '\\') --end;
  } else {
    while (end < text.size() && !is_space(text[end]) && !is_closing(text[end]) &&
           text[end] != ',' && text[end] != ';' && text[end] != '&' && text[end] != '\\') {
      ++end;
    }
    while (end > begin && (text[end - 1] == '.' || text[end - 1] == '!' || text[end - 1] == ':'))
      --end;
  }
  value.end = end;
  value.valid = end > begin;
  return value;
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
  // What stands in front belongs to it as far as it cannot end a name or a path's part.
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

Extent find_argument(std::string_view text, std::size_t hit_end) {
  const std::size_t begin = hit_end - 1;
  const std::size_t option = text.substr(0, begin).rfind("--");
  constexpr std::size_t kLongestOption = 64;
  if (option == std::string_view::npos || begin - option > kLongestOption) return nothing(hit_end);
  std::size_t end = begin;
  while (end < text.size() && !is_space(text[end]) && !is_closing(text[end]) && text[end] != ',' &&
         text[end] != '\\') {
    ++end;
  }
  const std::string_view value = piece(text, begin, end);
  if (value.empty() || is_placeholder(value) || is_plain_word(value)) return nothing(hit_end);
  return {begin, end, end};
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

Extent find_assigned(std::string_view text, std::size_t hit_end) {
  const Assigned value = assigned_at(text, hit_end - 1);
  if (!value.valid) return nothing(hit_end);
  const std::string_view secret = piece(text, value.begin, value.end);
  if (is_placeholder(secret) || is_plain_word(secret)) return nothing(value.end);
  // "pwd=/srv/app" is a working directory.
  if (secret.front() == '/' && secret.find('/', 1) != std::string_view::npos)
    return nothing(value.end);
  if (value.by_colon && !value.quoted) {
    // Prose: "password: the one that …". A single word at the end of its line is taken for a value.
    const bool odd =
        std::any_of(secret.begin(), secret.end(), [](char c) { return !is_letter(c); });
    const std::size_t behind = text.find_first_not_of(" \t", value.end);
    const bool last = behind == std::string_view::npos || text[behind] == '\n' ||
                      text[behind] == '\r' || text[behind] == ',' || text[behind] == ';' ||
                      is_closing(text[behind]);
    if (!odd && !last) return nothing(value.end);
  }
  return {value.begin, value.end, value.end};
}

Extent find_assigned_random(std::string_view text, std::size_t hit_end) {
  const Assigned value = assigned_at(text, hit_end - 1);
  if (!value.valid) return nothing(hit_end);
  const std::string_view secret = piece(text, value.begin, value.end);
  if (is_placeholder(secret) || !looks_random(secret, 8)) return nothing(value.end);
  return {value.begin, value.end, value.end};
}

Extent find_authorization(std::string_view text, std::size_t hit_end) {
  const Assigned value = assigned_at(text, hit_end - 1);
  if (!value.valid) return nothing(hit_end);
  const std::string_view scheme = piece(text, value.begin, value.end);
  static constexpr std::array<std::string_view, 8> kSchemes = {
      "basic", "bearer", "digest", "token", "negotiate", "apikey", "hawk", "aws4-hmac-sha256"};
  const auto known = std::find_if(kSchemes.begin(), kSchemes.end(), [&](std::string_view name) {
    return scheme.size() >= name.size() && equals_lower(scheme.substr(0, name.size()), name) &&
           (scheme.size() == name.size() || scheme[name.size()] == ' ');
  });
  if (known == kSchemes.end()) return find_assigned_random(text, hit_end);
  std::size_t begin = value.begin + known->size();
  while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
  const bool with_parameters = *known == "digest" || *known == "hawk" || known->starts_with("aws4");
  std::size_t end = begin;
  while (end < text.size() &&
         (with_parameters ? text[end] != '\n' && text[end] != '\r' && text[end] != '\''
                          : is_token68(text[end]))) {
    ++end;
  }
  const std::string_view secret = piece(text, begin, end);
  if (secret.size() < 4 || is_placeholder(secret) || is_plain_word(secret)) return nothing(end);
  return {begin, end, end};
}

Extent find_query_value(std::string_view text, std::size_t hit_end) {
  const auto belongs = [](char c) {
    return is_dotted_token(c) || c == '%' || c == '+' || c == '/' || c == '~';
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
  // Cut off: as far as it looks like a key.
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
  // A name alone is no secret, unless a token stands in its place.
  const std::size_t colon = userinfo.find(':');
  if (colon == std::string_view::npos && !looks_random(userinfo, 16)) return nothing(behind);
  if (colon != std::string_view::npos && colon + 1 < userinfo.size() &&
      is_placeholder(userinfo.substr(colon + 1))) {
    return nothing(behind);
  }
  return {begin, end, behind};
}

}  // namespace ship
