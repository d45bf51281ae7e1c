#include "cli/completion_words.hpp"

#include <algorithm>

#include "config/value.hpp"
#include "settings/settings_table.hpp"
#include "settings/value_names.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

/// How the URL of a sink begins.
std::string sink_starts() {
  std::string text;
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    std::string_view rest = type->schemes;
    while (!rest.empty()) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      text += (text.empty() ? "" : " ") + std::string(rest.substr(0, bar)) +
              (type->form == UrlForm::nothing ? ":" : "://");
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
  }
  return text;
}

}  // namespace

bool takes_files(const CommandRow& command) {
  return command.arguments.find("PATH") != command.arguments.npos ||
         command.arguments.find("FILE") != command.arguments.npos;
}

std::vector<std::string> commands_with_files() {
  std::vector<std::string> names;
  for (const CommandRow& command : command_table()) {
    if (takes_files(command)) names.emplace_back(command.name);
  }
  return names;
}

bool is_completed(const Setting& row) { return !row.flag.empty(); }

bool takes_path(const Setting& row) {
  return row.type() == SettingType::path || row.type() == SettingType::paths;
}

std::string candidates(const Setting& row) {
  if (row.type() == SettingType::url) return sink_starts();
  if (row.type() == SettingType::map) return "";
  if (std::string names = value_names(row); !names.empty()) return names;
  std::string text;
  for (const SettingChoice& choice : row.choices()) {
    text += (text.empty() ? "" : " ") + std::string(choice.name);
  }
  return text;
}

bool takes_list(const Setting& row) {
  return row.type() == SettingType::list && !candidates(row).empty();
}

std::string candidates(const CommandFlag& flag) { return flag.metavar == "STAGE" ? "in out" : ""; }
bool takes_sink(const CommandFlag& flag) { return flag.metavar == "NAME" && flag.name == "sink"; }

std::vector<std::string> spellings(const CommandFlag& flag) {
  std::vector<std::string> result;
  if (flag.short_flag != 0) result.push_back(std::string("-") + flag.short_flag);
  result.push_back("--" + std::string(flag.name));
  return result;
}

std::vector<std::string> spellings(const Setting& row) {
  std::vector<std::string> result;
  if (row.short_flag != 0) result.push_back(std::string("-") + row.short_flag);
  result.push_back("--" + std::string(row.flag));
  if (row.negatable) result.push_back("--no-" + std::string(row.flag));
  return result;
}

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string replaced(std::string text, std::string_view mark, std::string_view with) {
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
  return text;
}

}  // namespace ship
