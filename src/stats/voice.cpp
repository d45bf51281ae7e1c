#include "stats/voice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/number_text.hpp"
#include "stats/advice.hpp"
#include "stats/loss_text.hpp"

namespace ship {
namespace {

constexpr double kHungSeconds = 5;
constexpr double kSlowSeconds = 3;
/// A reason counts once it has lasted this long.
constexpr double kReasonSeconds = 1;
/// A queue that was too small for this long shows why.
constexpr double kSureSeconds = 5;
/// A loss is over after this long without one.
constexpr double kLossOverSeconds = 10;
constexpr double kMostPatience = 120;
/// A relapse within this time increases the patience.
constexpr double kRelapseSeconds = 300;
constexpr double kOneMinute = 60;
/// Running totals come every minute at first, then every five minutes.
constexpr std::uint32_t kMinuteTotals = 10;
constexpr std::uint64_t kPercent = 100;

/// What a sink has dropped so far, without what the end of the run leaves.
std::uint64_t lost_so_far(const LaneSnapshot& sink) {
  return sink.counts.dropped_total() -
         sink.counts.dropped[static_cast<std::size_t>(Ending::shutdown)];
}

std::uint64_t fill_percent(const LaneSnapshot& sink) {
  constexpr double kRounding = 1e-9;
  return static_cast<std::uint64_t>(sink.filled() * kPercent + kRounding);
}

std::string time_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 2 * 3600) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

bool is_local(const LaneSnapshot& sink) { return sink.type == "stdout" || sink.type == "file"; }

/// Ignores numbers, which change from one attempt to the next.
bool is_same_reason(std::string_view a, std::string_view b) {
  const auto words = [](std::string_view text) {
    std::string result;
    for (const char c : text.substr(0, kMaxReason)) {
      if (c < '0' || c > '9') result += c;
    }
    return result;
  };
  return words(a) == words(b);
}

/// What would keep the lines that are lost while the sink does not work.
std::string keeping_advice(const LaneSnapshot& sink, double uptime) {
  const auto advice = advise(sink, uptime);
  if (!advice) return {};
  const bool overflows = advice->kind == Advice::Kind::failing_sink ||
                         advice->kind == Advice::Kind::slow_sink ||
                         advice->kind == Advice::Kind::bigger_queue;
  if (!overflows) return "; " + advice->text;
  return sink.has_spool ? "" : "; --keep DIR or --spool DIR would keep them";
}

/// What happens to the lines in the meantime, as of now.
std::string keeping_text(const LaneSnapshot& sink, bool losing, double uptime) {
  if (losing) return "losing lines: " + loss_text(sink, " so far") + keeping_advice(sink, uptime);
  const std::uint64_t spooled = sink.counts.spooled;
  if (sink.has_spool) {
    return "keeping the lines in its spool" +
           (spooled > 0 ? " (" + grouped(spooled) + " there)" : "") + " and trying again";
  }
  if (!sink.drop_on_full) return "holding the input back and trying again";
  return "keeping the lines in its queue (" +
         std::to_string(std::min(fill_percent(sink), kPercent)) + "% full) and trying again";
}

std::string with_advice(std::string text, const LaneSnapshot& sink, double uptime) {
  if (const auto advice = advise(sink, uptime)) text += "; " + advice->text;
  return text;
}

/// What to do about a loss. When it has just begun, nobody can tell a burst from a slow sink.
std::string with_first_advice(std::string text, const LaneSnapshot& sink, double uptime) {
  const bool early = sink.overflow.seconds < kSureSeconds && sink.overflow.worst_dropped > 0;
  const auto advice = advise(sink, uptime);
  const bool overflows = advice && (advice->kind == Advice::Kind::slow_sink ||
                                    advice->kind == Advice::Kind::bigger_queue);
  const bool sure = overflows && !early;
  if (!sure && !sink.last_error.empty()) text += "; last error: " + reason_of(sink);
  if (!overflows || sure) return with_advice(std::move(text), sink, uptime);
  return text + "; more lines come in than the sink takes" +
         (sink.has_spool ? "" : "; --keep DIR or --spool DIR would keep them");
}

void set_facts(const LaneSnapshot& sink, std::string_view state, bool losing,
               std::span<Voice::Line> lines) {
  for (Voice::Line& line : lines) {
    line.facts = {sink.name, state, losing, sink.counts.dropped_total(),
                  sink.counts.protected_records.dropped};
  }
}

}  // namespace

