#include "net/compression.hpp"

#include <libdeflate.h>
#include <string>
#include <zstd.h>

namespace ship {
namespace {

// Log lines shrink about six-fold at either level; higher ones cost several times the CPU for a
// tenth more.
constexpr int kGzipLevel = 3;
constexpr int kZstdLevel = 3;

}  // namespace

struct Compressor::Codec {
  libdeflate_compressor* deflate = nullptr;
  ZSTD_CCtx* zstd = nullptr;

  ~Codec() {
    libdeflate_free_compressor(deflate);
    ZSTD_freeCCtx(zstd);
  }
};

Compressor::Compressor(Compression kind) : kind_(kind), codec_(std::make_unique<Codec>()) {
  if (kind == Compression::gzip) codec_->deflate = libdeflate_alloc_compressor(kGzipLevel);
  if (kind == Compression::zstd) codec_->zstd = ZSTD_createCCtx();
}

Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

Result<std::string_view> Compressor::compress(std::string_view body) {
  if (kind_ == Compression::none) return body;
  if (!codec_->deflate && !codec_->zstd) {
    return Error{ErrorKind::permanent, "no memory for the compressor"};
  }
  const std::size_t bound = codec_->deflate
                                ? libdeflate_gzip_compress_bound(codec_->deflate, body.size())
                                : ZSTD_compressBound(body.size());
  if (capacity_ < bound) {
    buffer_.reset(new char[bound]);
    capacity_ = bound;
  }
  if (codec_->deflate) {
    const std::size_t size = libdeflate_gzip_compress(codec_->deflate, body.data(), body.size(),
                                                      buffer_.get(), capacity_);
    if (size == 0) return Error{ErrorKind::permanent, "gzip cannot compress the body"};
    return std::string_view(buffer_.get(), size);
  }
  const std::size_t size = ZSTD_compressCCtx(codec_->zstd, buffer_.get(), capacity_, body.data(),
                                             body.size(), kZstdLevel);
  if (ZSTD_isError(size)) {
    return Error{ErrorKind::permanent,
                 std::string("zstd cannot compress the body: ") + ZSTD_getErrorName(size)};
  }
  return std::string_view(buffer_.get(), size);
}

std::string_view Compressor::encoding() const {
  switch (kind_) {
    case Compression::gzip:
      return "gzip";
    case Compression::zstd:
      return "zstd";
    case Compression::none:
      break;
  }
  return {};
}

}  // namespace ship
