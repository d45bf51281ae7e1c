#include "settings/settings_table.hpp"

#include <map>
#include <vector>

#include "rows/member.hpp"
#include "settings/settings.hpp"

namespace ship {
namespace {

/// Settings of the program as a whole. The command line acts on those that no struct holds.
// clang-format off
constexpr auto kGeneral = section({.group = "General", .scope = Scope::command}, {
    {.key = "config", .flag = "config", .short_flag = 'c', .metavar = "FILE",
     .sets = nowhere(SettingType::path),
     .help = "read settings from a TOML file; may be repeated, later files win key by key "
             "(default: /etc/fapilog-ship/config.toml if it exists)",
     .repeatable = true},
});
constexpr auto kPreset = section({.group = "General", .reloadable = true}, {
    {.key = "preset", .flag = "preset", .metavar = "NAME",
     .sets = one_of<&Settings::preset>({"dev", "production", "fastapi", "serverless", "hardened", "minimal", "adaptive"}),
     .example = "production", .help = "start from a named set of values, named as in fapilog"},
});
constexpr auto kKeep = section({.group = "Spool and dead letters"}, {
    {.key = "keep", .flag = "keep", .metavar = "DIR",
     .sets = member<&Settings::keep>(SettingType::path), .example = "/var/lib/fapilog-ship",
     .help = "lose nothing: a durable spool and dead letters below this directory"},
});
constexpr auto kSwitches = section({.group = "General", .scope = Scope::command}, {
    {.key = "print-config", .flag = "print-config", .sets = nowhere(SettingType::boolean),
     .help = "print the effective configuration as TOML, with the origin of each value"},
    {.key = "progress", .flag = "progress", .metavar = "WHEN",
     .sets = nowhere(SettingType::choice, {"auto", "always", "never"}), .default_text = "auto",
     .help = "show progress while reading files: auto: on a terminal; always: also as lines "
             "elsewhere"},
    {.key = "quiet", .flag = "quiet", .short_flag = 'q', .sets = nowhere(SettingType::boolean),
     .help = "show errors only"},
    {.key = "verbose", .flag = "verbose", .short_flag = 'v', .sets = nowhere(SettingType::boolean),
     .help = "show details of what it does"},
    {.key = "version", .flag = "version", .short_flag = 'V', .sets = nowhere(SettingType::boolean),
     .help = "print the version, features and libraries"},
    {.key = "help", .flag = "help", .short_flag = 'h', .sets = nowhere(SettingType::boolean),
     .help = "print all help; -h prints what matters most"},
});
constexpr auto kSinks = section({.group = "Sinks", .scope = Scope::command}, {
    {.key = "sinks", .flag = "sink", .short_flag = 's', .metavar = "URL",
     .sets = nowhere(SettingType::url), .default_text = "stdout:",
     .help = "where records go; may be repeated", .repeatable = true},
    {.key = "pretty", .flag = "pretty", .sets = nowhere(SettingType::boolean),
     .help = "short for --sink 'stdout:?format=pretty'"},
    {.key = "output", .flag = "output", .short_flag = 'o', .metavar = "FILE",
     .sets = nowhere(SettingType::path), .help = "short for --sink file:FILE"},
    {.key = "color", .flag = "color", .metavar = "WHEN",
     .sets = nowhere(SettingType::choice, {"auto", "always", "never"}),
     .help = "colours of the pretty format, unless a sink sets its own"},
    {.key = "time", .flag = "time", .metavar = "ZONE",
     .sets = nowhere(SettingType::choice, {"local", "utc"}),
     .help = "times of the pretty format, unless a sink sets its own"},
});
constexpr auto kLabels = section({.group = "Labels", .reloadable = true}, {
    {.key = "labels", .flag = "label", .metavar = "K=V", .sets = member<&Settings::labels>(),
     .example = "app=web", .help = "a static label for every sink that has labels; may be repeated",
     .repeatable = true},
});
// clang-format on

/// The rows of one folder, and where their struct is.
struct Room {
  std::span<const Setting> rows;
  Part in_settings = nullptr;
  Part in_sink = nullptr;
};

std::vector<Setting> all_rows() {
  std::vector<Setting> all;
  for (const Room& room : std::initializer_list<Room>{
           {kGeneral},
           {kPreset, part<Settings>},
           {kSwitches},
           {input_rows(), part<Settings, &Settings::input>},
           {child_rows(), part<Settings, &Settings::child>},
           {queue_rows(), nullptr, part<SinkSettings, &SinkSettings::queue>},
           {kSinks},
           {delivery_rows(), nullptr, part<SinkSettings, &SinkSettings::delivery>},
           {kKeep, part<Settings>},
           {spool_rows(), nullptr, part<SinkSettings, &SinkSettings::spool>},
           {dead_letter_rows(), part<Settings, &Settings::dead_letter>},
           {filter_rows(), part<Settings, &Settings::filter>,
            part<SinkSettings, &SinkSettings::filter>},
           {enrich_rows(), part<Settings, &Settings::enrich>},
           {redact_rows(), part<Settings, &Settings::redact>},
           {shape_rows(), part<Settings, &Settings::shape>},
           {size_guard_rows(), part<Settings, &Settings::size_guard>},
           {kLabels, part<Settings>},
           {server_rows(), part<Settings, &Settings::server>},
           {stats_rows(), part<Settings, &Settings::stats>},
           {log_rows(), part<Settings, &Settings::log>}}) {
    for (Setting row : room.rows) {
      row.in_settings = room.in_settings;
      row.in_sink = room.in_sink;
      all.push_back(row);
    }
  }
  return all;
}

std::map<const SinkType*, std::vector<Setting>> all_sink_rows() {
  std::map<const SinkType*, std::vector<Setting>> all;
  for (const SinkType* type : sink_types()) {
    std::vector<Setting>& rows = all[type];
    for (Setting row : every_sink_rows()) {
      row.in_sink = part<SinkSettings>;
      rows.push_back(row);
    }
    rows.insert(rows.end(), type->rows.begin(), type->rows.end());
  }
  return all;
}

const Setting* admitted(const Setting* row, auto&& admits) {
  return row != nullptr && admits(*row) ? row : nullptr;
}

}  // namespace

std::span<const Setting> settings_table() {
  static const std::vector<Setting> kTable = all_rows();
  return kTable;
}

std::span<const Setting> settings_of(const SinkType& type) {
  static const std::map<const SinkType*, std::vector<Setting>> kTables = all_sink_rows();
  return kTables.at(&type);
}

const Setting* find_global(std::string_view key) {
  return admitted(find_row(settings_table(), key),
                  [](const Setting& row) { return row.scope != Scope::command; });
}

const Setting* find_in_sink(const SinkType& type, std::string_view key) {
  if (const Setting* own = find_row(settings_of(type), key)) return own;
  return admitted(find_row(settings_table(), key),
                  [](const Setting& row) { return row.scope == Scope::shared; });
}

const Setting* find_flag(std::string_view flag) {
  for (const Setting& row : settings_table()) {
    if (row.flag == flag) return &row;
  }
  return nullptr;
}

}  // namespace ship
