#pragma once

#include <string>
#include <vector>

#include "config/values.hpp"

namespace ship {

/// The settings that a run keeps from its start because a reload cannot change them: those whose
/// row says that they need a restart; for a sink, those it had when it was added.
class FixedSettings {
 public:
  explicit FixedSettings(const Effective& running) { keep(running); }

  /// The keys ("input.format", "sinks.loki.spool.dir") for which `wanted` has other values, sorted.
  /// One that many sinks inherit is named once.
  std::vector<std::string> differing(const Effective& wanted) const;

  /// After a reload: added sinks count from now on, removed ones no longer.
  void sinks_changed(const Effective& wanted);

 private:
  void keep(const Effective& running);

  Values globals_;
  std::map<std::string, Values> sinks_;
};

}  // namespace ship
