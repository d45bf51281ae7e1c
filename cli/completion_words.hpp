#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.hpp"
#include "rows/setting.hpp"

namespace ship {

/// What the completion scripts of all shells offer, from the tables of commands and settings. Words
/// are blank-separated; none: there is nothing to offer.
inline constexpr std::string_view kCompletedShells = "bash zsh fish";

bool takes_files(const CommandRow& command);
/// The names of the commands behind which files stand.
std::vector<std::string> commands_with_files();

/// It has a flag.
bool is_completed(const Setting& row);
bool takes_path(const Setting& row);
/// What the value can be, or each part of it.
std::string candidates(const Setting& row);
/// The value is such words with commas between.
bool takes_list(const Setting& row);
/// "-s", "--sink", "--no-sink".
std::vector<std::string> spellings(const Setting& row);

std::string candidates(const CommandFlag& flag);
/// Its value is the name of a sink in the configuration.
bool takes_sink(const CommandFlag& flag);
std::vector<std::string> spellings(const CommandFlag& flag);

std::string joined(const std::vector<std::string>& parts, const std::string& between);
/// `text` with `with` in the place of each `mark`.
std::string replaced(std::string text, std::string_view mark, std::string_view with);

}  // namespace ship
