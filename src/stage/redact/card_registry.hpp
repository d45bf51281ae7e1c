#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace ship {

/// The first digits that a payment network gave out, and how long its card numbers are
/// (ISO/IEC 7812-1: an issuer's identification number and a check digit by Luhn).
struct CardRange {
  std::string_view network;
  std::uint32_t first = 0;   ///< the range of first digits, both ends included;
  std::uint32_t last = 0;    ///< as many digits as `first` has
  std::uint32_t sizes = 0;   ///< bit N: numbers of N digits
  std::string_view source;   ///< who says so
  std::string_view example;  ///< a published test number, or one that was made for this table
};

/// Every range that is known. Ranges may overlap: networks share cards. Lives as long as the
/// program.
std::span<const CardRange> card_ranges();

/// Whether a network issues numbers that begin and are as long as `digits`, which are 12 to 19
/// decimal digits. Says nothing of the checksum.
bool is_issued_card(std::string_view digits);

/// How long the numbers are, bit N for N digits, that begin with these two digits: quickly told, so
/// that most numbers need not be looked up.
std::uint32_t card_sizes(std::string_view two_digits);

/// Luhn's checksum (ISO/IEC 7812-1, annex B) of decimal digits.
bool passes_luhn(std::string_view digits);

}  // namespace ship
