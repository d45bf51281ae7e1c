#include "seal/sealed_log.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace ship {

Result<SealedLog> SealedLog::open(Files& files, const std::string& path) {
  auto opened = files.open(path, OpenMode::read);
  if (!opened.ok()) return std::move(opened).error();
  auto status = opened.value()->status();
  if (!status.ok()) return std::move(status).error();
  std::array<char, kPackingHead> head{};
  auto got = opened.value()->read_at(0, head.data(), head.size());
  if (!got.ok()) return std::move(got).error();
  SealedLog log;
  const bool packed = path.ends_with(".gz") || path.ends_with(".zst");
  if (packed) {
    auto packing = packing_of(std::string_view(head.data(), got.value()), path);
    if (!packing.ok()) return std::move(packing).error();
    if (packing.value() != Packing::none) {
      log.decompressor_ = std::make_unique<Decompressor>(packing.value());
    }
  }
  log.file_ = std::move(opened).value();
  log.status_ = status.value();
  return log;
}

Result<std::size_t> SealedLog::read(std::span<char> room) {
  const auto from_disk = [this](std::span<char> into) {
    auto got = file_->read_at(taken_, into.data(), into.size());
    if (got.ok()) taken_ += got.value();
    return got;
  };
  auto got = decompressor_ ? decompressor_->read(room, from_disk) : from_disk(room);
  if (got.ok()) at_ += got.value();
  return got;
}

Result<bool> SealedLog::skip_to(std::uint64_t offset) {
  if (!decompressor_) {
    taken_ = at_ = offset;
    return offset <= status_.size;
  }
  std::vector<char> room(256 * 1024);
  while (at_ < offset) {
    const auto size = std::min<std::uint64_t>(room.size(), offset - at_);
    auto got = read(std::span(room).first(static_cast<std::size_t>(size)));
    if (!got.ok()) return std::move(got).error();
    if (got.value() == 0) return false;
  }
  return true;
}

}  // namespace ship
