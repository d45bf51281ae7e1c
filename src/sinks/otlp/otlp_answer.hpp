#pragma once

#include <cstddef>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What the answer of an OTLP/HTTP server means, by the specification's table: 200 means stored,
/// except for records that `partial_success` counts as rejected (protobuf or JSON, by the
/// Content-Type); 429, 502, 503 and 504 mean try again; every other error refuses the request for
/// good. A request that is too large (413) is split instead of being sent again. Redirects are not
/// followed. `records` is how many were sent. https://opentelemetry.io/docs/specs/otlp/#otlphttp
Verdict classify_otlp_answer(const HttpResponse& response, std::size_t records);

}  // namespace ship
