#include "tests/unit/net/decompress.hpp"

#include <snappy.h>
#include <stdexcept>
#include <zlib.h>
#include <zstd.h>

namespace ship::testing {
namespace {

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::runtime_error("zlib");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int state = Z_OK;
  while (state == Z_OK) {
    char part[16 * 1024];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(part, sizeof part - stream.avail_out);
  }
  const bool whole = state == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) throw std::runtime_error("not one gzip member");
  return out;
}

}  // namespace

std::string decompress(std::string_view encoding, std::string_view bytes) {
  std::string out;
  if (encoding.empty()) return std::string(bytes);
  if (encoding == "gzip") return gunzip(bytes);
  if (encoding == "zstd") {
    out.resize(ZSTD_getFrameContentSize(bytes.data(), bytes.size()));
    if (ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) == out.size()) {
      return out;
    }
  }
  if (encoding == "snappy" && snappy::Uncompress(bytes.data(), bytes.size(), &out)) return out;
  throw std::runtime_error("cannot be decompressed");
}

}  // namespace ship::testing
