#include "stats/advice.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/number_text.hpp"

namespace ship {
namespace {

using Kind = Advice::Kind;

constexpr double kMostQueues = 10;          ///< a burst needs at most this many queues
constexpr std::uint64_t kMostWorkers = 16;  ///< more would overload a server
constexpr double kBusy = 0.6;
/// What a sink could have delivered in less did not stay behind because it is slow.
constexpr double kQuick = 0.1;

std::uint64_t dropped(const LaneSnapshot& sink, Ending reason) {
  return sink.counts.dropped[static_cast<std::size_t>(reason)];
}

std::uint64_t queue_losses(const LaneSnapshot& sink) {
  return dropped(sink, Ending::queue_full) + dropped(sink, Ending::evicted);
}

std::uint64_t whole(double number) { return static_cast<std::uint64_t>(std::llround(number)); }

/// With a quarter to spare, and two significant digits.
std::uint64_t with_room(double need) {
  need *= 1.25;
  const double step = std::pow(10.0, std::max(0.0, std::floor(std::log10(need)) - 1));
  return whole(std::ceil(need / step) * step);
}

std::string rate_text(double per_second) { return grouped(whole(per_second)) + "/s"; }

constexpr const char* kKeep = "--keep DIR or --spool DIR";

bool is_local_sink(const LaneSnapshot& sink) {
  return sink.type == "stdout" || sink.type == "file" || sink.type == "null";
}

/// Advice for a queue that was too small.
class OverflowAdvice {
 public:
  OverflowAdvice(const LaneSnapshot& sink, double uptime)
      : sink_(sink), uptime_(uptime), overflow_(sink.overflow) {
    const bool measured = overflow_.seconds > 0;
    in_ = measured ? static_cast<double>(overflow_.arrived) / overflow_.seconds : 0;
    out_ = measured ? static_cast<double>(overflow_.taken) / overflow_.seconds : 0;
  }

  Advice advice() const {
    if (fails()) return {Kind::failing_sink, failing_text()};
    if (overflow_.worst_dropped == 0) return {Kind::bigger_queue, disk_text()};
    if (is_burst()) return {Kind::bigger_queue, burst_text()};
    return {Kind::slow_sink, slow_text()};
  }

 private:
  bool fails() const {
    return has_taken_nothing() || sink_.health == SinkHealth::failing ||
           sink_.health == SinkHealth::needs_operator || sink_.breaker != "closed" ||
           sink_.retries > sink_.batches || was_failing();
  }
  /// A reader of standard output, or a disk, that has taken nothing yet is slow; a server is silent.
  bool has_taken_nothing() const {
    return sink_.batches == 0 && (sink_.retries > 0 || !is_local_sink(sink_));
  }
  bool was_failing() const { return sink_.lost_while_failing * 2 > queue_losses(sink_); }
  /// Whether the sink kept up between bursts; one that has not ended does not count yet.
  bool is_burst() const {
    return sink_.queue_depth * 2 <= sink_.queue_size &&
           sink_.queue_bytes * 2 <= sink_.queue_max_bytes && overflow_.seconds < uptime_ / 2 &&
           needed_queues() <= kMostQueues;
  }
  double needed_queues() const {
    return 1 + static_cast<double>(overflow_.worst_dropped) /
                   static_cast<double>(std::max<std::uint64_t>(sink_.queue_size, 1));
  }
  bool bytes_were_short() const { return sink_.queue_depth_high_watermark < sink_.queue_size; }

  std::string failing_text() const {
    std::string text = "the sink was failing when they were lost";
    if (!was_failing() || sink_.health != SinkHealth::good) {
      text = sink_.batches == 0 ? "the sink has not accepted any line yet: repair it first"
                                : "the sink is failing: repair it first";
    }
    if (in_ > 0) {
      text += "; its queue covers " + seconds_text(static_cast<double>(sink_.queue_size) / in_) +
              " at the " + rate_text(in_) + " that come in, ";
    } else {
      text += "; ";
    }
    return text + kKeep + " would cover hours";
  }

