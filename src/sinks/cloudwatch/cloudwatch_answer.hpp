#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// An answer from the CloudWatch Logs API.
struct CloudwatchAnswer {
  /// The cause of the verdict, where it determines what the sink does next.
  enum class Cause : std::uint8_t { none, missing, exists, credentials };
  Cause cause = Cause::none;
  Verdict verdict;
};

/// What an answer means. Errors are distinguished by the "__type" of the body, ignoring what
/// precedes its #, and not by the status: throttling, for example, is a 400. `missing` is
/// ResourceNotFound (verdict: hold), `exists` is ResourceAlreadyExists (ok), `credentials` is what
/// other keys or a correct clock may fix (hold).
CloudwatchAnswer classify_cloudwatch_answer(const HttpResponse& response);

/// The same for PutLogEvents. `records` are the positions of what was sent, in the order of the
/// request; records that rejectedLogEventsInfo names by their index in that order become items of a
/// `partial` verdict, ascending by position.
CloudwatchAnswer classify_put_log_events(const HttpResponse& response,
                                         std::span<const std::uint32_t> records);

}  // namespace ship
