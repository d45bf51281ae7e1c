#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "config/sink_types.hpp"

namespace ship {

/// What a setting's value is, which decides how its text is read and printed.
///   choice   one of `choices`          level    a level's name, or a severity from 0 to 99
///   list     texts; a comma list in a flag, an array or a comma list in TOML
///   map      names and texts; `name=text` in a flag, a table in TOML
///   mode     permission bits in octal  signal   a signal's name, with or without SIG
///   paths    files, one for each use of the flag; `:` between them in the environment
///   url      a sink                    secret   text that appears in no output
enum class SettingType : std::uint8_t {
  boolean,
  integer,
  decimal,
  size,
  duration,
  choice,
  text,
  path,
  paths,
  url,
  level,
  list,
  map,
  mode,
  signal,
  secret
};

/// Where a setting may stand.
///   command  only as a flag or environment variable: it has no TOML key
///   global   once in a TOML file
///   shared   once in a TOML file, and again inside a sink's table, where it counts for that sink
///   sink     only inside the table (or the URL) of the sink types in `sinks`
enum class Scope : std::uint8_t { command, global, shared, sink };

/// One row of the one table. Flags, environment names, --help, the reference file, completions and
/// man pages are made from it. Texts live for ever; an empty text means "none".
struct Setting {
  std::string_view key;        ///< TOML: "queue.size"; inside a sink the same, without the sink
  std::string_view flag = {};  ///< without dashes
  char short_flag = 0;
  std::string_view metavar = {};  ///< what --help calls the value
  SettingType type = SettingType::text;
  Scope scope = Scope::global;
  SinkTypes sinks = 0;            ///< Scope::sink: the types that have this key
  std::string_view choices = {};  ///< "json|!pretty": a `!` marks what this version does not have
  std::string_view default_text = {};
  std::string_view local_default = {};  ///< the default for stdout, file and null, where it differs
  std::string_view example = {};        ///< for the reference file, where there is no default
  bool remote_only = false;             ///< shared: at the top it counts for remote sinks only
  std::uint64_t min = 0;                ///< of numbers, bytes or milliseconds
  std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view group = {};  ///< the heading in --help
  std::string_view help = {};   ///< one sentence without full stop
  bool negatable = false;       ///< boolean flags: --no-FLAG exists
  bool repeatable = false;      ///< the flag may be given several times and adds up
  bool masked = false;          ///< not a secret by type, but may hold one: printed as ***
  bool reloadable = false;      ///< a change takes effect with SIGHUP; so it does for Scope::sink
  bool later = false;           ///< named by the contract, but not in this version
};

/// Every setting, in the order of --help. The rows live for ever.
std::span<const Setting> settings_table();

/// The keys that sinks have beside the shared ones, in the order of the reference file.
std::span<const Setting> sink_settings_table();

/// The row of a key at the top of a TOML file ("queue.size"), or for a map also of one of its
/// entries
/// ("labels.app"). Null where there is none.
const Setting* find_global(std::string_view key);

/// The row of a key inside a sink of `type`, its own or a shared one; maps as above. Null: none.
const Setting* find_in_sink(SinkType type, std::string_view key);

/// The row of a flag, without dashes; `--no-` forms are not found. Null: none.
const Setting* find_flag(std::string_view flag);

/// "FAPILOG_SHIP_QUEUE_SIZE" for --queue-size; empty for a row without a flag or for one that asks
/// for something to be printed (--help, --version, --print-config).
std::string environment_name(const Setting& setting);

/// The part of `key` behind a map's own key: "app" for "labels.app". Empty if `key` is the map
/// itself.
std::string_view map_entry(const Setting& setting, std::string_view key);

/// SIGHUP is enough for a change to take effect.
inline bool is_reloadable(const Setting& setting) {
  return setting.reloadable || setting.scope == Scope::sink;
}

/// A secret, or something that may hold one: appears in no output.
inline bool is_hidden(const Setting& setting) {
  return setting.type == SettingType::secret || setting.masked;
}

}  // namespace ship
