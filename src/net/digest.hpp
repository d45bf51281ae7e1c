#pragma once

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace ship {

using Sha256Digest = std::array<unsigned char, 32>;

/// SHA-256 (FIPS 180-4) over the parts, one after the other, as if they were one text.
Sha256Digest sha256(std::initializer_list<std::string_view> parts);

/// SHA-256 over a text that comes in pieces; reusable for the next text. One thread.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void update(std::string_view piece);
  /// The digest of the pieces since the start or the last `finish`; then starts over.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 (RFC 2104) over the parts, one after the other, as if they were one text.
Sha256Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

/// Lower-case hexadecimal digits, two for each byte.
std::string hex_text(const Sha256Digest& digest);

}  // namespace ship
