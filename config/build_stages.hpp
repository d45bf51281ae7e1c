#pragma once

#include "config/value_reader.hpp"
#include "settings/settings.hpp"

namespace ship {

/// The settings of the stages from values that are complete and checked, but for what only the
/// stages themselves can tell (see check_stages). `build_filter` is for the top or for one sink.
FilterSettings build_filter(const ValueReader& values);
EnrichSettings build_enrich(const ValueReader& values);
RedactSettings build_redact(const ValueReader& values);
ShapeSettings build_shape(const ValueReader& values);
SizeGuardSettings build_size_guard(const ValueReader& values);

/// "hash" and the like; none: no action has that name.
std::optional<RedactAction> redact_action(std::string_view name);

}  // namespace ship
