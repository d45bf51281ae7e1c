#pragma once

#include <optional>
#include <string_view>

namespace ship {

/// The minutes east of Greenwich of the time zone that loggers write as `name`: "UTC", "CET", "PDT".
/// Only names that mean one thing in the whole world, or that RFC 5322 gives one meaning.
std::optional<int> zone_minutes(std::string_view name);

}  // namespace ship
