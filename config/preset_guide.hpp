#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ship {

/// A preset as a reader of the documents sees it.
struct PresetGuide {
  std::string name;
  std::string purpose;                                      ///< what it is for; one paragraph
  std::vector<std::pair<std::string, std::string>> values;  ///< key and value, as in TOML
  std::vector<std::string> promises;                        ///< of a run with this preset and one
                                                            ///< server
};

/// All presets in the order of the setting, read from the presets themselves.
std::vector<PresetGuide> preset_guides();

/// packaging/doc/presets.md: what each preset sets and promises.
std::string preset_page();

}  // namespace ship
