#pragma once

#include <cstddef>

#include "base/time_zone.hpp"
#include "input/input_settings.hpp"
#include "input/multiline.hpp"
#include "record/probe.hpp"

namespace ship {

/// What the input settings mean for code that reads lines. An invalid value counts as the default;
/// the configuration reports it.
TimeZone time_zone_of(const InputSettings& input);
Probe::Options probe_options(const InputSettings& input,
                             std::size_t block_bytes = Probe::Options().block_bytes);
Multiline::Options multiline_options(const InputSettings& input);

}  // namespace ship
