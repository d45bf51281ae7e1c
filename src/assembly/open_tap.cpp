#include "assembly/open_tap.hpp"

#include <algorithm>
#include <utility>

#include "rows/nearest.hpp"
#include "tap/tap_stream.hpp"

namespace ship {
namespace {

Error no_such_sink(const std::string& name, const std::vector<std::string>& sinks) {
  std::string all;
  for (const std::string& sink : sinks) all += (all.empty() ? "" : ", ") + sink;
  return {ErrorKind::config, "no sink is named \"" + name + "\"" + did_you_mean(name, sinks) +
                                 "; the sinks are: " + all};
}

}  // namespace

Result<std::unique_ptr<WebStream>> open_tap(TapHub& hub, const TapRequest& wanted,
                                            const std::vector<std::string>& sinks,
                                            const FuturePlan& plan, Clock& clock) {
  if (!wanted.sink.empty() && std::find(sinks.begin(), sinks.end(), wanted.sink) == sinks.end()) {
    return no_such_sink(wanted.sink, sinks);
  }
  std::optional<Expression> where;
  if (!wanted.where.empty()) {
    auto compiled = Expression::compile(wanted.where);
    if (!compiled) return std::move(compiled).error().in("where");
    where = std::move(compiled).value();
  }
  auto reader = wanted.before_stages ? hub.look_at_input() : hub.look_at_sink(wanted.sink);
  if (!reader) {
    return Error{ErrorKind::transient, std::to_string(TapHub::kMostReaders) +
                                           " taps are open, and there can be no more: end one"};
  }
  const bool redacts = wanted.before_stages && !wanted.raw;
  const char* what = wanted.raw ? "raw" : wanted.before_stages ? "in" : "out";
  return std::unique_ptr<WebStream>(std::make_unique<TapStream>(
      hub, std::move(reader), std::move(where), redacts ? plan : FuturePlan(), what, clock));
}

}  // namespace ship
