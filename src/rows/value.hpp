#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ship {

/// A setting's value, read and within its bounds. Integers, sizes and modes are whole numbers;
/// choices, levels, paths, signals and secrets are texts; one entry of a map is a text.
using Value = std::variant<bool, std::uint64_t, std::chrono::milliseconds, std::string,
                           std::vector<std::string>, double>;

/// A basic TOML string, quoted and escaped.
std::string toml_string(std::string_view text);
/// `key` as TOML writes it: bare if possible, else quoted.
std::string toml_key(std::string_view key);

}  // namespace ship
