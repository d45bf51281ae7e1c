#include <algorithm>

#include "config/print_config.hpp"
#include "config/reference_entry.hpp"
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

std::string global_sections() {
  // A map is a separate section, after the rest of the section that contains it.
  std::vector<std::pair<std::string, std::string>> sections;
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command) continue;
    const std::string section(section_of(row));
    auto found = std::find_if(sections.begin(), sections.end(),
                              [&section](const auto& known) { return known.first == section; });
    if (found == sections.end()) {
      found = sections.insert(sections.end(),
                              {section, section.empty() ? "" : "\n#[" + section + "]\n"});
    }
    found->second += reference_entry(row, name_in_section(row, row.key));
  }
  std::string text;
  for (const auto& [section, lines] : sections) text += lines;
  return text;
}

std::string sink_section(const SinkType& type) {
  std::string text = toml_comment(std::string(type.help));
  const std::string table = "sinks." + std::string(type.name);
  text += "#[" + table + "]\n#url = " + toml_string(type.example) + "\n";
  std::string maps;
  for (const Setting& row : settings_of(type)) {
    if (row.type() == SettingType::map) {
      maps += "#[" + table + "." + std::string(row.key) + "]\n" + reference_entry(row, row.key);
    } else {
      text += reference_entry(row, row.key);
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
