#pragma once

#include <span>
#include <string_view>

namespace ship {

/// A preset from config/presets/, compiled in.
struct Preset {
  std::string_view name;
  std::string_view toml;
};

/// All presets, by name. They live as long as the program.
std::span<const Preset> presets();

}  // namespace ship
