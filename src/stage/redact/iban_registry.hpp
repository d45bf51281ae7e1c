#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ship {

/// One country of the IBAN registry (ISO 13616, maintained by SWIFT, release 101).
struct IbanCountry {
  std::string_view code;     ///< ISO 3166-1 alpha-2, or as in the registry (XK)
  std::uint8_t size = 0;     ///< characters of an IBAN of this country
  std::string_view example;  ///< the registry's own, in print format
};

/// Every country of the registry, in order of code. Lives as long as the program.
std::span<const IbanCountry> iban_countries();

/// Null if the registry has no such country.
const IbanCountry* find_iban_country(std::string_view code);

}  // namespace ship
