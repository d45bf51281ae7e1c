#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/digest.hpp"
#include "seal/seal_entry.hpp"

namespace ship {

/// Takes the bytes of a log file that one entry of its seal will cover, as they are written: hashes
/// them and computes the CRC-32 of each line, so that a change can be located. The last line may be
/// partial, and the first one the rest of a line. One thread.
class SealBlock {
 public:
  /// Starts over at the byte at `offset` of the file.
  void begin(std::uint64_t offset);
  void add(std::string_view bytes);

  std::uint64_t offset() const { return offset_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t end() const { return offset_ + bytes_; }
  /// Lines that ended in this block.
  std::uint64_t records() const { return records_; }

  /// Fills in an entry's bytes and lines, and starts over after them.
  void finish(SealEntry& entry);

 private:
  void add_lines(std::string_view bytes);
  void end_line();

  Sha256Stream sha256_;
  std::uint64_t offset_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t records_ = 0;
  std::string lines_;
  std::uint32_t crc_ = 0;  ///< of the line without a newline yet
  bool in_line_ = false;
};

/// Appends a CRC-32 as a seal writes it: eight digits.
void append_line_crc(std::string& out, std::uint32_t crc);

}  // namespace ship
