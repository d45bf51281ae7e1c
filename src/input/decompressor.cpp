#include "input/decompressor.hpp"

#include <algorithm>
#include <string>
#include <zlib.h>
#include <zstd.h>

#include "base/hex.hpp"

namespace ship {
namespace {

constexpr std::size_t kBufferBytes = 128u << 10;

constexpr std::string_view kGzipMagic("\x1F\x8B", 2);
constexpr std::string_view kZstdMagic("\x28\xB5\x2F\xFD", 4);

struct OtherPacking {
  std::string_view magic;
  const char* name;
  const char* command;
};

constexpr OtherPacking kOthers[] = {
    {std::string_view("\xFD\x37zXZ\0", 6), "xz", "xz -dc"},
    {std::string_view("BZh", 3), "bzip2", "bzip2 -dc"},
    {std::string_view("\x04\x22\x4D\x18", 4), "lz4", "lz4 -dc"},
    {std::string_view("\x1F\x9D", 2), "compress", "zcat"},
};

// RFC 8878, 3.1.2: a frame that holds no text, such as the first one that pzstd writes.
bool is_skippable_frame(std::string_view head) {
  return head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xF0) == 0x50 &&
         head.substr(1, 3) == std::string_view("\x2A\x4D\x18", 3);
}

bool begins_as_text(std::string_view head) {
  const auto first = static_cast<unsigned char>(head.front());
  constexpr unsigned char kByteOrderMark = 0xEF;
  return (first >= ' ' && first < 0x7F) || first == '\t' || first == '\n' || first == '\r' ||
         first == kByteOrderMark;
}

std::string in_hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (!text.empty()) text += ' ';
    append_hex(text, static_cast<unsigned char>(c));
  }
  return text;
}

// "BZh" could be the start of a line; so could the block size after it, but it is checked anyway.
bool begins_with(std::string_view head, const OtherPacking& other) {
  if (!head.starts_with(other.magic)) return false;
  return other.magic != "BZh" || (head.size() > 4 && head[3] >= '1' && head[3] <= '9' &&
                                  static_cast<unsigned char>(head[4]) == 0x31);
}

}  // namespace

Result<Packing> packing_of(std::string_view head, std::string_view name) {
  if (head.starts_with(kGzipMagic)) return Packing::gzip;
  if (head.starts_with(kZstdMagic) || is_skippable_frame(head)) return Packing::zstd;
  for (const OtherPacking& other : kOthers) {
    if (!begins_with(head, other)) continue;
    return Error{ErrorKind::corrupt, std::string("is packed with ") + other.name +
                                         ", which is not read here; use a pipe: " + other.command +
                                         " FILE | fapilog-ship"};
  }
  const bool gzip_name = name.ends_with(".gz");
  if ((gzip_name || name.ends_with(".zst")) && !head.empty() && !begins_as_text(head)) {
    return Error{ErrorKind::corrupt, std::string("is named as ") + (gzip_name ? "gzip" : "zstd") +
                                         " and is none: it begins with " + in_hex(head) +
                                         ", expected " +
                                         in_hex(gzip_name ? kGzipMagic : kZstdMagic)};
  }
  return Packing::none;
}

struct Decompressor::Codec {
  z_stream zlib{};
  bool zlib_begun = false;
  ZSTD_DCtx* zstd = nullptr;
  std::size_t zstd_wants = 0;  ///< bytes it wants for its next step

  ~Codec() {
    if (zlib_begun) inflateEnd(&zlib);
    ZSTD_freeDCtx(zstd);
  }
};

