#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// A text that may hold JSON escapes, such as a piece of JSON in a message: read as it is, then
/// with its escapes undone, then with the escapes that this reveals undone too, and so on. Maps
/// each position in a reading to one in the text. Reused from text to text.
class TextReading {
 public:
  /// Begins with the unchanged `text`, which must outlive the readings.
  void start(std::string_view text);
  /// Undoes the escapes of the current reading. False: it has none, and stays.
  bool next();

  /// The current reading; valid until `next`.
  std::string_view text() const { return reading_; }
  /// How many times escapes were undone.
  std::size_t depth() const { return depth_; }
  /// Where the character that byte `at` of the reading belongs to begins in the original text.
  std::size_t begin_of(std::size_t at) const { return depth_ == 0 ? at : origins_[at]; }
  /// Where the character that the byte before `at` belongs to ends in the original text.
  std::size_t end_of(std::size_t at) const;

 private:
  std::string_view reading_;
  std::size_t depth_ = 0;
  std::string undone_;
  std::string former_;
  std::vector<std::uint32_t> origins_;  ///< for each byte of `undone_`, and for its end
  std::vector<std::uint32_t> former_origins_;
};

/// `text` with its escapes undone `times` times.
std::string with_escapes_undone(std::string_view text, std::size_t times);

}  // namespace ship
