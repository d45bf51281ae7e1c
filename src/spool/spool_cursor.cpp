#include "spool/spool_cursor.hpp"

#include <algorithm>

namespace ship {
namespace {

constexpr std::uint32_t kReadAhead = 64 * 1024;

}  // namespace

SpoolCursor::Found SpoolCursor::read(File& file, std::uint32_t from, std::uint32_t end) {
  failed_ = false;
  whole_ = false;
  if (from >= end) return Found::end;
  if (end - from < kSpoolOldRecordHeader || !load(file, from, kSpoolOldRecordHeader, end)) {
    if (failed_) return Found::failed;
    to_ = end;
    reason_ = "it ends within a record";
    return Found::damage;
  }
  std::uint32_t size = 0;
  SpoolFound found = decode_spool_record(loaded(from, end), salt_, record_, size);
  // First its header may be cut short, then its line.
  while (found == SpoolFound::cut_short && size <= end - from && load(file, from, size, end)) {
    found = decode_spool_record(loaded(from, end), salt_, record_, size);
  }
  if (failed_) return Found::failed;
  to_ = from + size;
  switch (found) {
    case SpoolFound::record:
      return Found::record;
    case SpoolFound::bad_line:
      reason_ = "the checksum of a line is wrong";
      whole_ = true;
      return Found::damage;
    case SpoolFound::cut_short:
      return damaged_until_next(file, from, end, "it ends within a record");
    case SpoolFound::bad_header:
      break;
  }
  return damaged_until_next(file, from, end, "a record is missing where one should be");
}

SpoolCursor::Found SpoolCursor::damaged_until_next(File& file, std::uint32_t from,
                                                   std::uint32_t end, std::string_view reason) {
  reason_ = reason;
  std::uint32_t at = from + 1;
  const auto least = [&] {
    return std::clamp(end - at, kSpoolOldRecordHeader, kSpoolRecordHeader);
  };
  while (end - at >= kSpoolOldRecordHeader && load(file, at, least(), end)) {
    const std::string_view bytes = loaded(at, end);
    const std::size_t found = find_spool_record(bytes, 0, salt_);
    if (found == std::string_view::npos) {
      at += static_cast<std::uint32_t>(bytes.size());
      if (at >= end) break;
      continue;
    }
    at += static_cast<std::uint32_t>(found);
    if (bytes.size() - found >= least()) {
      to_ = at;
      return Found::damage;
    }
  }
  if (failed_) return Found::failed;
  to_ = end;
  return Found::damage;
}

void SpoolCursor::reset() {
  buffer_.clear();
  buffer_.shrink_to_fit();
}

bool SpoolCursor::load(File& file, std::uint32_t from, std::uint32_t size, std::uint32_t end) {
  if (loaded(from, end).size() >= size) return true;
  // Rereads what is already loaded: the pages are in the cache, and copying is no cheaper.
  const std::uint32_t wanted = std::min(end - from, std::max(size, kReadAhead));
  if (buffer_.capacity() > 4 * kReadAhead && wanted <= kReadAhead) reset();
  buffer_.resize(wanted);
  buffer_from_ = from;
  std::uint32_t filled = 0;
  while (filled < wanted) {
    auto n = file.read_at(std::uint64_t{from} + filled, buffer_.data() + filled, wanted - filled);
    if (!n) {
      buffer_.clear();
      failed_ = true;
      error_ = std::move(n).error();
      return false;
    }
    if (n.value() == 0) break;
    filled += static_cast<std::uint32_t>(n.value());
  }
  buffer_.resize(filled);
  return filled >= size;
}

std::string_view SpoolCursor::loaded(std::uint32_t from, std::uint32_t end) const {
  if (from < buffer_from_ || from - buffer_from_ >= buffer_.size()) return {};
  const std::string_view bytes = std::string_view(buffer_).substr(from - buffer_from_);
  return bytes.substr(0, end - from);
}

}  // namespace ship