std::string_view Voice::name_of(State state) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "works", "slow", "hung", "throttling", "failing", "down", "waiting", "gone"};
  return kNames[static_cast<std::size_t>(state)];
}

bool Voice::Allowance::take(double now, double keep) {
  left_ = std::min(kBurst, left_ + (now - since_) / (2 * kOneMinute));
  since_ = now;
  if (left_ < 1 + keep) return false;
  left_ -= 1;
  return true;
}

std::vector<Voice::Line> Voice::hear(const StatsSnapshot& snapshot) {
  std::vector<Line> lines;
  const bool others = goes_on_ || std::any_of(snapshot.sinks.begin(), snapshot.sinks.end(),
                                              [](const LaneSnapshot& sink) { return !sink.lost; });
  for (const LaneSnapshot& sink : snapshot.sinks) {
    hear_sink(sink, snapshot.uptime_seconds, others, lines);
  }
  return lines;
}

void Voice::hear_sink(const LaneSnapshot& sink, double now, bool others, std::vector<Line>& lines) {
  Memory& memory = sinks_[sink.name];
  const std::size_t before = lines.size();
  const std::uint64_t lost = lost_so_far(sink);
  if (lost > memory.lost) memory.lost_at = now;
  memory.lost = lost;
  hear_spool(sink, now, memory, lines);
  hear_state(sink, now, others, memory, lines);
  hear_dead_letters(sink, now, memory, lines);
  // For a reader that has left, its state says everything.
  if (memory.state != State::gone && !sink.lost) hear_loss(sink, now, memory, lines);
  set_facts(sink, name_of(memory.state), memory.losing, std::span(lines).subspan(before));
}

void Voice::hear_spool(const LaneSnapshot& sink, double now, Memory& memory,
                       std::vector<Line>& lines) {
  if (sink.spool_error.empty() == memory.spool_error.empty()) return;
  if (!memory.allowance.take(now)) return;
  memory.spool_error = sink.spool_error;
  if (sink.spool_error.empty()) {
    lines.push_back({LogLevel::info, "sink " + sink.name + ": its spool works again"});
  } else {
    lines.push_back({LogLevel::warning, "sink " + sink.name + ": spool: " + sink.spool_error +
                                            "; continuing from memory and trying again"});
  }
}

/// Whether more comes than it takes: its queue stays full, or the spool grows beyond what a hiccup
/// would cause.
bool Voice::falls_behind(const LaneSnapshot& sink, double now, Memory& memory) {
  const std::uint64_t fill = fill_percent(sink);
  // Once slow, it stays slow until there is room again.
  const bool full = fill >= (memory.state == State::slow ? kPercent / 4 : kPercent / 2);
  if (!full) memory.full_since = 0;
  if (full && memory.full_since == 0) memory.full_since = now;
  if (now - memory.spooled_at >= kSlowSeconds) {
    memory.spool_grows =
        sink.counts.spooled > memory.spooled_then && sink.counts.spooled * 2 > sink.queue_size;
    memory.spooled_then = sink.counts.spooled;
    memory.spooled_at = now;
  }
  // If the input is held back, a full queue is normal.
  if (!sink.drop_on_full) return false;
  return memory.spool_grows || (full && now - memory.full_since >= kSlowSeconds);
}

Voice::State Voice::state_of(const LaneSnapshot& sink, double now, Memory& memory) {
  const std::uint64_t answers = sink.batches + sink.errors;
  if (answers != memory.answers || sink.counts.in_flight == 0) {
    memory.answers = answers;
    memory.answered_at = now;
  }
  const State trouble = trouble_of(sink, now, memory);
  if (trouble == State::works) return falls_behind(sink, now, memory) ? State::slow : State::works;
  // The backlog of an outage does not make it slow when it works again.
  memory.full_since = 0;
  memory.spool_grows = false;
  memory.spooled_then = sink.counts.spooled;
  memory.spooled_at = now;
  return trouble;
}

