#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace ship {

/// A range of first digits assigned to a payment network, and the lengths of its card numbers
/// (ISO/IEC 7812-1: an issuer identification number and a Luhn check digit).
struct CardRange {
  std::string_view network;
  std::uint32_t first = 0;   ///< the range of first digits, both ends included;
  std::uint32_t last = 0;    ///< as many digits as `first` has
  std::uint32_t sizes = 0;   ///< bit N: numbers of N digits
  std::string_view source;   ///< the authority for it
  std::string_view example;  ///< a published test number, or one made for this table
};

/// All known ranges. They may overlap: networks share cards. Lives as long as the program.
std::span<const CardRange> card_ranges();

/// Whether a network issues numbers with the beginning and length of `digits`, which are 12 to 19
/// decimal digits. Ignores the checksum.
bool is_issued_card(std::string_view digits);

/// The lengths of numbers that begin with these two digits, bit N for N digits. Fast, so that most
/// numbers need no lookup.
std::uint32_t card_sizes(std::string_view two_digits);

/// Whether decimal digits pass Luhn's checksum (ISO/IEC 7812-1, annex B).
bool passes_luhn(std::string_view digits);

}  // namespace ship
