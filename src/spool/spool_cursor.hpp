#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"
#include "spool/spool_format.hpp"

namespace ship {

/// Reads the records of one segment file through a buffer, and finds its way on behind damage.
/// Holds no position: the caller says where to read.
class SpoolCursor {
 public:
  enum class Found : std::uint8_t { record, end, damage, failed };

  explicit SpoolCursor(std::uint32_t salt) : salt_(salt) {}

  /// What stands at `from`, in a region of records that ends at `end`. Reads the file only where
  /// the buffer does not hold it yet.
  Found read(File& file, std::uint32_t from, std::uint32_t end);

  /// `record`: the record, a view that lives until the next call of a non-const method.
  const SpoolRecord& record() const { return record_; }
  /// `record` and `damage`: where to go on.
  std::uint32_t to() const { return to_; }
  /// `damage`: what is wrong there, for people.
  std::string_view reason() const { return reason_; }
  /// `damage`: just one record, whose header is sound and whose line is all there but changed.
  bool whole() const { return whole_; }
  /// `failed`: what the disk said.
  const Error& error() const { return error_; }

  /// Forgets what was read: the bytes may have changed, or the memory is wanted back.
  void reset();

 private:
  /// Makes [from, from + size) stand in the buffer; false: failed, or the file ends before.
  bool load(File& file, std::uint32_t from, std::uint32_t size, std::uint32_t end);
  std::string_view loaded(std::uint32_t from, std::uint32_t end) const;
  Found damaged_until_next(File& file, std::uint32_t from, std::uint32_t end,
                           std::string_view reason);

  std::uint32_t salt_;
  std::string buffer_;
  std::uint32_t buffer_from_ = 0;
  bool failed_ = false;
  SpoolRecord record_;
  std::uint32_t to_ = 0;
  std::string_view reason_;
  bool whole_ = false;
  Error error_;
};

}  // namespace ship
