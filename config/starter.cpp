#include "config/starter.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/reference_entry.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kHead =
    R"(# A configuration of fapilog-ship to start from. A line that starts with #key is a setting: take
# the # away, and that of the [section] above it. All settings: man fapilog-ship.toml.
# Then: fapilog-ship check --connect -c THIS_FILE

)";

/// What most people change.
constexpr std::string_view kUsual[] = {"preset", "queue.size",       "queue.drop_on_full",
                                       "keep",   "filter.min_level", "redact.presets",
                                       "labels", "server.listen",    "log.format"};

/// The same of sinks, by their keys; each type has some of these.
constexpr std::string_view kUsualOfSinks[] = {"format",
                                              "rotate_size",
                                              "max_files",
                                              "body",
                                              "bearer_token_file",
                                              "labels",
                                              "label_fields",
                                              "encoding",
                                              "id_field",
                                              "api_key_file",
                                              "op",
                                              "create_group",
                                              "retention_days",
                                              "token_file",
                                              "index",
                                              "sourcetype",
                                              "service",
                                              "tags",
                                              "key_field",
                                              "acks",
                                              "compression",
                                              "compress",
                                              "credentials_file",
                                              "resource",
                                              "object_size",
                                              "region",
                                              "facility",
                                              "app_name",
                                              "structured_data",
                                              "resource_attributes",
                                              "table",
                                              "create_table",
                                              "password_file",
                                              "ca_file",
                                              "hostname"};
constexpr std::size_t kMostOfSink = 3;

constexpr std::string_view kNoSink =
    R"(
# Where records go; without a sink, to standard output.
#[sinks.loki]
#url = "loki+http://loki:3100"
)";

bool is_asked_for(const Given& given) {
  return given.origin.source == Origin::Source::flag ||
         given.origin.source == Origin::Source::environment;
}

bool is_usual(const Setting& row) {
  return std::find(std::begin(kUsual), std::end(kUsual), row.key) != std::end(kUsual);
}

/// The lines of one section; the top of the file has no name.
struct Section {
  std::string name;
  std::string lines;
  bool asked_for = false;
};

Section& section_named(std::string_view name, std::vector<Section>& sections) {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const Section& one) { return one.name == name; });
  if (found != sections.end()) return *found;
  return sections.emplace_back(Section{std::string(name), "", false});
}

/// One line for each value given for the row.
std::string lines_of(const Setting& row, const Values& values) {
  std::string lines;
  for (const auto& [key, given] : values) {
    if (given.setting != &row || !is_asked_for(given)) continue;
    lines += toml_key(name_in_section(row, key)) + " = " + print_value(row, given.value) + "\n";
  }
  return lines;
}

/// What the URL's parameters and user information said: it is shown without them.
std::string values_of(const SinkValues& sink) {
  std::string text;
  for (const auto& [key, given] : sink.values) {
    if (given.inherited || !is_asked_for(given)) continue;
    const Setting& row = *given.setting;
    if (!is_hidden(row)) {
      const bool is_map = row.type() == SettingType::map;
      text += (is_map ? std::string(row.key) + "." + toml_key(map_entry(row, key)) : key) + " = " +
              print_value(row, given.value) + "\n";
      continue;
    }
    text += toml_comment(key +
                         " is a secret, and not written here: name its file, or a variable "
                         "as ${NAME}");
    const bool has_file = find_in_sink(*sink.url.type, key + "_file") != nullptr;
    text += "#" + key + (has_file ? "_file = \"/run/secrets/" + key : " = \"${NAME}") + "\"\n";
  }
  return text;
}

/// The first keys of the sink's type that people set, as comments, without those that were given.
std::string usual_of(const SinkValues& sink) {
  std::string text;
  std::size_t count = 0;
  for (const Setting& row : settings_of(*sink.url.type)) {
    const bool is_usual_key = std::find(std::begin(kUsualOfSinks), std::end(kUsualOfSinks),
                                        row.key) != std::end(kUsualOfSinks);
    const bool is_given =
        std::any_of(sink.values.begin(), sink.values.end(), [&row](const auto& entry) {
          return entry.second.setting == &row && is_asked_for(entry.second);
        });
    if (!is_usual_key || is_given || count == kMostOfSink) continue;
    ++count;
    const bool is_map = row.type() == SettingType::map;
    const std::string entry = reference_entry(row, row.key);
    if (!is_map) {
      text += entry;
      continue;
    }
    // Of a map, the entry shows a key inside of it.
    const std::size_t line = entry.rfind("\n#") + 2;
    text += entry.substr(0, line) + std::string(row.key) + "." + entry.substr(line);
  }
  return text;
}

std::string sinks(const Effective& given) {
  std::string text;
  for (const SinkValues& sink : given.sinks) {
    if (sink.origin.source == Origin::Source::built_in) continue;
    text += "\n[sinks." + toml_key(sink.name) + "]\nurl = " + toml_string(sink.url.shown()) + "\n" +
            values_of(sink) + usual_of(sink);
  }
  return text.empty() ? std::string(kNoSink) : text;
}

}  // namespace

std::string starter_toml(const Effective& given) {
  std::vector<Section> sections = {Section{}};
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command) continue;
    const std::string lines = lines_of(row, given.globals);
    if (lines.empty() && !is_usual(row)) continue;
    Section& section = section_named(section_of(row), sections);
    section.asked_for = section.asked_for || !lines.empty();
    section.lines += lines.empty() ? reference_entry(row, name_in_section(row, row.key))
                                   : toml_comment(help_text(row)) + lines;
  }
  std::string text(kHead);
  for (const Section& section : sections) {
    if (!section.name.empty()) {
      text += std::string("\n") + (section.asked_for ? "" : "#") + "[" + section.name + "]\n";
    }
    text += section.lines;
  }
  return text + sinks(given);
}

}  // namespace ship
