#pragma once

#include <span>
#include <string_view>

#include "stage/redact/secret_extent.hpp"

namespace ship {

/// How one issuer writes its keys and tokens.
struct CredentialFormat {
  std::string_view name;   ///< as in redact.presets and redact.actions; several rows may share it
  std::string_view regex;  ///< in the syntax of vectorscan, over bytes
  FindSecret find = nullptr;
  /// An example: {w20} stands for 20 letters and digits, {u16} for upper-case letters and digits,
  /// {l8} for lower-case letters and digits, {h32} for hexadecimal digits, {d10} for digits. This
  /// way no row itself looks like a secret.
  std::string_view example;
  std::string_view source;
};

/// All known formats. Lives as long as the program.
std::span<const CredentialFormat> credential_formats();

}  // namespace ship
