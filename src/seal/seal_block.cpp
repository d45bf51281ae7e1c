#include "seal/seal_block.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "base/hex.hpp"
#include "net/crc32.hpp"

namespace ship {

namespace {

/// How much is hashed and then searched for lines while it is still in the L1 cache.
constexpr std::size_t kHotBytes = 16 * 1024;

}  // namespace

void append_line_crc(std::string& out, std::uint32_t crc) {
  std::array<char, 8> digits{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::memcpy(&digits[2 * i], &kHexPairs[2 * (crc >> (24 - 8 * i) & 255)], 2);
  }
  out.append(digits.data(), digits.size());
}

void SealBlock::begin(std::uint64_t offset) {
  if (bytes_ > 0) sha256_.finish();
  offset_ = offset;
  bytes_ = records_ = 0;
  lines_.clear();
  crc_ = 0;
  in_line_ = false;
}

void SealBlock::add(std::string_view bytes) {
  bytes_ += bytes.size();
  for (; bytes.size() > kHotBytes; bytes.remove_prefix(kHotBytes)) {
    add_lines(bytes.substr(0, kHotBytes));
  }
  add_lines(bytes);
}

void SealBlock::add_lines(std::string_view bytes) {
  sha256_.update(bytes);
  while (!bytes.empty()) {
    const void* const newline = std::memchr(bytes.data(), '\n', bytes.size());
    const std::size_t size =
        newline == nullptr
            ? bytes.size()
            : static_cast<std::size_t>(static_cast<const char*>(newline) - bytes.data()) + 1;
    crc_ = crc32(bytes.substr(0, size), crc_);
    in_line_ = true;
    if (newline != nullptr) {
      end_line();
      ++records_;
    }
    bytes.remove_prefix(size);
  }
}

void SealBlock::end_line() {
  append_line_crc(lines_, crc_);
  crc_ = 0;
  in_line_ = false;
}

void SealBlock::finish(SealEntry& entry) {
  if (in_line_) end_line();
  entry.offset = offset_;
  entry.bytes = bytes_;
  entry.records = records_;
  entry.lines.swap(lines_);
  entry.sha256 = hex_text(sha256_.finish());
  offset_ += bytes_;
  bytes_ = 0;
  begin(offset_);
}

}  // namespace ship
