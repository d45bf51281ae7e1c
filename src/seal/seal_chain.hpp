#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "seal/seal_anchor.hpp"
#include "seal/seal_verifier.hpp"

namespace ship {

/// Sorts by chain and place in it, and checks that each file follows the one before it. Faults are
/// noted in the report of the file that they concern.
void check_links(std::vector<SealReport>& reports);

/// Whether the newest end of a chain is there.
struct SealTailCheck {
  std::string chain;
  std::uint64_t checked_to = 0;  ///< the last record that an anchor or expected head covers
  std::string by;                ///< "an anchor", "the expected head"; empty: not checked
  std::string fault;             ///< empty: none
};

/// For each chain of `reports`, which `check_links` has sorted. `heads` are roots of manifests that
/// must be there; which chain they are of is not known. With `anchors` each chain must have some.
std::vector<SealTailCheck> check_tails(const std::vector<SealReport>& reports,
                                       const std::vector<std::string>& heads, bool anchored,
                                       const std::vector<SealAnchor>& anchors);

}  // namespace ship
