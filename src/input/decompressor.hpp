#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// How a file is compressed.
enum class Packing : std::uint8_t { none, gzip, zstd };

/// How many bytes it takes to recognise the packing of a file.
inline constexpr std::size_t kPackingHead = 6;

/// The packing of a file that starts with `head`, by its magic bytes (RFC 1952, RFC 8878). The name
/// shows only the intent: a file named .gz or .zst that starts as text is text. Errors: corrupt, if
/// it is packed with something that is not supported (xz, bzip2, lz4, compress), or if `name`
/// promises gzip or zstd and the bytes are neither that nor text.
Result<Packing> packing_of(std::string_view head, std::string_view name);

/// Turns a packed stream back into its text: any number of consecutive gzip members or zstd frames.
/// Reads through a function, so it does not depend on files. Hands out every byte before the first
/// damage. One thread.
class Decompressor {
 public:
  /// Fills a prefix of the room and returns its length; 0 is the end of the packed bytes.
  using Read = std::function<Result<std::size_t>(std::span<char> room)>;

  /// `packing` is gzip or zstd.
  explicit Decompressor(Packing packing);
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  /// Up to room.size() bytes of text; 0 is the end. Errors: those of `source`; corrupt, with the
  /// position in the packed bytes, if they are damaged, cut short, or followed by something else.
  /// After an error, further calls return the same error.
  Result<std::size_t> read(std::span<char> room, const Read& source);

 private:
  struct Codec;
  struct Step {
    std::size_t taken = 0;
    std::size_t made = 0;
    const char* damage = nullptr;  ///< what is wrong with the bytes after the last output
  };

  Step step(std::span<char> room);
  Step inflate_step(std::span<const char> packed, std::span<char> room);
  Step zstd_step(std::span<const char> packed, std::span<char> room);
  Error damaged(std::string_view what) const;

  Packing packing_;
  std::unique_ptr<Codec> codec_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;  ///< the unread packed bytes are [begin_, end_) of buffer_
  std::size_t end_ = 0;
  std::uint64_t taken_ = 0;     ///< packed bytes consumed by the codec
  bool between_ = true;         ///< no member or frame is open: the file may end here
  bool room_was_full_ = false;  ///< the codec may hold text that did not fit
  bool ended_ = false;
  const char* damage_ = nullptr;
};

}  // namespace ship
