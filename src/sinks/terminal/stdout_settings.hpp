#pragma once

#include <cstdint>

#include "sinks/sink_type.hpp"

namespace ship {

struct StdoutSinkSettings {
  enum class Format : std::uint8_t { json, pretty, logfmt };
  enum class Color : std::uint8_t { automatic, always, never };
  enum class Time : std::uint8_t { local, utc };
  Format format = Format::json;
  Color color = Color::automatic;
  Time time = Time::local;  ///< of the pretty format

  static const SinkType& type();
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const StdoutSinkSettings&) const = default;
};

}  // namespace ship
