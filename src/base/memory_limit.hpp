#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ship {

/// The memory that this process's control group may use, in bytes: the lowest limit on the path
/// from its group to the root, for version 2 (memory.max) and version 1 (memory.limit_in_bytes).
/// None if there is no limit, or none that can be read. `root` is prepended to every path, for
/// tests; empty for the machine's own. Source: Linux Documentation/admin-guide/cgroup-v2.rst,
/// cgroup-v1/memory.rst.
std::optional<std::uint64_t> memory_limit(const std::string& root = {});

}  // namespace ship
