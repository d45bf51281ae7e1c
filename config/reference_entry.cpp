#include "config/reference_entry.hpp"

#include <algorithm>

#include "config/value.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

constexpr std::size_t kWidth = 100;

std::string sample(const Setting& row) {
  const std::string_view text = row.default_text.empty() ? row.example : row.default_text;
  if (row.type() == SettingType::map || row.type() == SettingType::secret || row.masked) {
    return toml_string(row.type() == SettingType::map ? text.substr(text.find('=') + 1) : text);
  }
  const Result<Value> value = value_from_text(row, text);
  return value ? print_value(row, value.value()) : toml_string(text);
}

}  // namespace

std::string toml_comment(std::string_view text) {
  std::string result;
  std::string line = "#";
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (line.size() + 1 + blank > kWidth) {
      result += line + "\n";
      line = "#";
    }
    line += " " + std::string(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return result + line + "\n";
}

std::string reference_entry(const Setting& row, std::string_view name) {
  std::string help = help_text(row);
  if (const std::string others = other_defaults(row); !others.empty()) help += "; " + others;
  if (!is_reloadable(row)) help += "; needs a restart";
  if (!row.flag.empty()) help += " (--" + std::string(row.flag) + ")";
  if (row.default_text.empty()) help += "; for example:";
  std::string key(name);
  if (row.type() == SettingType::map)
    key = std::string(row.example.substr(0, row.example.find('=')));
  return toml_comment(help) + "#" + key + " = " + sample(row) + "\n";
}

}  // namespace ship
