#pragma once

#include <span>
#include <string_view>

#include "sinks/sink_types.hpp"

namespace ship {

/// Every setting, in the order of --help: the rows of all folders in one table; each row knows the
/// part of Settings or SinkSettings that holds it. The rows live as long as the program.
std::span<const Setting> settings_table();

/// The keys that sinks of `type` have in addition to the shared ones, in the order of the reference
/// file.
std::span<const Setting> settings_of(const SinkType& type);

/// The row of a key at the top of a TOML file ("queue.size"), or, for a map, of one of its entries
/// ("labels.app"). Null if there is none.
const Setting* find_global(std::string_view key);

/// The row of a key inside a sink of `type`, its own or a shared one; maps as above. Null: none.
const Setting* find_in_sink(const SinkType& type, std::string_view key);

/// The row of a flag, without dashes; `--no-` forms are not found. Null: none.
const Setting* find_flag(std::string_view flag);

}  // namespace ship
