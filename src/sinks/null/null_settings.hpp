#pragma once

#include "sinks/sink_type.hpp"

namespace ship {

/// Discards everything: nothing to set.
struct NullSinkSettings {
  static const SinkType& type();
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const NullSinkSettings&) const = default;
};

}  // namespace ship
