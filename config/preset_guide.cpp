#include "config/preset_guide.hpp"

#include <algorithm>

#include "config/load.hpp"
#include "config/presets.hpp"
#include "config/promises.hpp"
#include "config/value.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kHead =
    R"(# Presets

A preset is a named set of values to start from, by the names that fapilog gives its own. A file, the environment and
flags win over it: `--preset production --workers 1`. No preset lets the application wait for a sink; to make it wait,
say so with `--no-drop-on-full`. `fapilog-ship check --preset NAME` says what a preset does to your configuration.

)";

/// The comment at the top of the preset.
std::string purpose_of(std::string_view toml) {
  const std::string_view line = toml.substr(0, toml.find('\n'));
  return std::string(line.substr(std::min(line.find_first_not_of("# "), line.size())));
}

PresetGuide guide_of(const Preset& preset) {
  LoadRequest request;
  request.default_file.clear();
  request.flags = {{find_flag("preset"), std::string(preset.name)},
                   {find_flag("sink"), "http://logs.example.com/in"}};
  const LoadOutcome outcome = load_settings(request);
  PresetGuide guide{
      std::string(preset.name), purpose_of(preset.toml), {}, promises(outcome.effective)};
  for (const Setting& row : settings_table()) {
    const auto given = outcome.effective.globals.find(row.key);
    if (given == outcome.effective.globals.end()) continue;
    if (given->second.origin.source != Origin::Source::preset) continue;
    guide.values.emplace_back(row.key, print_value(row, given->second.value));
  }
  return guide;
}

std::string value_in(const PresetGuide& guide, const std::string& key) {
  for (const auto& [known, text] : guide.values) {
    if (known == key) return "`" + text + "`";
  }
  return "";
}

}  // namespace

std::vector<PresetGuide> preset_guides() {
  std::vector<PresetGuide> guides;
  for (const SettingChoice& choice : find_flag("preset")->choices()) {
    for (const Preset& preset : presets()) {
      if (preset.name == choice.name) guides.push_back(guide_of(preset));
    }
  }
  return guides;
}

std::string preset_page() {
  const std::vector<PresetGuide> guides = preset_guides();
  std::string head = "| key |";
  std::string rule = "|---|";
  for (const PresetGuide& guide : guides) {
    head += " " + guide.name + " |";
    rule += "---|";
  }
  std::string text = std::string(kHead) + head + "\n" + rule + "\n";
  for (const Setting& row : settings_table()) {
    const std::string key(row.key);
    std::string line = "| `" + key + "` |";
    bool any = false;
    for (const PresetGuide& guide : guides) {
      const std::string value = value_in(guide, key);
      any = any || !value.empty();
      line += value.empty() ? " |" : " " + value + " |";
    }
    if (any) text += line + "\n";
  }
  text += "\nA run with one server, `--sink http://logs.example.com/in`:\n";
  for (const PresetGuide& guide : guides) {
    text += "\n## " + guide.name + "\n\n" + guide.purpose + "\n\n";
    for (const std::string& promise : guide.promises) text += "- " + promise + "\n";
  }
  return text;
}

}  // namespace ship
