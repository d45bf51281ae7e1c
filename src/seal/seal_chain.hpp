#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seal/seal_anchor.hpp"
#include "seal/seal_verifier.hpp"

namespace ship {

/// Sorts by chain and position in it, and checks that each file follows the one before. Notes each
/// fault in the report of the file it concerns.
void check_links(std::vector<SealReport>& reports);

/// Whether the newest end of a chain is present.
struct SealTailCheck {
  std::string chain;
  std::uint64_t checked_to = 0;  ///< the last record that an anchor or expected head covers
  std::string by;                ///< "an anchor", "the expected head"; empty: not checked
  std::string fault;             ///< empty: none
};

/// For each chain of `reports`, which `check_links` has sorted. `heads` are roots of manifests that
/// must exist; which chain they belong to is unknown. With `anchors`, each chain must have some.
std::vector<SealTailCheck> check_tails(const std::vector<SealReport>& reports,
                                       const std::vector<std::string>& heads, bool anchored,
                                       const std::vector<SealAnchor>& anchors);

}  // namespace ship
