#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "settings/settings.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {

/// The result of probing one sink: what was found, or what is wrong; see Sink::probe.
struct ProbeReport {
  std::string sink;  ///< its name
  Result<std::string> found;
};

/// Probes every sink, all at the same time, each within its request timeout. One report for each
/// sink, in order, whatever happened to the others. Sends no record. A probe that hangs in the
/// kernel is left behind and reported as timed out.
std::vector<ProbeReport> probe_sinks(const Settings& settings, const SinkEnvironment& environment);

}  // namespace ship
