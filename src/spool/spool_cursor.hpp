#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"
#include "spool/spool_format.hpp"

namespace ship {

/// Reads the records of one segment file through a buffer, and finds where to continue after
/// damage. Holds no position: the caller says where to read.
class SpoolCursor {
 public:
  enum class Found : std::uint8_t { record, end, damage, failed };

  explicit SpoolCursor(std::uint32_t salt) : salt_(salt) {}

  /// Reads what is at `from`, in a region of records that ends at `end`. Reads the file only if the
  /// buffer does not hold it yet.
  Found read(File& file, std::uint32_t from, std::uint32_t end);

  /// `record`: the record, a view that lives until the next call of a non-const method.
  const SpoolRecord& record() const { return record_; }
  /// `record` and `damage`: where to continue.
  std::uint32_t to() const { return to_; }
  /// `damage`: what is wrong there, for people.
  std::string_view reason() const { return reason_; }
  /// `damage`: whether it is a single record, whose header is sound and whose line is complete but
  /// changed.
  bool whole() const { return whole_; }
  /// `failed`: the disk's error.
  const Error& error() const { return error_; }

  /// Forgets what was read, because the bytes may have changed or the memory is needed.
  void reset();

 private:
  /// Loads [from, from + size) into the buffer; false: failed, or the file ends earlier.
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
