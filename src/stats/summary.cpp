#include "stats/summary.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/number_text.hpp"
#include "net/answer_text.hpp"
#include "stats/advice.hpp"

namespace ship {
namespace {

constexpr std::size_t kMaxError = 300;

std::string with_unit(double value, const char* unit) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f%s", value < 10 ? 1 : 0, value, unit);
  return text;
}

std::string uptime_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 60) return with_unit(seconds, " s");
  char text[64];
  std::snprintf(text, sizeof text, "%lluh %02llum %02llus",
                static_cast<unsigned long long>(whole / 3600),
                static_cast<unsigned long long>(whole / 60 % 60),
                static_cast<unsigned long long>(whole % 60));
  return text;
}

/// A share in percent: 0 only for none, 100 only for all.
std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0%";
  std::uint64_t percent = part * 100 / whole;
  if (percent == 0 && part > 0) percent = 1;
  return std::to_string(percent) + "%";
}

/// "900 queue_full, 90 evicted", without reasons that dropped nothing.
std::string reasons_text(const LaneSnapshot& sink) {
  std::string text;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    if (sink.counts.dropped[i] == 0) continue;
    text += text.empty() ? "" : ", ";
    text += grouped(sink.counts.dropped[i]) + " ";
    text += ending_text(static_cast<Ending>(i));
  }
  return text;
}

using Row = std::vector<std::string>;

/// Columns as wide as their widest cell; the first `left` are aligned left, the others right.
std::string table(const std::vector<Row>& rows, std::size_t left = 2) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      if (i > 0) text += "  ";
      text += i < left ? row[i] + padding : padding + row[i];
    }
    text += "\n";
  }
  return text;
}

Row sink_row(const LaneSnapshot& sink) {
  const LaneCounts& counts = sink.counts;
  return {sink.name,
          sink.type,
          grouped(counts.submitted),
          grouped(counts.delivered),
          grouped(counts.dropped_total()),
          grouped(counts.pending),
          grouped(sink.retries),
          share_text(sink.queue_depth_high_watermark, sink.queue_size),
          seconds_text(sink.flush_seconds.quantile(0.99))};
}

void add_count(std::string& line, std::uint64_t count, const char* what) {
  if (count == 0) return;
  line += (line.empty() ? "" : ", ") + grouped(count) + " " + what;
}

/// How full the queue was lately; nothing if it was never noticeably full.
std::string queue_line(const LaneSnapshot& sink, const std::string& indent, double uptime) {
  static constexpr std::array<const char*, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::uint32_t kFull = 1000;
  constexpr std::uint32_t kWorthALine = 100;
  const auto& peaks = sink.queue_peaks;
  if (peaks.empty() || *std::max_element(peaks.begin(), peaks.end()) < kWorthALine) return {};
  std::string bars;
  for (const std::uint32_t peak : peaks)
    bars += kBars[std::min(peak, kFull - 1) * kBars.size() / kFull];
  const auto slots = static_cast<double>(peaks.size() * QueueHistory::kSlot.count()) / 1000;
  const auto now = static_cast<std::uint64_t>(sink.filled() * kFull);
  return indent + "queue, last " + uptime_text(std::min(slots, uptime)) + ": " + bars + " (" +
         (now == 0 && sink.queue_depth == 0 ? "empty" : share_text(now, kFull) + " full") +
         " now)\n";
}

/// The sinks, a row for each; without their types where it would be wider than a terminal.
std::string sink_table(const StatsSnapshot& snapshot) {
  constexpr std::size_t kTerminalColumns = 80;
  std::vector<Row> rows = {{"sink", "type", "submitted", "delivered", "dropped", "pending",
                            "retries", "queue peak", "p99"}};
  for (const LaneSnapshot& sink : snapshot.sinks) rows.push_back(sink_row(sink));
  std::string text = table(rows);
  if (text.find('\n') < kTerminalColumns) return text;
  for (Row& row : rows) row.erase(row.begin() + 1);
  return table(rows, 1);
}

std::string error_line(const LaneSnapshot& sink, const std::string& indent) {
  if (sink.last_error.empty()) return {};
  return indent + "last error: " + one_line(sink.last_error, kMaxError) + "\n";
}

/// What a sink's row has no column for, the cause before what follows from it; nothing where all is
/// well.
std::string sink_notes(const LaneSnapshot& sink, double uptime_seconds) {
  const LaneCounts& counts = sink.counts;
  std::string text;
  const std::string indent = "  " + sink.name + ": ";
  std::string others;
  add_count(others, counts.filtered, "filtered");
  add_count(others, counts.dead_lettered, "dead-lettered");
  add_count(others, counts.diverted, "diverted to the fallback");
  add_count(others, counts.spooled, "on disk");
  const bool fails = sink.breaker != "closed" || sink.health != SinkHealth::good;
  if (sink.breaker != "closed") text += indent + "breaker " + sink.breaker + "\n";
  if (fails) text += error_line(sink, indent);
  if (counts.dropped_total() > 0) {
    text += indent + "dropped " + reasons_text(sink) + "; " +
            grouped(counts.protected_records.dropped) + " of " +
            grouped(counts.protected_records.submitted) + " protected\n";
  }
  if (!others.empty()) text += indent + others + "\n";
  if (!fails) text += error_line(sink, indent);
  const bool was_slow = fails || sink.retries > 0 || counts.dropped_total() > 0;
  if (was_slow && sink.flush_seconds.count() > 0) {
    text += indent + "requests took " + seconds_text(sink.flush_seconds.quantile(0.5)) +
            " (p50), " + seconds_text(sink.flush_seconds.max()) + " at most\n";
  }
  text += queue_line(sink, indent, uptime_seconds);
  if (const auto advice = advise(sink, uptime_seconds)) {
    text += indent + "advice: " + advice->text + "\n";
  }
  return text;
}

