#include "stage/redact/mask.hpp"

#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <utility>

namespace ship {
namespace {

constexpr std::string_view kHashPrefix = "hmac:";
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kShownCharacters = 4;
constexpr std::size_t kLeastPartial = 12;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Result<Mask> Mask::make(std::string text, const Secret& hash_key) {
  Mask mask;
  mask.text_ = std::move(text);
  if (!hash_key.empty()) {
    auto key = hash_key.reveal();
    if (!key) return std::move(key).error().in("redact.hash_key");
    mask.key_ = std::move(key).value();
  }
  return mask;
}

void Mask::append(std::string& out, RedactAction action, std::string_view secret) const {
  switch (action) {
    case RedactAction::remove:
      return;
    case RedactAction::hash: {
      std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
      unsigned size = 0;
      ::HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
             reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), digest.data(),
             &size);
      static constexpr char kDigits[] = "0123456789abcdef";
      out += kHashPrefix;
      for (std::size_t i = 0; i < kHashBytes; ++i) {
        out += kDigits[digest[i] >> 4];
        out += kDigits[digest[i] & 15];
      }
      return;
    }
    case RedactAction::partial: {
      out += text_;
      if (secret.size() < kLeastPartial) return;
      std::size_t from = secret.rfind('@');
      if (from == std::string_view::npos) from = secret.size() - kShownCharacters;
      while (from < secret.size() && is_continuation(secret[from])) ++from;
      out += secret.substr(from);
      return;
    }
    case RedactAction::mask:
      out += text_;
      return;
  }
}

bool Mask::is_masked(std::string_view text) const {
  if (text == text_) return true;
  return text.size() == kHashPrefix.size() + 2 * kHashBytes && text.starts_with(kHashPrefix);
}

}  // namespace ship
