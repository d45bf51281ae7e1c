#include "sinks/file/file_compressor.hpp"

#include <memory>
#include <string_view>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace ship {
namespace {

constexpr std::size_t kPieceBytes = 128 * 1024;

Result<void> write_all(File& file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto written = file.write(bytes);
    if (!written.ok()) return std::move(written).error();
    bytes.remove_prefix(written.value());
  }
  return {};
}

Error failed(const char* what) {
  return Error{ErrorKind::permanent, std::string("compression failed: ") + what};
}

/// Turns pieces of input into compressed output, written to a file.
class StreamCompressor {
 public:
  virtual ~StreamCompressor() = default;
  virtual Result<void> put(std::string_view piece, bool last, File& to) = 0;
};

class GzipCompressor final : public StreamCompressor {
 public:
  GzipCompressor() : output_(kPieceBytes) {
    constexpr int kGzipWindowBits = 15 + 16;
    ready_ = ::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8,
                            Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipCompressor() override {
    if (ready_) ::deflateEnd(&stream_);
  }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  Result<void> put(std::string_view piece, bool last, File& to) override {
    if (!ready_) return failed("out of memory");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
      stream_.avail_out = static_cast<uInt>(output_.size());
      if (::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) {
        return failed("zlib");
      }
      const std::string_view out(output_.data(), output_.size() - stream_.avail_out);
      if (auto written = write_all(to, out); !written.ok()) return written;
    } while (stream_.avail_out == 0);
    return {};
  }

 private:
  z_stream stream_{};
  std::vector<char> output_;
  bool ready_ = false;
};

class ZstdCompressor final : public StreamCompressor {
 public:
  /// `size` goes into the frame's header, for its readers.
  explicit ZstdCompressor(std::uint64_t size)
      : context_(::ZSTD_createCCtx(), ::ZSTD_freeCCtx), output_(kPieceBytes) {
    if (!context_) return;
    ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    ::ZSTD_CCtx_setPledgedSrcSize(context_.get(), size);
  }

  Result<void> put(std::string_view piece, bool last, File& to) override {
    if (!context_) return failed("out of memory");
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{output_.data(), output_.size(), 0};
      const std::size_t left =
          ::ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (::ZSTD_isError(left)) return failed(::ZSTD_getErrorName(left));
      auto written = write_all(to, std::string_view(output_.data(), out.pos));
      if (!written.ok()) return written;
      if (last ? left == 0 : in.pos == in.size) return {};
    }
  }

 private:
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_;
  std::vector<char> output_;
};

Result<void> compress_into(File& from, File& to, Compression compression,
                           const std::stop_token& stop) {
  const auto before = from.status();
  if (!before.ok()) return before.error();
  std::unique_ptr<StreamCompressor> compressor;
  if (compression == Compression::gzip) {
    compressor = std::make_unique<GzipCompressor>();
  } else {
    compressor = std::make_unique<ZstdCompressor>(before.value().size);
  }
  std::vector<char> piece(kPieceBytes);
  std::uint64_t offset = 0;
  for (;;) {
    if (stop.stop_requested()) return Error{ErrorKind::transient, "stopped"};
    auto got = from.read_at(offset, piece.data(), piece.size());
    if (!got.ok()) return std::move(got).error();
    const bool last = got.value() == 0;
    offset += got.value();
    auto put = compressor->put(std::string_view(piece.data(), got.value()), last, to);
    if (!put.ok()) return put;
    if (last) break;
  }
  if (auto synced = to.sync(); !synced.ok()) return synced;
  const auto after = from.status();
  if (!after.ok()) return after.error();
  if (after.value().size == offset) return {};
  return Error{ErrorKind::transient, "someone still writes to the file that is to be compressed"};
}

}  // namespace

Result<void> compress_file(Files& files, const std::string& from, const std::string& to,
                           Compression compression, std::uint32_t permissions,
                           const std::stop_token& stop) {
  auto source = files.open(from, OpenMode::read);
  if (!source.ok()) return std::move(source).error();
  auto target = files.open(to, OpenMode::create_new, permissions);
  if (!target.ok()) return std::move(target).error();
  auto done = compress_into(*source.value(), *target.value(), compression, stop);
  target.value().reset();
  if (!done.ok()) {
    // The first error is the one to report; the next start removes a leftover.
    [[maybe_unused]] const auto removed = files.remove(to);
  }
  return done;
}

}  // namespace ship
