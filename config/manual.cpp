#include "config/manual.hpp"

#include <algorithm>
#include <vector>

#include "config/preset_guide.hpp"
#include "config/value.hpp"
#include "settings/settings_table.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

constexpr std::size_t kWidth = 76;

/// `text` as roff prints it unchanged, in ASCII.
std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == '\\') {
      result += "\\e";
    } else if (c == '^') {
      result += "\\(ha";
    } else if (text.substr(i).starts_with("--")) {
      result += "\\-\\-";
      ++i;
    } else if (c == '~') {
      result += "\\(ti";
    } else if (c == '\'') {
      result += "\\(aq";
    } else if (text.substr(i).starts_with("…")) {
      result += "...";
      i += 2;
    } else {
      result += static_cast<char>(c);
    }
  }
  return result;
}

/// An argument of a macro: one word, whatever it contains.
std::string argument(std::string_view text) {
  std::string result = "\"";
  for (const char c : escaped(text)) result += c == '"' ? std::string("\\(dq") : std::string(1, c);
  // A colon at the end would count as part of the sentence.
  return result + (text.ends_with(':') ? "\\&\"" : "\"");
}

/// Lines of running text.
std::string paragraph(std::string_view text) {
  std::string result;
  std::string line;
  const auto put = [&] {
    if (line.starts_with('.') || line.starts_with('\'')) line.insert(0, "\\&");
    result += line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string word = escaped(text.substr(0, blank));
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) put();
    line += (line.empty() ? "" : " ") + word;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  put();
  return result;
}

std::string default_text(const Setting& row) {
  if (row.default_text.empty()) return "";
  std::string text = " The default is " + std::string(row.default_text);
  if (const std::string others = other_defaults(row); !others.empty()) text += "; " + others;
  return text + ".";
}

std::string option_entry(const Setting& row) {
  const std::string value = row.metavar.empty() ? "" : " Ar " + argument(row.metavar);
  std::string text = ".It";
  if (row.short_flag != 0) text += std::string(" Fl ") + row.short_flag + " ,";
  text += " Fl -" + std::string(row.flag);
  if (row.negatable) text += " , Fl -no-" + std::string(row.flag);
  text += value + "\n" + paragraph(help_text(row) + ".");
  if (const std::string standard = default_text(row);
      !standard.empty() && (row.type() != SettingType::boolean || row.negatable)) {
    text += paragraph(row.type() != SettingType::boolean ? standard.substr(1)
                      : row.default_text == "true"       ? "The default is on."
                                                         : "The default is off.");
  }
  if (row.scope != Scope::command) text += "Key:\n.Va " + std::string(row.key) + " .\n";
  return text;
}

std::string options() {
  std::vector<std::string_view> groups;
  for (const Setting& row : settings_table()) {
    if (row.flag.empty()) continue;
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) {
      groups.push_back(row.group);
    }
  }
  std::string text;
  for (const std::string_view group : groups) {
    text += ".Ss " + escaped(group) + "\n.Bl -tag -width Ds\n";
    for (const Setting& row : settings_table()) {
      if (row.group == group && !row.flag.empty()) text += option_entry(row);
    }
    text += ".El\n";
  }
  return text;
}

std::string sinks() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const SinkType* type : sink_types()) {
    if (type->absent.empty())
      text += ".It Li " + argument(type->example) + "\n" + paragraph(type->help);
  }
  return text + ".El\n";
}

std::string_view type_name(const Setting& row) {
  switch (row.type()) {
    case SettingType::boolean:
      return "true or false";
    case SettingType::integer:
    case SettingType::decimal:
      return "number";
    case SettingType::size:
      return "size";
    case SettingType::duration:
      return "duration";
    case SettingType::choice:
      return "choice";
    case SettingType::path:
    case SettingType::paths:
      return "path";
    case SettingType::level:
      return "level";
    case SettingType::list:
      return "list";
    case SettingType::map:
      return "table";
    case SettingType::mode:
      return "octal mode";
    case SettingType::signal:
      return "signal";
    case SettingType::secret:
      return "secret";
    case SettingType::text:
    case SettingType::url:
      break;
  }
  return "text";
}

std::string key_entry(const Setting& row) {
  std::string text = ".It Va " + std::string(row.key) + " Pq " + argument(type_name(row)) + "\n" +
                     paragraph(help_text(row) + ".");
  if (!row.default_text.empty()) {
    text += paragraph(default_text(row).substr(1));
  } else if (!row.example.empty()) {
    text += paragraph("For example: " + std::string(row.example));
  }
  if (row.scope == Scope::shared) text += "May also stand in a sink.\n";
  if (!is_reloadable(row)) text += "A change needs a restart.\n";
  if (!row.flag.empty()) text += "Flag:\n.Fl -" + std::string(row.flag) + " .\n";
  return text;
}

/// One list for each section of the file, in the order of the table.
std::string keys() {
  std::vector<std::pair<std::string_view, std::string>> sections;
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command) continue;
    const std::size_t dot = row.key.find('.');
    const std::string_view section = dot == row.key.npos ? "" : row.key.substr(0, dot);
    auto found = std::find_if(sections.begin(), sections.end(),
                              [section](const auto& known) { return known.first == section; });
    if (found == sections.end()) found = sections.insert(sections.end(), {section, ""});
    found->second += key_entry(row);
  }
  std::string text;
  for (const auto& [section, entries] : sections) {
    text += section.empty() ? std::string(".Ss Without a section\n")
                            : ".Ss \\(lB" + std::string(section) + "\\(rB\n";
    text += ".Bl -tag -width Ds\n" + entries + ".El\n";
  }
  return text;
}

std::string sink_keys() {
  std::string text;
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    text += ".Ss " + std::string(type->name) + ": " + escaped(type->help) + "\nThe URL is\n.Li " +
            argument(type->example) + " .\n.Bl -tag -width Ds\n";
    for (const Setting& row : settings_of(*type)) text += key_entry(row);
    text += ".El\n";
  }
  return text;
}

std::string preset_list() {
  std::string text = ".Bl -tag -width Ds\n";
  for (const PresetGuide& preset : preset_guides()) {
    text += ".It Li " + argument(preset.name) + "\n";
    // Each sentence begins on its own line.
    std::string_view rest = preset.purpose;
    for (std::size_t end = rest.find(". "); end != rest.npos; end = rest.find(". ")) {
      text += paragraph(rest.substr(0, end + 1));
      rest.remove_prefix(end + 2);
    }
    text += paragraph(rest);
    for (const auto& [key, value] : preset.values) {
      text += ".br\n.Va " + key + "\n.Li = " + argument(value) + "\n";
    }
  }
  return text + ".El\n";
}

}  // namespace

std::string fill_manual(std::string_view page) {
  std::string text;
  while (!page.empty()) {
    const std::size_t end = std::min(page.find('\n'), page.size());
    const std::string_view line = page.substr(0, end);
    if (line == "@OPTIONS@") {
      text += options();
    } else if (line == "@SINKS@") {
      text += sinks();
    } else if (line == "@KEYS@") {
      text += keys();
    } else if (line == "@PRESETS@") {
      text += preset_list();
    } else if (line == "@SINK-KEYS@") {
      text += sink_keys();
    } else {
      text += std::string(line) + "\n";
    }
    page.remove_prefix(std::min(end + 1, page.size()));
  }
  return text;
}

}  // namespace ship
