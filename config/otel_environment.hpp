#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/sources.hpp"

namespace ship {

/// The variables that every OpenTelemetry exporter listens to, as far as they are about logs over
/// HTTP. They count below each setting of the shipper's own, whatever gave it. Source:
/// OpenTelemetry's specification, "OpenTelemetry Protocol Exporter" and "Environment Variables".

/// `otlp:` stands for the endpoint that the environment names, else for the one that OpenTelemetry
/// takes without. Returns the URL in full, with the parameters behind `otlp:`, and in `origin` the
/// variable that gave it. None: `text` is another URL, or a problem was reported.
std::optional<std::string> otel_sink_url(std::string_view text, Origin& origin, Sources& sources);

/// Gives an otlp sink what the environment says and nobody else does: headers, attributes of the
/// resource, certificates, compression, timeout. Not where its `otel_environment` is false. What
/// cannot be read is left out, and said as a warning.
void apply_otel_environment(SinkValues& sink, const Values& globals, Sources& sources);

}  // namespace ship
