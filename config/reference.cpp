#include <algorithm>

#include "config/print_config.hpp"
#include "settings/settings_table.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

constexpr std::string_view kHead =
    R"(# Every setting of fapilog-ship, with its default or, behind "for example", a possible value.
# Lines that start with #key are settings: take the # away. The file as it stands sets nothing.
#
# Precedence: flag > environment > file > preset > default. Each --flag is also FAPILOG_SHIP_FLAG.
# Sizes:      an integer, or a number with B, KB, MB, GB, TB, KiB, MiB, GiB, K, M, G (1024-based).
# Durations:  a number with ms, s, m, h, d or w; a bare number is seconds.
# Changes:    taken up with SIGHUP; where it says "needs a restart", by a restart.
# Texts:      ${NAME} and ${NAME:-default} come from the environment; $${ is a literal ${.

)";

constexpr std::string_view kSinksHead =
    R"(# Where records go: a table for each sink, named as you like. With none at all it is stdout.
# Each key may also be a parameter of the URL, percent-encoded: loki+http://host:3100?max_age=1h; an
# entry of a table is labels.app=web there. User information in a URL is username and password.
# The keys of [queue], [delivery], [spool] and [filter] may be set again in a sink: [sinks.NAME.queue].

)";

constexpr std::size_t kWidth = 100;

/// `text` as comment lines.
std::string comment(std::string_view text) {
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

std::string sample(const Setting& row) {
  const std::string_view text = row.default_text.empty() ? row.example : row.default_text;
  if (row.type() == SettingType::map || row.type() == SettingType::secret || row.masked) {
    return toml_string(row.type() == SettingType::map ? text.substr(text.find('=') + 1) : text);
  }
  const Result<Value> value = value_from_text(row, text);
  return value ? print_value(row, value.value()) : toml_string(text);
}

std::string entry(const Setting& row, std::string_view name) {
  std::string help = help_text(row);
  if (const std::string others = other_defaults(row); !others.empty()) help += "; " + others;
  if (!is_reloadable(row)) help += "; needs a restart";
  if (!row.flag.empty()) help += " (--" + std::string(row.flag) + ")";
  if (row.default_text.empty()) help += "; for example:";
  std::string key(name);
  if (row.type() == SettingType::map)
    key = std::string(row.example.substr(0, row.example.find('=')));
  return comment(help) + "#" + key + " = " + sample(row) + "\n";
}

std::string global_sections() {
  // A map is a section of its own, and stands behind the rest of the section that holds it.
  std::vector<std::pair<std::string, std::string>> sections;
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command) continue;
    const std::size_t dot = row.key.rfind('.');
    std::string section(row.type() == SettingType::map ? row.key
                        : dot == row.key.npos          ? ""
                                                       : row.key.substr(0, dot));
    auto found = std::find_if(sections.begin(), sections.end(),
                              [&section](const auto& known) { return known.first == section; });
    if (found == sections.end()) {
      found = sections.insert(sections.end(),
                              {section, section.empty() ? "" : "\n#[" + section + "]\n"});
    }
    found->second += entry(row, dot == row.key.npos ? row.key : row.key.substr(dot + 1));
  }
  std::string text;
  for (const auto& [section, lines] : sections) text += lines;
  return text;
}

std::string sink_section(const SinkType& type) {
  std::string text = comment(std::string(type.help));
  const std::string table = "sinks." + std::string(type.name);
  text += "#[" + table + "]\n#url = " + toml_string(type.example) + "\n";
  std::string maps;
  for (const Setting& row : settings_of(type)) {
    if (row.type() == SettingType::map) {
      maps += "#[" + table + "." + std::string(row.key) + "]\n" + entry(row, row.key);
    } else {
      text += entry(row, row.key);
    }
  }
  return text + maps + "\n";
}

}  // namespace

std::string reference_toml() {
  std::string text = std::string(kHead) + global_sections() + "\n" + std::string(kSinksHead);
  for (const SinkType* type : sink_types()) {
    if (type->absent.empty()) text += sink_section(*type);
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace ship
