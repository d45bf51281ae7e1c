#pragma once

#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace ship {

/// A setting that its stage cannot apply.
struct StageFault {
  std::string sink;     ///< empty: at the top
  std::string key;      ///< "filter.where"; for an entry of a map "redact.patterns.order"
  std::string message;  ///< without the key: "column 8: found '==', expected …"
};

/// What is wrong with the settings of the stages beyond their types: expressions, patterns, field
/// paths, names of presets. Reads no files: the start finds out whether named files can be read.
std::vector<StageFault> check_stages(const Settings& settings);

}  // namespace ship
