#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// A name whose value is a secret. The one list for names of fields and for names in text: what is
/// masked in `"db_password":"x"` is also masked in `db_password=x`.
struct SecretName {
  enum class Where : std::uint8_t {
    tail,   ///< the name ends with it: `password` is found in userPassword
    word,   ///< the name's last word: `pass` is found in db_pass, not in bypass
    whole,  ///< it is the whole name
  };
  /// What the value must be to count as a secret.
  enum class Value : std::uint8_t {
    any,            ///< anything except placeholders and plain words
    random,         ///< a mix of characters that words do not have
    authorization,  ///< the credentials of an Authorization header
    header          ///< the rest of the line
  };

  std::string_view name;  ///< in snake_case
  Where where = Where::tail;
  Value in_text = Value::any;
  Value in_field = Value::any;  ///< `any` or `random`
  bool plural = false;          ///< also with an s
};

/// The list. Lives as long as the program.
std::span<const SecretName> secret_names();

/// The names of `where` whose values in text are of `value`, as an alternation for a
/// case-insensitive regular expression; empty if there are none.
std::string secret_names_regex(SecretName::Where where, SecretName::Value value);

/// A name as a field.
struct SecretField {
  std::string path;          ///< as PathMatcher reads it
  bool last_word = false;    ///< must be the last word of the key
  bool only_random = false;  ///< only values that look random count
};
/// The names of the list as fields; those that must be the last word come last.
std::vector<SecretField> secret_fields();

/// Whether a field with this path (as in redact.fields) has a name from the list, so that nothing
/// of its value may be shown.
bool names_secret(std::string_view path);

/// Whether `name` is the last word of `key`: it follows a separator or a change from a lower-case
/// to an upper-case letter, or is at the start. `key` must end with `name`, ignoring separators and
/// case.
bool is_last_word(std::string_view key, std::string_view name);

}  // namespace ship