Voice::State Voice::trouble_of(const LaneSnapshot& sink, double now, const Memory& memory) {
  if (sink.lost) return State::gone;
  if (sink.health == SinkHealth::needs_operator) return State::waiting;
  if (sink.breaker != "closed") return State::down;
  if (sink.health == SinkHealth::failing) return State::failing;
  if (sink.health == SinkHealth::throttling) return State::throttling;
  if (now - memory.answered_at >= kHungSeconds) return State::hung;
  return State::works;
}

void Voice::hear_state(const LaneSnapshot& sink, double now, bool others, Memory& memory,
                       std::vector<Line>& lines) {
  const State state = state_of(sink, now, memory);
  if (state == State::works) {
    if (memory.state == State::works) return;
    if (memory.better_since == 0) memory.better_since = now;
    if (now - memory.better_since < memory.patience || !memory.allowance.take(now, 0)) return;
    std::string text = "sink " + sink.name + ": recovered after " +
                       time_text(memory.better_since - memory.not_working_since);
    const std::uint64_t left = sink.counts.pending + sink.counts.spooled;
    if (left > 1) text += "; " + lines_text(left) + " still to be delivered";
    const std::uint64_t lost = memory.lost - memory.lost_before;
    text += "; " + (lost == 0 ? std::string("no lines") : lines_text(lost)) +
            (lost == 1 ? " was lost meanwhile" : " were lost meanwhile");
    lines.push_back({LogLevel::info, text});
    memory.state = State::works;
    memory.recovered_at = now;
    memory.better_since = 0;
    return;
  }
  memory.better_since = 0;
  if (state == memory.state) return hear_reason(sink, state, now, memory, lines);
  // Attempts between two probes of a breaker are not news.
  if (memory.state == State::down && state == State::failing) return;
  if (state == State::gone && !others) {
    memory.state = state;
    return;
  }
  if (!memory.allowance.take(now)) return;
  if (memory.state == State::works) {
    const bool relapse = memory.recovered_at > 0 && now - memory.recovered_at < kRelapseSeconds;
    memory.patience = relapse ? std::min(memory.patience * 2, kMostPatience) : 1;
    memory.not_working_since = now;
    memory.lost_before = memory.lost;
  }
  memory.state = state;
  memory.reason = sink.last_error;
  lines.push_back(
      {LogLevel::warning, "sink " + sink.name + ": " + state_text(sink, state, memory, now)});
  const bool tells_loss = state != State::slow && state != State::gone && is_losing(memory, now);
  if (tells_loss) set_told(memory, now);
}

void Voice::hear_reason(const LaneSnapshot& sink, State state, double now, Memory& memory,
                        std::vector<Line>& lines) {
  const bool has_reason = state == State::throttling || state == State::failing ||
                          state == State::down || state == State::waiting;
  if (!has_reason || is_same_reason(sink.last_error, memory.reason)) return;
  if (!is_same_reason(sink.last_error, memory.other_reason)) {
    memory.other_reason = sink.last_error;
    memory.other_since = now;
  }
  if (now - memory.other_since < kReasonSeconds) return;
  if (!memory.allowance.take(now, Allowance::kForStates)) return;
  memory.reason = sink.last_error;
  lines.push_back({LogLevel::warning,
                   "sink " + sink.name + ": still " + state_text(sink, state, memory, now, true)});
  if (is_losing(memory, now)) set_told(memory, now);
}

