#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace ship {

enum class Compression : std::uint8_t { none, gzip, zstd };

/// Compresses whole request bodies, one after the other, into a buffer that it keeps. Belongs to
/// one thread. For gzip (RFC 1952, a single member) and zstd (RFC 8878, a single frame that states
/// its size).
class Compressor {
 public:
  explicit Compressor(Compression kind);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  /// `body` compressed; `body` itself if the kind is none. The view lives until the next call.
  /// Errors: permanent, if the compressor has no memory.
  Result<std::string_view> compress(std::string_view body);

  /// What goes into Content-Encoding: "gzip", "zstd"; empty for none.
  std::string_view encoding() const;

 private:
  struct Codec;
  Compression kind_;
  std::unique_ptr<Codec> codec_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
};

}  // namespace ship
