#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// An answer of Splunk's HTTP Event Collector.
struct SplunkAnswer {
  Verdict verdict;
  /// The event, counted from 0, for which the collector refused the request. What stood before it
  /// may be indexed, what stands behind it is not.
  std::optional<std::uint32_t> culprit;
  int code = -1;  ///< the collector's own; -1: it told none
};

/// What the answer to a request with `events` events means, by the code of its body and not by its
/// status alone. A code that singles out an event gives a `partial` verdict: this one is refused
/// for good, all others are to be sent again. `index_from_data`: the index is not one that the
/// operator named, so that a wrong one is that event's own fault.
/// https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector
SplunkAnswer classify_splunk_answer(const HttpResponse& response, std::size_t events,
                                    bool index_from_data);

}  // namespace ship
