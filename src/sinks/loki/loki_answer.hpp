#pragma once

#include <span>

#include "net/http_client.hpp"
#include "record/record.hpp"
#include "sinks/loki/loki_streams.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What Loki's answer to a push means. `streams` and `records` are what was pushed.
///
/// Loki answers 400 both when it could not read the request (nothing is stored: `split`), and when
/// it refused single entries or streams and stored all others (`partial`). The texts distinguish
/// the two; they also identify the refused records by their stream and time, length or metadata.
/// Records refused without being named are counted as such. The texts are those of Loki 2.4 to 3.5
/// (pkg/validation, pkg/ingester/stream.go).
Verdict classify_loki_answer(const HttpResponse& response, const LokiStreams& streams,
                             std::span<const Record> records);

}  // namespace ship
