#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "rows/value.hpp"

namespace ship {

/// The type of a setting's value, which decides how its text is read and printed.
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

/// Where a setting may appear.
///   command  only as a flag or environment variable: it has no TOML key
///   global   once in a TOML file
///   shared   once in a TOML file, and again inside a sink's table, where it applies to that sink
///   sink     only inside the table (or the URL) of a sink whose type has it
enum class Scope : std::uint8_t { command, global, shared, sink };

/// A text that a setting takes, and the number of the enumerator that it stands for.
struct SettingChoice {
  std::string_view name;
  std::uint8_t number = 0;
};

/// The choices of a setting, in the order in which they are listed. Empty: anything of its type.
class Choices {
 public:
  static constexpr std::size_t kMost = 12;

  constexpr void add(SettingChoice choice) { items_[size_++] = choice; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const SettingChoice* begin() const { return items_.data(); }
  constexpr const SettingChoice* end() const { return items_.data() + size_; }
  constexpr const SettingChoice* find(std::string_view name) const {
    for (const SettingChoice& choice : *this) {
      if (choice.name == name) return &choice;
    }
    return nullptr;
  }

 private:
  std::array<SettingChoice, kMost> items_{};
  std::size_t size_ = 0;
};

struct Setting;

/// The member that a row sets; member.hpp makes it from a pointer to that member.
/// `set` is null for values that no struct holds (flags of the program, aliases). `entry`: the name
/// within a map.
struct Member {
  SettingType type = SettingType::text;
  Choices choices = {};
  void (*set)(const Setting& row, void* object, std::string_view entry,
              const Value& value) = nullptr;
};

/// Maps a whole (all settings, a sink) to the part of it that holds a row's members.
using Part = void* (*)(void* whole);

/// One row of the one table: everything about a setting. Flags, environment names, --help, the
/// reference file, completions, man pages and the structs that the program uses are made from it.
/// Texts live as long as the program; an empty text means "none".
struct Setting {
  std::string_view key;        ///< TOML: "queue.size"; inside a sink the same, without the sink
  std::string_view flag = {};  ///< without dashes
  char short_flag = 0;
  std::string_view metavar = {};  ///< what --help calls the value
  Member sets = {};
  std::string_view default_text = {};
  std::string_view zero = {};     ///< of an integer: the text that stands for 0
  std::string_view example = {};  ///< for the reference file, if there is no default
  std::uint64_t min = 0;          ///< of numbers, bytes or milliseconds
  std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view help = {};     ///< one sentence without a period
  std::string_view same_as = {};  ///< in a sink: replaces that shared key
  bool remote_only = false;       ///< shared: at the top it applies to remote sinks only
  bool negatable = false;         ///< boolean flags: --no-FLAG exists
  bool repeatable = false;        ///< the flag may be repeated; values add up
  bool masked = false;            ///< not a secret by type, but may hold one: printed as ***
  bool reloadable = false;        ///< a change takes effect on SIGHUP, in a sink too
  Scope scope = Scope::global;    ///< this, `group` and the parts: set by the section, see there
  std::string_view group = {};    ///< the heading in --help
  Part in_settings = nullptr;     ///< from all Settings; null: not held there
  Part in_sink = nullptr;         ///< from one sink's SinkSettings
  Part in_destination = nullptr;  ///< from the settings of the sink's own type

  constexpr SettingType type() const { return sets.type; }
  constexpr const Choices& choices() const { return sets.choices; }
};

/// Rows, and the part of a whole that they fill.
struct RowsOf {
  std::span<const Setting> rows;
  Part part = nullptr;
};

/// Takes a message for the user about what is wrong with the value of `key`.
using SettingReport = std::function<void(std::string_view key, std::string message)>;

/// "FAPILOG_SHIP_QUEUE_SIZE" for --queue-size; empty for a row without a flag and for one that only
/// prints something (--help, --version, --print-config).
std::string environment_name(const Setting& setting);

/// The part of `key` after a map's own key: "app" for "labels.app". Empty if `key` is the map
/// itself.
std::string_view map_entry(const Setting& setting, std::string_view key);

/// The row of `key`, or of the map that contains it ("labels.app"). Null: none.
const Setting* find_row(std::span<const Setting> rows, std::string_view key);

/// Whether SIGHUP is enough for a change to take effect.
inline bool is_reloadable(const Setting& setting) {
  return setting.reloadable || setting.scope == Scope::sink;
}

/// Whether it is a secret, or may hold one: it then appears in no output.
inline bool is_hidden(const Setting& setting) {
  return setting.type() == SettingType::secret || setting.masked;
}

}  // namespace ship