/// A row for each input, where there are several or one that listens.
std::string input_table(const std::vector<InputReport>& inputs) {
  const bool alone = inputs.size() <= 1 && (inputs.empty() || !inputs.front().connections);
  if (alone) return {};
  std::vector<Row> rows = {{"input", "type", "lines", "bytes", "truncated", "filtered",
                            "connections", "in all", "refused", "idle", "reset"}};
  for (const InputReport& input : inputs) {
    const ConnectionCounts connections = input.connections.value_or(ConnectionCounts{});
    const auto of_socket = [&](std::uint64_t count) {
      return input.connections ? grouped(count) : std::string("-");
    };
    rows.push_back({input.name, input.type, grouped(input.counts.lines),
                    bytes_text(input.counts.bytes), grouped(input.counts.truncated),
                    grouped(input.counts.filtered), of_socket(connections.now),
                    of_socket(connections.total), of_socket(connections.refused),
                    of_socket(connections.idle), of_socket(connections.reset)});
  }
  return table(rows);
}

/// What a pipe that is full costs the application at most; nothing before the first read.
std::string reader_line(const LoopTimes& times) {
  if (times.count() == 0) return {};
  return "reader: busy " + seconds_text(times.quantile(0.5)) + " between reads (p99.9 " +
         seconds_text(times.quantile(0.999)) + ", max " + seconds_text(times.max()) + ", " +
         counted(times.count(), "read") + ")\n";
}

Row stage_row(const std::string& where, const StageCounts& stage) {
  char each[32];
  std::snprintf(each, sizeof each, "%.0fns", stage.nanoseconds_each);
  char rate[32] = "-";
  if (stage.rate) std::snprintf(rate, sizeof rate, "%.3g", *stage.rate);
  return {stage.name,
          where,
          grouped(stage.in),
          grouped(stage.out),
          grouped(stage.changed),
          grouped(stage.errors),
          stage.in > 0 ? each : "-",
          rate};
}

/// "redact of loki took out: email 12, *password 3"; nothing if no rule applied.
std::string rule_line(const std::string& where, const StageCounts& stage) {
  if (stage.rules.empty()) return {};
  std::string text;
  for (const RuleCount& rule : stage.rules) {
    text += text.empty() ? "" : ", ";
    text += rule.rule + " " + grouped(rule.hits);
  }
  return stage.name + " of " + where + " took out: " + text + "\n";
}

/// Nothing if no stage is set.
std::string stage_table(const StatsSnapshot& snapshot) {
  std::vector<Row> rows = {{"stage", "of", "in", "out", "changed", "errors", "each", "rate"}};
  for (const StageCounts& stage : snapshot.stages) rows.push_back(stage_row("input", stage));
  for (const LaneSnapshot& sink : snapshot.sinks) {
    for (const StageCounts& stage : sink.stages) rows.push_back(stage_row(sink.name, stage));
  }
  if (rows.size() == 1) return {};
  std::string text = "\n" + table(rows);
  for (const LaneSnapshot& sink : snapshot.sinks) {
    for (const StageCounts& stage : sink.stages) text += rule_line(sink.name, stage);
  }
  return text;
}

}  // namespace

std::string summary_text(const StatsSnapshot& snapshot) {
  const InputCounts& input = snapshot.input;
  std::string text = "fapilog-ship " SHIP_VERSION ", up " + uptime_text(snapshot.uptime_seconds);
  if (!snapshot.preset.empty()) text += ", preset " + snapshot.preset;
  text += "\ninput: " + counted(input.lines, "line") + ", " + bytes_text(input.bytes) + "; " +
          grouped(input.submitted) + " submitted";
  std::string others;
  add_count(others, input.filtered, "filtered");
  add_count(others, input.discarded, "discarded");
  add_count(others, input.invalid, "not JSON");
  add_count(others, input.truncated, "truncated");
  add_count(others, input.blank, "blank");
  if (input.skipped_bytes > 0) {
    others += (others.empty() ? "" : ", ") + bytes_text(input.skipped_bytes) +
              " of NULs and byte order marks skipped";
  }
  if (!others.empty()) text += ", " + others;
  text += "\n" + reader_line(snapshot.loop_seconds) + "\n";
  text += input_table(snapshot.inputs);
  text += sink_table(snapshot);
  for (const LaneSnapshot& sink : snapshot.sinks) text += sink_notes(sink, snapshot.uptime_seconds);
  text += stage_table(snapshot);
  return text;
}

}  // namespace ship
