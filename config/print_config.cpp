#include "config/print_config.hpp"

#include <algorithm>

#include "settings/settings_table.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

std::string comment(std::string_view text) {
  std::string safe = toml_string(text);
  return "  # " + safe.substr(1, safe.size() - 2) + "\n";
}

/// The lines of one section, in the order of the table.
class Sections {
 public:
  void add(std::string_view section, std::string line) {
    const auto found = std::find_if(sections_.begin(), sections_.end(),
                                    [&](const auto& known) { return known.first == section; });
    if (found != sections_.end()) {
      found->second += line;
    } else {
      sections_.emplace_back(section, std::move(line));
    }
  }

  /// Keys without a section first: TOML has no way back to the top.
  std::string text(const std::string& prefix) const {
    std::string result;
    for (const bool top : {true, false}) {
      for (const auto& [section, lines] : sections_) {
        if (section.empty() != top) continue;
        if (!top) result += "\n[" + prefix + section + "]\n";
        result += lines;
      }
    }
    return result;
  }

 private:
  std::vector<std::pair<std::string, std::string>> sections_;
};

void add_value(Sections& sections, const std::string& key, const Given& given) {
  const Setting& row = *given.setting;
  sections.add(section_of(row), toml_key(name_in_section(row, key)) + " = " +
                                    print_value(row, given.value) + comment(given.origin.text()));
}

/// Adds every value of `row`: one, or, for a map, one per entry.
template <class Admit>
void add_row(Sections& sections, const Setting& row, const Values& values, Admit&& admit) {
  for (const auto& [key, given] : values) {
    if (given.setting == &row && admit(given)) add_value(sections, key, given);
  }
}

}  // namespace

std::string print_config(const Effective& effective) {
  Sections globals;
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command) continue;
    const auto given = effective.globals.find(row.key);
    const std::string others = other_defaults(row);
    if (!others.empty() && given != effective.globals.end() &&
        given->second.origin.source == Origin::Source::built_in) {
      // Written out, it would apply to every sink instead of each type's default.
      globals.add(section_of(row), "# " + std::string(name_in_section(row, row.key)) + " = " +
                                       print_value(row, given->second.value) +
                                       comment("default; " + others));
      continue;
    }
    add_row(globals, row, effective.globals, [](const Given&) { return true; });
  }
  std::string text = globals.text("");
  for (const SinkValues& sink : effective.sinks) {
    const std::string table = "sinks." + toml_key(sink.name);
    text += "\n[" + table + "]\n";
    text += "url = " + toml_string(sink.url.shown()) + comment(sink.origin.text());
    Sections sections;
    const auto own = [](const Given& given) { return !given.inherited; };
    for (const Setting& row : settings_of(*sink.url.type)) {
      add_row(sections, row, sink.values, own);
    }
    for (const Setting& row : settings_table()) {
      if (row.scope == Scope::shared) add_row(sections, row, sink.values, own);
    }
    text += sections.text(table + ".");
  }
  return text;
}

}  // namespace ship
