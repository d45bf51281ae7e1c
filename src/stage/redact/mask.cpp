#include "stage/redact/mask.hpp"

#include <algorithm>
#include <array>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <utility>

#include "base/hex.hpp"
#include "stage/redact/characters.hpp"
#include "stage/redact/secret_extent.hpp"

namespace ship {
namespace {

constexpr std::string_view kHashPrefix = "hmac:";
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kShownCharacters = 4;
constexpr std::size_t kShownShare = 5;
constexpr std::size_t kLeastPartial = 12;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The last characters of `secret` that may be shown, counted in characters, not bytes.
std::string_view end_of(std::string_view secret) {
  std::size_t characters = 0;
  for (const char c : secret) characters += !is_continuation(c);
  if (characters < kLeastPartial) return {};
  std::size_t left = std::min(kShownCharacters, characters / kShownShare);
  std::size_t from = secret.size();
  while (left > 0 && from > 0) left -= !is_continuation(secret[--from]);
  return secret.substr(from);
}

// Whether `rest` is what `append` may have put after the mask.
bool is_shown(std::string_view rest, Shown shown) {
  if (rest.empty()) return true;
  if (shown == Shown::nothing) return false;
  if (shown == Shown::email_domain && rest.front() == '@') return true;
  std::size_t characters = 0;
  for (const char c : rest) characters += !is_continuation(c);
  return characters <= kShownCharacters;
}

// The same text for the same secret, however it is written.
std::string canonical(std::string_view secret) {
  constexpr std::size_t kLeastDigits = 7;
  std::string text(secret);
  if (is_email_address(secret)) {
    for (char& c : text) c = to_lower(c);
    return text;
  }
  const auto joins = [](char c) {
    return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
  };
  const auto count = std::count_if(secret.begin(), secret.end(), is_digit);
  const bool number = static_cast<std::size_t>(count) >= kLeastDigits &&
                      std::all_of(secret.begin(), secret.end(),
                                  [&](char c) { return is_digit(c) || joins(c) || c == '+'; });
  if (number || is_iban(secret)) {
    std::erase_if(text, joins);
  }
  return text;
}

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

void Mask::append(std::string& out, RedactAction action, std::string_view secret,
                  Shown shown) const {
  switch (action) {
    case RedactAction::remove:
      return;
    case RedactAction::hash: {
      std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
      unsigned size = 0;
      const std::string text = canonical(secret);
      ::HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
             &size);
      out += kHashPrefix;
      for (std::size_t i = 0; i < kHashBytes; ++i) append_hex(out, digest[i]);
      return;
    }
    case RedactAction::partial:
      out += text_;
      if (shown == Shown::nothing) return;
      if (shown == Shown::email_domain && is_email_address(secret))
        out += secret.substr(secret.rfind('@'));
      else
        out += end_of(secret);
      return;
    case RedactAction::mask:
      out += text_;
      return;
  }
}

bool Mask::is_masked(std::string_view text, Shown shown) const {
  if (!text_.empty() && text.starts_with(text_) && is_shown(text.substr(text_.size()), shown))
    return true;
  return text.size() == kHashPrefix.size() + 2 * kHashBytes && text.starts_with(kHashPrefix) &&
         std::all_of(text.begin() + kHashPrefix.size(), text.end(), is_hex);
}

}  // namespace ship
