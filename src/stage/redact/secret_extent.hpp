#pragma once

#include <cstddef>
#include <string_view>

namespace ship {

/// Where a secret is in a text, in bytes. `examined_end`: hits of the same pattern up to there have
/// already been examined, whether or not they were secrets.
struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t examined_end = 0;

  bool found() const { return end > begin; }
};

/// Finds the secret around a hit of its pattern, and decides whether it is one. `hit_end` is after
/// the last byte of the hit, which began in the same text, or before the text: nothing is found
/// then. `text` is the text of a JSON string, or a number. All hits of a pattern in a text together
/// take time linear in it.
using FindSecret = Extent (*)(std::string_view text, std::size_t hit_end);

/// How far to look for what must precede or follow a secret: the scheme of a URL with user
/// information, the last line of a key.
inline constexpr std::size_t kMaxSecret = 16384;

/// Keys and tokens with their own prefix: all letters, digits, `_` and `-` around the hit.
Extent find_token(std::string_view text, std::size_t hit_end);
/// The same, but only with a digit in it: the prefix alone may begin a word.
Extent find_random_token(std::string_view text, std::size_t hit_end);
/// The same with dots: JWTs and other multi-part tokens.
Extent find_dotted_token(std::string_view text, std::size_t hit_end);
/// The same with the characters of base64, to the end.
Extent find_base64_token(std::string_view text, std::size_t hit_end);
/// A Telegram bot token: the bot's number, a colon and 35 characters.
Extent find_telegram_token(std::string_view text, std::size_t hit_end);
/// What follows a command-line option, as in `--password x`; the hit ends with its first character.
Extent find_argument(std::string_view text, std::size_t hit_end);
/// A word, in quotes or not; the hit ends with its first character.
Extent find_word(std::string_view text, std::size_t hit_end);
/// The password of `user:password@tcp(`, as Go's drivers write it; the hit ends after the `@`.
Extent find_dsn_password(std::string_view text, std::size_t hit_end);
/// What follows `Bearer`, `Basic` and the like, unless it is an ordinary word.
Extent find_scheme_token(std::string_view text, std::size_t hit_end);
/// The value of `password=…`, `"secret": "…"`; the hit ends with its first character.
Extent find_assigned(std::string_view text, std::size_t hit_end);
/// The same for names that also mean something else, such as `token`: only what looks random.
Extent find_assigned_random(std::string_view text, std::size_t hit_end);
/// The credentials of an `Authorization` header after their scheme; the hit ends with the first
/// character of the value.
Extent find_authorization(std::string_view text, std::size_t hit_end);
/// The value of a query parameter; the hit is inside it.
Extent find_query_value(std::string_view text, std::size_t hit_end);
/// The rest of the line, as in `Cookie: a=b; c=d`.
Extent find_header(std::string_view text, std::size_t hit_end);
/// From `-----BEGIN` to the end of the key, or of the text if it was cut.
Extent find_private_key(std::string_view text, std::size_t hit_end);
/// A whole key file of PuTTY, or what is left of it.
Extent find_putty_key(std::string_view text, std::size_t hit_end);
/// `user:password` between `://` and `@`; the hit ends with an `@`.
Extent find_url_userinfo(std::string_view text, std::size_t hit_end);

/// An address with a plausible domain; the hit ends after the `@`, or after `%40`.
Extent find_email(std::string_view text, std::size_t hit_end);
/// A number with a country code after `+`, or in North American form; the hit is inside it.
Extent find_phone(std::string_view text, std::size_t hit_end);
/// Whether all of `text` is one address.
bool is_email_address(std::string_view text);
/// A card number: a range and a length of the card registry, and Luhn's checksum.
Extent find_card(std::string_view text, std::size_t hit_end);
/// An IBAN: the checksum of ISO 7064 (mod 97), and the length of its country in the IBAN registry.
/// For a country that is not in it, any length that an IBAN may have.
Extent find_iban(std::string_view text, std::size_t hit_end);
/// Whether all of `text` is one IBAN.
bool is_iban(std::string_view text);
/// An IPv4 address that is not the machine's own, and not a version.
Extent find_ipv4(std::string_view text, std::size_t hit_end);
/// An IPv6 address that is not the machine's own.
Extent find_ipv6(std::string_view text, std::size_t hit_end);
/// A US social security number with its dashes, from the ranges in use.
Extent find_ssn(std::string_view text, std::size_t hit_end);
/// A UK National Insurance number with a prefix in use.
Extent find_nino(std::string_view text, std::size_t hit_end);
/// An NHS number in its groups of 3, 3 and 4 digits, with its check digit (mod 11).
Extent find_nhs_number(std::string_view text, std::size_t hit_end);

/// Whether `value` is at least `least` long and has a mix of characters that words do not have.
bool looks_random(std::string_view value, std::size_t least);

}  // namespace ship