Decompressor::Decompressor(Packing packing)
    : packing_(packing),
      codec_(std::make_unique<Codec>()),
      buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {
  constexpr int kGzipOnly = 15 + 16;
  if (packing == Packing::gzip) {
    codec_->zlib_begun = inflateInit2(&codec_->zlib, kGzipOnly) == Z_OK;
  } else {
    codec_->zstd = ZSTD_createDCtx();
    if (codec_->zstd != nullptr) codec_->zstd_wants = ZSTD_initDStream(codec_->zstd);
  }
}

Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Result<std::size_t> Decompressor::read(std::span<char> room, const Read& source) {
  if (!codec_->zlib_begun && codec_->zstd == nullptr) {
    return Error{ErrorKind::io, "no memory to unpack it"};
  }
  while (true) {
    if (damage_ != nullptr) return damaged(damage_);
    if (begin_ == end_ && !ended_ && !room_was_full_) {
      auto got = source({buffer_.get(), kBufferBytes});
      if (!got) return std::move(got).error();
      begin_ = 0;
      end_ = got.value();
      ended_ = end_ == 0;
    }
    const Step done = step(room);
    begin_ += done.taken;
    taken_ += done.taken;
    room_was_full_ = done.made == room.size();
    damage_ = done.damage;
    if (done.made > 0) return done.made;
    if (damage_ != nullptr || begin_ < end_ || !ended_) continue;
    if (between_) return std::size_t{0};
    damage_ = "the file ends in the middle: it was cut short, or is still being written";
  }
}

Decompressor::Step Decompressor::step(std::span<char> room) {
  const std::span<const char> packed(buffer_.get() + begin_, end_ - begin_);
  return packing_ == Packing::gzip ? inflate_step(packed, room) : zstd_step(packed, room);
}

Decompressor::Step Decompressor::inflate_step(std::span<const char> packed, std::span<char> room) {
  if (between_ && !packed.empty() && taken_ > 0) {
    // gzip itself ignores zeros after a member: tapes and block devices are padded with them.
    const auto padding =
        std::find_if(packed.begin(), packed.end(), [](char c) { return c != '\0'; });
    if (padding != packed.begin()) return {static_cast<std::size_t>(padding - packed.begin()), 0};
    if (packed.front() != kGzipMagic.front())
      return {0, 0, "what follows its end is not gzip data"};
    inflateReset(&codec_->zlib);
  }
  if (between_ && packed.empty()) return {};
  z_stream& zlib = codec_->zlib;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  zlib.avail_in = static_cast<uInt>(packed.size());
  zlib.next_out = reinterpret_cast<Bytef*>(room.data());
  zlib.avail_out = static_cast<uInt>(std::min<std::size_t>(room.size(), 1u << 30));
  const uInt most = zlib.avail_out;
  const int state = inflate(&zlib, Z_NO_FLUSH);
  between_ = state == Z_STREAM_END;
  Step done{packed.size() - zlib.avail_in, most - zlib.avail_out};
  if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
    done.damage = zlib.msg != nullptr ? zlib.msg : "not to be unpacked";
  }
  return done;
}

// The library loses what it unpacked in the call that meets damage. So each call gets no more than
// the block that it asks for, without the next block's header, which it asks for too.
Decompressor::Step Decompressor::zstd_step(std::span<const char> packed, std::span<char> room) {
  if (between_ && packed.empty()) return {};
  constexpr std::size_t kBlockHeader = 3;
  std::size_t most = codec_->zstd_wants;
  if (most > kBlockHeader) most -= kBlockHeader;
  if (room_was_full_ && !between_) most = 0;
  ZSTD_inBuffer in{packed.data(), std::min(packed.size(), most), 0};
  ZSTD_outBuffer out{room.data(), room.size(), 0};
  const std::size_t wants = ZSTD_decompressStream(codec_->zstd, &out, &in);
  Step done{in.pos, out.pos};
  if (ZSTD_isError(wants) != 0) {
    done.damage = ZSTD_getErrorName(wants);
    return done;
  }
  between_ = wants == 0;
  codec_->zstd_wants = between_ ? ZSTD_initDStream(codec_->zstd) : wants;
  return done;
}

Error Decompressor::damaged(std::string_view what) const {
  return {ErrorKind::corrupt, std::string(packing_ == Packing::gzip ? "gzip" : "zstd") +
                                  " data cannot be unpacked at byte " + std::to_string(taken_) +
                                  ": " + std::string(what) + "; what stands before that was read"};
}

}  // namespace ship
