#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "queue/queue_settings.hpp"
#include "settings/delivery_settings.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/sink_kind.hpp"
#include "spool/spool_settings.hpp"
#include "stage/choose/filter_settings.hpp"

namespace ship {

/// One sink: where its records go and how.
struct SinkSettings {
  std::string name;  ///< unique
  QueueSettings queue;
  DeliverySettings delivery;
  SpoolSettings spool;
  FilterSettings filter;
  std::vector<std::string> levels;            ///< empty: all; else only these (routing)
  std::vector<std::string> levels_elsewhere;  ///< if `levels` catch all: what other sinks name
  std::string fallback;                       ///< empty, or another sink's name
  SinkKind kind;

  /// "null", "stdout", "loki" and so on: the type's name in the URL and in the statistics.
  std::string_view type() const { return kind.type() ? kind.type()->name : "null"; }
  /// See SinkType.
  bool makes_objects() const { return kind.type() && kind.type()->makes_objects; }
  /// SinkKind::make, and whose error it is.
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const SinkSettings&) const = default;
};

/// The rows that every sink has, whatever its type, in addition to the shared ones.
std::span<const Setting> every_sink_rows();

}  // namespace ship
