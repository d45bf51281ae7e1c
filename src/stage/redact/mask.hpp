#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "stage/redact/redact_settings.hpp"

namespace ship {

/// What stands in the place of a secret. May be copied; each copy is for one thread.
///   mask     the mask, "***" unless set otherwise
///   partial  the mask and the last four characters, or the domain of an e-mail address; below 12
///   characters as mask hash     "hmac:" and 16 hex digits of HMAC-SHA256: the same for the same
///   secret under the same key remove   nothing
class Mask {
 public:
  /// Errors: config, where the key's file cannot be read.
  static Result<Mask> make(std::string text, const Secret& hash_key);

  bool has_key() const { return !key_.empty(); }

  /// Appends what replaces `secret`, which is plain text, not JSON. The result is plain text, too.
  void append(std::string& out, RedactAction action, std::string_view secret) const;
  /// Whether `text` is what `append` makes, so that it need not be masked again.
  bool is_masked(std::string_view text) const;

 private:
  std::string text_;
  std::string key_;
};

}  // namespace ship