  /// The queue spilled to disk; the disk had no room for what was lost.
  std::string disk_text() const {
    return counted(queue_losses(sink_), "line") +
           " found no room on disk: raise spool.max_bytes, or make room there";
  }

  std::string burst_text() const {
    std::string text = "a burst of " + counted(overflow_.worst_arrived, "line") + " within " +
                       seconds_text(overflow_.worst_seconds) + " was " +
                       grouped(overflow_.worst_dropped) + " more than there was room for: ";
    if (bytes_were_short()) {
      const double share =
          static_cast<double>(overflow_.worst_dropped) /
          static_cast<double>(std::max<std::uint64_t>(sink_.queue_depth_high_watermark, 1));
      text += "queue.max_bytes = \"" +
              std::to_string(
                  with_room(static_cast<double>(sink_.queue_max_bytes >> 20) * (1 + share))) +
              " MB\" (now " + bytes_text(sink_.queue_max_bytes) + ")";
    } else {
      text += "queue.size = " +
              std::to_string(with_room(static_cast<double>(sink_.queue_size) * needed_queues())) +
              " (now " + std::to_string(sink_.queue_size) + ")";
    }
    return text + " would have kept it";
  }

  std::string slow_text() const {
    const double missing = std::max(in_ - out_, 0.0);
    std::string text = "the sink is slower than the input: while the queue was full " +
                       rate_text(in_) + " came and it took " + rate_text(out_) + ", " +
                       rate_text(missing) + " too few";
    return text + "; " + workers_text();
  }

  std::string workers_text() const {
    static constexpr const char* kLess = "send it less (filter.min_level, filter.sample.rate)";
    const double busy = sink_.flush_seconds.sum();
    if (is_local_sink(sink_)) {
      return std::string(kLess) + ", or give it a quicker " +
             (sink_.type == "stdout" ? "reader" : "disk");
    }
    if (sink_.adaptive) return in_flight_text() + kLess;
    const double delivered = static_cast<double>(sink_.counts.delivered);
    if (busy <= 0 || delivered <= 0 || sink_.workers == 0) return kLess;
    const double by_one = delivered / busy;
    const double share = out_ / (by_one * sink_.workers);
    const double records = delivered / static_cast<double>(sink_.batches);
    if (share < kBusy) {
      return "its workers wait between attempts for all but " + std::to_string(whole(share * 100)) +
             "% of the time, as the server asks or after "
             "failures: " +
             kLess;
    }
    std::string text = "a worker delivers " + rate_text(by_one) + " (" + grouped(whole(records)) +
                       " lines a batch, " +
                       seconds_text(busy / static_cast<double>(sink_.batches)) + " each): ";
    const bool full_batches = records > 0.9 * static_cast<double>(sink_.batch_size);
    const double need = std::ceil(in_ / by_one);
    if (need > static_cast<double>(kMostWorkers)) {
      text += "it would take " + grouped(whole(need)) + " of them; ";
      text += full_batches ? "larger batches first: delivery.batch_size, now " +
                                 std::to_string(sink_.batch_size)
                           : kLess;
      return text;
    }
    const auto workers = std::max<std::uint64_t>(whole(need), sink_.workers + 1);
    text += "delivery.workers = " + std::to_string(workers) + " (now " +
            std::to_string(sink_.workers) + ") would keep up, if the server does";
    if (full_batches)
      text += "; so may a delivery.batch_size above " + std::to_string(sink_.batch_size);
    return text;
  }

  /// What limits the requests in flight when there are already as many as help.
  std::string in_flight_text() const {
    const std::uint32_t in_memory = sink_.requests_in_memory;
    if (in_memory > 0 && in_memory < std::min(sink_.requests_limit, sink_.workers)) {
      return "its memory has room for no more than " + counted(in_memory, "request") +
             " at once: raise queue.max_bytes (now " + bytes_text(sink_.queue_max_bytes) + "), or ";
    }
    if (sink_.requests_limit < sink_.workers) {
      return "it takes no more than " + counted(sink_.requests_limit, "request") +
             " at once without getting slower or refusing: ";
    }
    return "all " + counted(sink_.workers, "request") +
           " that it may send at once were in flight: raise delivery.max_in_flight, or ";
  }

