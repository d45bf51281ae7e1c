#pragma once

#include <memory>

#include "rows/labels.hpp"
#include "sinks/gelf/gelf_settings.hpp"
#include "sinks/sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {

/// A sink that sends each record as one message of GELF 1.1 (see GelfMessage): over TCP and TLS with
/// a NUL behind each, over HTTP as one request each, or with `bulk` as lines of one. What counts as
/// delivered: see RecordStream, and over HTTP 202. Errors: config.
Result<std::unique_ptr<Sink>> make_gelf_sink(const GelfSinkSettings& settings, const Labels& labels,
                                             const SinkEnvironment& environment);

}  // namespace ship
