#pragma once

#include <string>
#include <vector>

#include "input/input_settings.hpp"
#include "process/child_settings.hpp"
#include "settings/log_settings.hpp"
#include "settings/sink_settings.hpp"
#include "stage/stage_settings.hpp"
#include "stats/admin/server_settings.hpp"
#include "stats/stats_settings.hpp"

namespace ship {

/// Validated settings: what config/ hands to the assembly. Every value is within its bounds and
/// every default is filled in (including those that depend on the input or the sink's type). Units
/// are in the types. Names match the TOML keys of the settings table one to one; each folder has
/// the struct of its own settings, with their rows.
struct Settings : StageSettings {
  std::string preset;  ///< empty: none
  /// The durable spool and the dead letters are below this directory, unless their own settings say
  /// otherwise; empty: none.
  std::string keep;
  InputSettings input;
  ChildSettings child;
  FilterSettings filter;
  Labels labels;
  DeadLetterSettings dead_letter;
  StatsSettings stats;
  LogSettings log;
  ServerSettings server;
  std::vector<SinkSettings> sinks;  ///< at least one

  /// The filters applied before a record is handed to the sinks: those at the top level, if no sink
  /// has its own.
  FilterSettings intake_filter() const;
  /// Whether a sink writes to standard output.
  bool writes_to_standard_output() const;
  /// Makes the sink that `sink` describes, for one worker.
  Result<std::unique_ptr<Sink>> make_sink(const SinkSettings& sink,
                                          const SinkEnvironment& environment) const {
    return sink.make(labels, environment);
  }
  bool operator==(const Settings&) const = default;
};

}  // namespace ship
