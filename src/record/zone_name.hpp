#pragma once

#include <optional>
#include <string_view>

namespace ship {

/// The UTC offset, in minutes east, of the time zone that loggers write as `name`: "UTC", "CET",
/// "PDT". Only names that mean the same thing all over the world, or that RFC 5322 defines.
std::optional<int> zone_minutes(std::string_view name);

}  // namespace ship
