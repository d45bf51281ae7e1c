#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// An answer of the CloudWatch Logs API.
struct CloudwatchAnswer {
  /// What stands behind the verdict, where it matters to the sink what to do next.
  enum class Cause : std::uint8_t { none, missing, exists, credentials };
  Cause cause = Cause::none;
  Verdict verdict;
};

/// What an answer means. Errors are told apart by the "__type" of the body, whatever stands before
/// its #, and not by the status: throttling, for one, is a 400. `missing` is ResourceNotFound
/// (verdict: hold), `exists` ResourceAlreadyExists (ok), `credentials` what other keys or a right
/// clock may cure (hold).
CloudwatchAnswer classify_cloudwatch_answer(const HttpResponse& response);

/// The same for PutLogEvents. `records` are the positions of what was sent, in the order of the
/// request; what rejectedLogEventsInfo singles out by indexes in that order becomes items of a
/// `partial` verdict, ascending by position.
CloudwatchAnswer classify_put_log_events(const HttpResponse& response,
                                         std::span<const std::uint32_t> records);

}  // namespace ship
