#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spool/spool_table.hpp"

namespace ship {

/// Loads the directory into an empty table: sealed segments by their state, the others by reading
/// all of them. Cuts torn tails and sets aside files with nothing readable, unless the table is
/// read-only. Returns an id above all existing ones. Errors: the directory cannot be listed;
/// everything else becomes a message.
Result<std::uint64_t> recover_spool(SpoolTable& table, std::vector<std::string>& messages);

}  // namespace ship
