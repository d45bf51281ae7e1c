#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spool/spool_table.hpp"

namespace ship {

/// Takes what is in the directory into an empty table: sealed segments by their state, the others
/// by reading them through. Cuts torn tails and sets aside what holds nothing that can be read,
/// unless the table is read-only. Returns an id above all that are there. Errors: the directory
/// cannot be listed; all else becomes a message.
Result<std::uint64_t> recover_spool(SpoolTable& table, std::vector<SpoolClaimName>& claims,
                                    std::vector<std::string>& messages);

}  // namespace ship
