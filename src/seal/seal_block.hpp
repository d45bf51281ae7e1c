#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/digest.hpp"
#include "seal/seal_entry.hpp"

namespace ship {

/// Bytes of a log file that one entry of its seal will cover, as they are written: hashed, with the
/// CRC-32 of each line, so that a change can be placed. The last line may be a part of one, and the
/// first one the rest. One thread.
class SealBlock {
 public:
  /// Begins anew with the byte at `offset` of the file.
  void begin(std::uint64_t offset);
  void add(std::string_view bytes);

  std::uint64_t offset() const { return offset_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t end() const { return offset_ + bytes_; }
  /// Lines that ended in it.
  std::uint64_t records() const { return records_; }

  /// Fills what an entry tells of bytes and lines, and begins anew behind them.
  void finish(SealEntry& entry);

 private:
  void add_lines(std::string_view bytes);
  void end_line();

  Sha256Stream sha256_;
  std::uint64_t offset_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t records_ = 0;
  std::string lines_;
  std::uint32_t crc_ = 0;  ///< of the line that has no newline yet
  bool in_line_ = false;
};

/// A CRC-32 as a seal has it: eight digits, at the end of `out`.
void append_line_crc(std::string& out, std::uint32_t crc);

}  // namespace ship
