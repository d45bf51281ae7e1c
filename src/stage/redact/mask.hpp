#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "stage/redact/redact_settings.hpp"

namespace ship {

/// What the action partial may show of a secret.
enum class Shown : std::uint8_t {
  nothing,      ///< for passwords and keys
  end,          ///< the last characters: at most a fifth of it, and at most four
  email_domain  ///< the domain of an e-mail address, the end of anything else
};

/// What replaces a secret. May be copied; each copy is for one thread.
///   mask     the mask, "***" unless set otherwise
///   partial  the mask and what may be shown; below 12 characters only the mask
///   hash     "hmac:" and 16 hex digits of HMAC-SHA256: the same for the same secret under the same
///            key, whatever separators a number has and whatever case an e-mail address
///   remove   nothing
class Mask {
 public:
  /// Errors: config, if the key's file cannot be read.
  static Result<Mask> make(std::string text, const Secret& hash_key);

  bool has_key() const { return !key_.empty(); }

  /// Appends what replaces `secret`, which is plain text, not JSON. The result is also plain text.
  void append(std::string& out, RedactAction action, std::string_view secret, Shown shown) const;
  /// Whether `text` is a result of `append`, so that it need not be masked again.
  bool is_masked(std::string_view text, Shown shown) const;

 private:
  std::string text_;
  std::string key_;
};

}  // namespace ship