  const LaneSnapshot& sink_;
  const double uptime_;
  const Overflow& overflow_;
  double in_ = 0;  ///< records a second while it was too full
  double out_ = 0;
};

Advice left_behind(const LaneSnapshot& sink, std::uint64_t left) {
  const bool failing = sink.breaker != "closed";
  const double busy = sink.flush_seconds.sum();
  if (sink.counts.delivered == 0 || busy <= 0) {
    return {failing ? Kind::failing_sink : Kind::more_time,
            std::string("the sink never accepted any: repair it, or keep the lines with ") + kKeep};
  }
  if (failing) {
    return {
        Kind::failing_sink,
        std::string("the sink was failing at the end: repair it, or keep the lines with ") + kKeep};
  }
  const double rate = static_cast<double>(sink.counts.delivered) / busy * sink.workers;
  const std::string rest =
      counted(left, "line") + (left == 1 ? " was" : " were") + " left at the end: ";
  if (static_cast<double>(left) / rate < kQuick) {
    return {Kind::more_time, rest +
                                 "they reached the sink too late, which is quick enough for them: "
                                 "raise --drain-timeout, or keep them with " +
                                 kKeep};
  }
  return {Kind::more_time, rest + "at " + rate_text(rate) + " the sink needed " +
                               seconds_text(static_cast<double>(left) / rate) +
                               " more: raise --drain-timeout by that, or keep them with " + kKeep};
}

}  // namespace

std::string_view advice_kind_text(Kind kind) {
  static constexpr std::array<std::string_view, 9> kTexts = {
      "bigger_queue", "slow_sink", "failing_sink", "rejected", "expired",
      "more_time",    "redaction", "too_large",    "disk"};
  return kTexts[static_cast<std::size_t>(kind)];
}

std::optional<Advice> advise(const LaneSnapshot& sink, double uptime_seconds) {
  Ending worst = Ending::queue_full;
  std::uint64_t most = queue_losses(sink);
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<Ending>(i);
    if (reason == Ending::evicted || sink.counts.dropped[i] <= most) continue;
    worst = reason;
    most = sink.counts.dropped[i];
  }
  if (most == 0 || sink.lost) return std::nullopt;
  switch (worst) {
    case Ending::queue_full:
    case Ending::evicted:
      return OverflowAdvice(sink, uptime_seconds).advice();
    case Ending::rejected:
      return Advice{Kind::rejected, "the sink refused " + counted(most, "line") +
                                        " for good: --dead-letter FILE keeps what it refuses"};
    case Ending::expired:
      return Advice{Kind::expired, counted(most, "line") +
                                       " waited longer than delivery.retry_max_elapsed or max_age "
                                       "allows: raise it, or repair the sink"};
    case Ending::shutdown:
      return left_behind(sink, most);
    case Ending::redact:
      return Advice{Kind::redaction, counted(most, "line") +
                                         " could not be redacted and must not pass: "
                                         "`check --explain` shows why"};
    case Ending::size_guard:
      return Advice{Kind::too_large, counted(most, "line") +
                                         " over size_guard.max_bytes: raise it, or let "
                                         "size_guard.action be \"truncate\""};
    case Ending::duplicate:
      return Advice{Kind::rejected,
                    counted(most, "line") +
                        " had an id that another line had before: without id_field each has "
                        "its own"};
    case Ending::damaged:
      return Advice{Kind::disk,
                    counted(most, "line") + " came back damaged from spool.dir: look at the disk"};
    case Ending::delivered:
    case Ending::dead_lettered:
    case Ending::diverted:
    case Ending::filtered:
      break;
  }
  return std::nullopt;
}

}  // namespace ship
