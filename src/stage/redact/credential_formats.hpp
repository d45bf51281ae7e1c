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
  /// What one looks like: {w20} are 20 letters and digits, {u16} capitals and digits, {l8} small
  /// letters and digits, {h32} hexadecimal digits, {d10} digits. So that no row has the form of a
  /// secret itself.
  std::string_view example;
  std::string_view source;
};

/// Every format that is known. Lives as long as the program.
std::span<const CredentialFormat> credential_formats();

}  // namespace ship
