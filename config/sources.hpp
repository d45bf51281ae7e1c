#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.hpp"
#include "config/toml_loader.hpp"
#include "config/values.hpp"

namespace ship {

/// A flag as given: `--no-drop-on-full` is the row of drop-on-full with "false".
struct GivenFlag {
  const Setting* setting = nullptr;
  std::string text;
};

/// A sink's URL from a flag or from the environment.
struct GivenUrl {
  std::string text;
  Origin origin;
};

/// The keys of one sink's table in all files, in file order.
struct SinkTable {
  std::string name;
  std::vector<RawEntry> entries;  ///< with the path inside the sink
};

/// Everything that was given, key by key; what comes later wins. The parts are read in order of
/// precedence, lowest first. Problems are collected, so that all of them can be shown.
class Sources {
 public:
  explicit Sources(Environment environment) : environment_(std::move(environment)) {}

  /// A TOML text: a preset's or a file's. `${NAME}` is expanded in files only.
  void read_toml(std::string_view text, const Origin& source);
  /// Reads every FAPILOG_SHIP_ variable except those for `preset` and `config`, which are read
  /// earlier.
  void read_environment();
  void read_flags(const std::vector<GivenFlag>& flags);

  void report(const Origin& origin, std::string key, std::string message);
  /// Reports a problem with a sink's key, at the place where it was given, or at the sink if it was
  /// not given.
  void report_in(const SinkValues& sink, std::string_view key, std::string message);
  void warn(std::string message) { warnings.push_back(std::move(message)); }

  /// Reads `raw` for `setting`; none after a problem was reported.
  std::optional<Value> read_raw(const Setting& setting, const std::string& key,
                                const RawEntry& entry);
  /// Reads `text`; a map's text is NAME=TEXT. None after a problem was reported.
  std::optional<Value> read_text(const Setting& setting, const std::string& key,
                                 std::string_view text, const Origin& origin);

  const Environment& environment() const { return environment_; }

  Values values;
  std::vector<SinkTable> tables;  ///< of the files; of the preset, if no file has any
  std::vector<GivenUrl> urls;     ///< of the flags; of the environment, if no flag has any
  std::vector<Problem> problems;
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  ///< for --verbose

 private:
  void read_entry(RawEntry entry);
  void report_unknown(const RawEntry& entry);
  void read_sink_entry(RawEntry entry);
  void put_text(const Setting& setting, std::string_view text, const Origin& origin);

  Environment environment_;
};

}  // namespace ship
