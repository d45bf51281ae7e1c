#include <algorithm>
#include <array>
#include <string_view>

#include "stage/redact/characters.hpp"
#include "stage/redact/placeholder.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

// The value of an assignment that begins at `begin`, in quotes or not.
struct Assigned {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
  bool by_colon = false;  ///< `name: value`, which also occurs in prose
  bool valid = false;
};

// The position after the bracket that closes the one at `at`, or the end of the line if none does.
std::size_t bracket_end(std::string_view text, std::size_t at) {
  const std::size_t bound = std::min(text.size(), at + kMaxSecret);
  std::size_t depth = 0;
  for (; at < bound && text[at] != '\n'; ++at) {
    const char c = text[at];
    depth += c == '(' || c == '[' || c == '{';
    if ((c == ')' || c == ']' || c == '}') && --depth == 0) return at + 1;
  }
  return at;
}

// The quote that closes a value that begins at `at` and has `slashes` backslashes before its
// opening quote: 0, 1 or 3, as in nested JSON. Quotes inside the value are either doubled or have
// more backslashes.
std::size_t closing_quote(std::string_view text, std::size_t at, char quote, std::size_t slashes) {
  std::size_t run = 0;
  for (; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == '\\') {
      ++run;
      continue;
    }
    if (text[at] == quote && (run < slashes || run % (2 * slashes + 2) == slashes)) {
      const bool twice = run == 0 && at + 1 < text.size() && text[at + 1] == quote;
      if (!twice) return at - std::min(run, slashes);
      ++at;
    }
    run = 0;
  }
  return at;
}

// Skips what is between a separator and the quote of a value in program text: u'x', N'x',
// Some("x"), string(8) "x". Returns where the quote is, or `begin`.
std::size_t quote_behind_prefix(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  while (at < text.size() && at - begin < 10 && is_letter(text[at])) ++at;
  const bool wraps = at < text.size() && text[at] == '(' && at > begin;
  if (wraps) {
    ++at;
    if (text.substr(begin).starts_with("string(")) {
      while (at < text.size() && (is_digit(text[at]) || text[at] == ')' || text[at] == ' ')) ++at;
    }
  }
  const std::size_t slashes = at;
  while (at < text.size() && text[at] == '\\') ++at;
  const bool quoted = at + 1 < text.size() && (text[at] == '"' || text[at] == '\'') &&
                      !is_space(text[at + 1]) && !is_closing(text[at + 1]);
  const bool marked = slashes - begin <= 2 && slashes > begin && slashes == at;
  return quoted && (wraps || marked) ? at : begin;
}

// Whether a value may follow what ends at `end`: `=`, `:`, `=>`, `->`, `%3D`, or an XML tag.
bool is_separator_end(std::string_view text, std::size_t end) {
  if (end < 2) return false;
  const char last = text[end - 1];
  if (last == '=' || last == ':' || last == '>') return true;
  return end > 2 && equals_lower(text.substr(end - 3, 3), "%3d");
}

Assigned assigned_at(std::string_view text, std::size_t begin) {
  Assigned value;
  char quote = 0;
  std::size_t before = begin, slashes = 0;
  if (before > 0 && (text[before - 1] == '"' || text[before - 1] == '\'')) {
    quote = text[--before];
    while (before > 0 && text[before - 1] == '\\') --before, ++slashes;
  }
  while (before > 0 && is_space(text[before - 1])) --before;
  if (!is_separator_end(text, before)) return value;
  const char separator = text[before - 1], ahead = text[before - 2];
  const bool element = separator == '>' && ahead != '=' && ahead != '-';
  if (quote == 0) {
    const std::size_t at = quote_behind_prefix(text, begin);
    if (at > begin) {
      quote = text[at];
      slashes = 0;
      for (std::size_t i = at; i > begin && text[i - 1] == '\\'; --i) ++slashes;
      begin = at + 1;
    }
  }
  value.begin = begin;
  value.by_colon = separator == ':';
  value.quoted = quote != 0;
  std::size_t end = begin;
  if (element) {
    end = std::min(text.find('<', begin), text.size());
    if (text.substr(end, 2) != "</") return value;
  } else if (quote != 0) {
    end = closing_quote(text, begin, quote, slashes);
  } else if (text[begin] == '[' || text[begin] == '{' || text[begin] == '(') {
    end = bracket_end(text, begin);
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

Extent find_word(std::string_view text, std::size_t hit_end) {
  const std::size_t begin = hit_end - 1;
  std::size_t end = begin;
  if (begin > 0 && (text[begin - 1] == '"' || text[begin - 1] == '\'')) {
    end = closing_quote(text, begin, text[begin - 1], 0);
  } else {
    while (end < text.size() && !is_space(text[end]) && text[end] != '"' && text[end] != '\'' &&
           text[end] != '`' && text[end] != '\\') {
      ++end;
    }
  }
  const std::string_view word = piece(text, begin, end);
  if (word.empty() || is_placeholder(word) || is_plain_word(word)) return nothing(hit_end);
  return {begin, end, end};
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
    // Prose: "password: the one that …". A single word at the end of its line counts as a value.
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

}  // namespace ship