std::string Voice::state_text(const LaneSnapshot& sink, State state, const Memory& memory,
                              double now, bool anew) {
  const std::string reason = (anew ? ", now: " : ": ") + reason_of(sink);
  const bool losing = is_losing(memory, now);
  const std::string keeping =
      "; " + (losing && memory.losing ? "still losing lines" : keeping_text(sink, losing, now));
  switch (state) {
    case State::works:
      break;
    case State::slow: {
      const std::string advice = "; speed it up or send less";
      if (memory.spool_grows) {
        return "slower than the input: " + lines_text(sink.counts.spooled) +
               " wait on disk, and more each second" + advice;
      }
      return "slower than the input: its queue is " + std::to_string(fill_percent(sink)) +
             "% full" + advice +
             (sink.has_spool ? "; what does not fit goes to disk"
                             : ", or keep the rest (--keep DIR or --spool DIR)");
    }
    case State::hung:
      return "no answer for " + time_text(now - memory.answered_at) + ", with " +
             lines_text(sink.counts.in_flight) + " under way" + keeping;
    case State::throttling:
      return "rate-limited" + reason + "; raise the server's limit or send less" + keeping;
    case State::failing:
      return "failing" + reason + keeping;
    case State::down:
      return "down" + reason + (is_local(sink) ? "; it" : "; check the server, it") +
             " is probed until it works" + keeping;
    case State::waiting:
      if (is_local(sink)) return "cannot write" + reason + keeping;
      return "refusing all requests" + reason + "; fix that; requests then resume on their own" +
             keeping;
    case State::gone:
      return reason_of(sink) + "; what goes there is dropped from now on";
  }
  return {};
}

bool Voice::is_losing(const Memory& memory, double now) {
  return memory.lost_at > 0 && now - memory.lost_at < 1;
}

void Voice::set_told(Memory& memory, double now) {
  memory.totals = memory.losing ? memory.totals + 1 : 0;
  memory.losing = true;
  memory.lost_said = memory.lost;
  memory.next_total = now + (memory.totals < kMinuteTotals ? kOneMinute : 5 * kOneMinute);
}

void Voice::hear_loss(const LaneSnapshot& sink, double now, Memory& memory,
                      std::vector<Line>& lines) {
  const std::string subject = "sink " + sink.name + ": ";
  if (memory.losing && now - memory.lost_at >= kLossOverSeconds) {
    memory.losing = false;
    memory.lost_said = memory.lost;
    lines.push_back(
        {LogLevel::info, subject + "stopped losing lines: " + loss_text(sink, " since the start")});
    return;
  }
  if (memory.lost <= memory.lost_said) return;
  // A running total is news only at the moment when it grows.
  const bool grows = memory.lost_at == now;
  if (memory.losing ? now < memory.next_total || !grows : !memory.allowance.take(now)) return;
  const char* const begin = memory.losing ? "still losing lines: " : "losing lines: ";
  set_told(memory, now);
  lines.push_back({LogLevel::warning,
                   with_first_advice(subject + begin + loss_text(sink, " so far"), sink, now)});
}

void Voice::hear_dead_letters(const LaneSnapshot& sink, double now, Memory& memory,
                              std::vector<Line>& lines) {
  if (sink.counts.dead_lettered == 0 || memory.refused_said || !memory.allowance.take(now)) return;
  memory.refused_said = true;
  lines.push_back({LogLevel::warning, "sink " + sink.name + ": " + refused_text(sink)});
}

std::vector<Voice::Line> Voice::sum_up(const StatsSnapshot& snapshot) {
  std::vector<Line> lines;
  for (const LaneSnapshot& sink : snapshot.sinks) {
    const std::string subject = "sink " + sink.name + ": ";
    const LaneCounts& counts = sink.counts;
    const std::size_t before = lines.size();
    if (counts.dropped_total() > 0) {
      const bool none = refused_all(sink);
      const bool grave = none || counts.dropped[static_cast<std::size_t>(Ending::shutdown)] > 0;
      std::string text = subject + lost_at_exit_text(sink);
      if (!sink.last_error.empty()) text += "; last error: " + reason_of(sink);
      text = with_advice(std::move(text), sink, snapshot.uptime_seconds);
      if (none && !sink.fail_on_loss) text += "; with --fail-on-loss the exit code is 75";
      lines.push_back({grave ? LogLevel::error : LogLevel::warning, std::move(text)});
    }
    if (counts.diverted > 0) {
      lines.push_back(
          {LogLevel::warning, subject + lines_text(counts.diverted) +
                                  " went to its fallback; last error: " + reason_of(sink)});
    }
    if (counts.dead_lettered > 0) {
      lines.push_back({LogLevel::warning, subject + refused_text(sink, true)});
    }
    if (counts.spooled > 0) {
      lines.push_back({LogLevel::info,
                       subject + lines_text(counts.spooled) + " in its spool for the next run"});
    }
    set_facts(sink, {}, false, std::span(lines).subspan(before));
  }
  return lines;
}

}  // namespace ship
