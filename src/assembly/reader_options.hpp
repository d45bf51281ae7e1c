#pragma once

#include <vector>

#include "input/readers.hpp"
#include "record/identity.hpp"
#include "settings/settings.hpp"

namespace ship {

/// The options of the readers of these inputs, without their filters. `numbers` must outlive them.
Readers::Options reader_options(const Settings& settings, const std::vector<OpenInput>& inputs,
                                RecordNumbers& numbers);

}  // namespace ship
