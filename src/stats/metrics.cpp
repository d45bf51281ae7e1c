#include "stats/metrics.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sstream>

#include "record/level.hpp"

namespace ship {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using LabelPairs = std::vector<ClientMetric::Label>;

/// The families in the order in which they are shown.
class Families {
 public:
  /// Starts the family that the following values belong to.
  Families& counter(const char* name, const char* help) {
    return begin(name, help, MetricType::Counter);
  }
  Families& gauge(const char* name, const char* help) {
    return begin(name, help, MetricType::Gauge);
  }
  Families& histogram(const char* name, const char* help) {
    return begin(name, help, MetricType::Histogram);
  }

  Families& value(double value, LabelPairs labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    if (all_.back().type == MetricType::Counter)
      metric.counter.value = value;
    else
      metric.gauge.value = value;
    all_.back().metric.push_back(std::move(metric));
    return *this;
  }
  Families& value(std::uint64_t count, LabelPairs labels = {}) {
    return value(static_cast<double>(count), std::move(labels));
  }

  template <const auto& kBounds>
  void distribution(const Histogram<kBounds>& seen, LabelPairs labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.histogram.sample_count = seen.count();
    metric.histogram.sample_sum = seen.sum();
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < seen.buckets().size(); ++i) {
      below += seen.buckets()[i];
      const double bound =
          i < kBounds.size() ? kBounds[i] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({below, bound});
    }
    all_.back().metric.push_back(std::move(metric));
  }

  std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, all_);
    return out.str();
  }

 private:
  Families& begin(const char* name, const char* help, MetricType type) {
    all_.push_back({name, help, type, {}});
    return *this;
  }

  std::vector<MetricFamily> all_;
};

LabelPairs of(const LaneSnapshot& sink) { return {{"sink", sink.name}}; }

/// Of the inputs that listen, where there are any.
void add_connections(Families& families, const StatsSnapshot& snapshot) {
  std::vector<const InputReport*> listening;
  for (const InputReport& input : snapshot.inputs) {
    if (input.connections) listening.push_back(&input);
  }
  if (listening.empty()) return;
  const auto each = [&](std::uint64_t ConnectionCounts::*member) {
    for (const InputReport* input : listening) {
      families.value((*input->connections).*member, {{"input", input->name}});
    }
  };
  families.gauge("fapilog_ship_input_connections", "Connections that are open.");
  each(&ConnectionCounts::now);
  families.counter("fapilog_ship_input_connections_total", "Connections that were accepted.");
  each(&ConnectionCounts::total);
  families.counter("fapilog_ship_input_connections_refused_total",
                   "Connections that were closed at once, beyond input.max_connections.");
  each(&ConnectionCounts::refused);
  families.counter("fapilog_ship_input_connections_idle_total",
                   "Connections that were closed after input.idle_timeout.");
  each(&ConnectionCounts::idle);
  families.counter("fapilog_ship_input_connections_reset_total",
                   "Connections that ended with an error.");
  each(&ConnectionCounts::reset);
  families.gauge("fapilog_ship_input_held_bytes",
                 "Memory for lines that have no newline yet, and for text that waits.");
  for (const InputReport* input : listening) {
    families.value(input->held_bytes, {{"input", input->name}});
  }
  families.counter("fapilog_ship_input_cut_total", "Lines that were cut for input.pending_bytes.");
  for (const InputReport* input : listening) {
    families.value(input->cut, {{"input", input->name}});
  }
}

void add_input(Families& families, const StatsSnapshot& snapshot) {
  const InputCounts& input = snapshot.input;
  families.counter("fapilog_events_submitted_total", "Records that were given to the sinks.")
      .value(input.submitted);
  families
      .counter("fapilog_events_filtered_total",
               "Records that the filters at the intake left out; those of a sink's own filters are "
               "in fapilog_ship_sink_filtered_total.")
      .value(input.filtered);
  const auto count = [&](const char* name, const char* help, std::uint64_t InputCounts::*member) {
    families.counter(name, help);
    for (const InputReport& each : snapshot.inputs) {
      families.value(each.counts.*member, {{"input", each.name}});
    }
  };
  count("fapilog_ship_input_lines_total",
        "Lines read, joined ones as one, blank ones not: filtered + discarded + submitted.",
        &InputCounts::lines);
  count("fapilog_ship_input_bytes_total", "Bytes read.", &InputCounts::bytes);
  count("fapilog_ship_input_blank_total", "Blank lines.", &InputCounts::blank);
  count("fapilog_ship_input_invalid_total", "Lines that were not a JSON object.",
        &InputCounts::invalid);
  count("fapilog_ship_input_truncated_total",
        "Lines that were cut at input.max_line_bytes, or for input.pending_bytes.",
        &InputCounts::truncated);
  count("fapilog_ship_input_skipped_bytes_total",
        "Bytes of NULs and byte order marks before lines.", &InputCounts::skipped_bytes);
  count("fapilog_ship_input_filtered_total", "Lines that the filters at the intake left out.",
        &InputCounts::filtered);
  count("fapilog_ship_input_discarded_total", "Lines that input.on_invalid took out.",
        &InputCounts::discarded);
  add_connections(families, snapshot);
  families
      .histogram("fapilog_ship_reader_loop_seconds",
                 "How long the reader was away from its input between two reads.")
      .distribution(snapshot.loop_seconds);
}

void add_drops(Families& families, const StatsSnapshot& snapshot) {
  families.counter("fapilog_events_dropped_total",
                   "Records that were lost, by reason and by whether they were protected.");
  for (const LaneSnapshot& sink : snapshot.sinks) {
    for (std::size_t i = 0; i < kDropReasons; ++i) {
      const std::string reason(ending_text(static_cast<Ending>(i)));
      const std::uint64_t kept_apart = sink.counts.dropped_protected[i];
      families
          .value(sink.counts.dropped[i] - kept_apart,
                 {{"sink", sink.name}, {"reason", reason}, {"protected", "false"}})
          .value(kept_apart, {{"sink", sink.name}, {"reason", reason}, {"protected", "true"}});
    }
  }
}

/// Grouped by the level names that fapilog knows, whatever severities an application invents.
void add_evictions(Families& families, const StatsSnapshot& snapshot) {
  std::map<std::string, std::uint64_t> by_level = {
      {"DEBUG", 0}, {"INFO", 0}, {"WARNING", 0}, {"ERROR", 0}, {"CRITICAL", 0}};
  std::uint64_t sum = 0;
  for (const LaneSnapshot& sink : snapshot.sinks) {
    const auto& evicted = sink.counts.evicted_by_severity;
    for (std::size_t severity = 0; severity < evicted.size(); ++severity) {
      if (evicted[severity] == 0) continue;
      const Level level = level_from_python_number(static_cast<double>(severity));
      by_level[std::string(level_text(level))] += evicted[severity];
      sum += evicted[severity];
    }
  }
  families.counter("fapilog_events_evicted_total",
                   "Records that a full queue gave up for one that matters more, by their level.");
  for (const auto& [level, count] : by_level) families.value(count, {{"level", level}});
  families.counter("fapilog_priority_evictions_total", "All of them.").value(sum);
}

/// A family with one value for each sink.
void add_each(Families& families, const StatsSnapshot& snapshot, const auto& value) {
  for (const LaneSnapshot& sink : snapshot.sinks) families.value(value(sink), of(sink));
}

void add_endings(Families& families, const StatsSnapshot& snapshot) {
  std::uint64_t delivered = 0;
  for (const LaneSnapshot& sink : snapshot.sinks) delivered += sink.counts.delivered;
  families.counter("fapilog_events_processed_total", "Records delivered, by all sinks together.")
      .value(delivered);
  add_drops(families, snapshot);
  add_evictions(families, snapshot);
  const auto count = [&](const char* name, const char* help, std::uint64_t LaneCounts::*member) {
    families.counter(name, help);
    add_each(families, snapshot, [&](const LaneSnapshot& sink) { return sink.counts.*member; });
  };
  count("fapilog_ship_sink_submitted_total",
        "Records that came to a sink: filtered + delivered + dropped + dead-lettered + diverted + "
        "pending + spooled.",
        &LaneCounts::submitted);
  count("fapilog_ship_sink_filtered_total", "Records that a sink does not want.",
        &LaneCounts::filtered);
  count("fapilog_ship_sink_delivered_total", "Records that a sink took.", &LaneCounts::delivered);
  count("fapilog_ship_sink_dead_lettered_total", "Records that went into the dead-letter file.",
        &LaneCounts::dead_lettered);
  count("fapilog_ship_sink_diverted_total", "Records that went to the sink's fallback.",
        &LaneCounts::diverted);
  const auto protected_count = [&](const char* name, const char* help,
                                   std::uint64_t ProtectedCounts::*member) {
    families.counter(name, help);
    add_each(families, snapshot,
             [&](const LaneSnapshot& sink) { return sink.counts.protected_records.*member; });
  };
  protected_count("fapilog_ship_sink_protected_submitted_total",
                  "Protected records that came to a sink.", &ProtectedCounts::submitted);
  protected_count("fapilog_ship_sink_protected_delivered_total",
                  "Protected records that a sink took.", &ProtectedCounts::delivered);
}

void add_queues(Families& families, const StatsSnapshot& snapshot) {
  const auto gauge = [&](const char* name, const char* help, std::uint64_t LaneSnapshot::*member) {
    families.gauge(name, help);
    add_each(families, snapshot, [&](const LaneSnapshot& sink) { return sink.*member; });
  };
  gauge("fapilog_queue_depth", "Records that wait in the queue.", &LaneSnapshot::queue_depth);
  gauge("fapilog_queue_high_watermark", "The most records that ever waited in the queue.",
        &LaneSnapshot::queue_depth_high_watermark);
  gauge("fapilog_ship_queue_size", "Records that the queue holds at most.",
        &LaneSnapshot::queue_size);
  gauge("fapilog_ship_queue_bytes", "Bytes that wait in the queue.", &LaneSnapshot::queue_bytes);
  gauge("fapilog_ship_queue_max_bytes", "Bytes that the queue holds at most.",
        &LaneSnapshot::queue_max_bytes);
  const auto held = [&](const char* name, const char* help, std::uint64_t LaneCounts::*member) {
    families.gauge(name, help);
    add_each(families, snapshot, [&](const LaneSnapshot& sink) { return sink.counts.*member; });
  };
  held("fapilog_ship_sink_pending", "Records in memory, in flight included.", &LaneCounts::pending);
  held("fapilog_ship_sink_in_flight", "Records that a worker is sending.", &LaneCounts::in_flight);
  held("fapilog_ship_sink_spooled", "Records on disk.", &LaneCounts::spooled);
}

void add_delivery(Families& families, const StatsSnapshot& snapshot) {
  const auto count = [&](const char* name, const char* help, std::uint64_t LaneSnapshot::*member) {
    families.counter(name, help);
    add_each(families, snapshot, [&](const LaneSnapshot& sink) { return sink.*member; });
  };
  count("fapilog_sink_errors_total", "Attempts to deliver a batch that failed.",
        &LaneSnapshot::errors);
  count("fapilog_ship_sink_retries_total", "Batches that were sent again.", &LaneSnapshot::retries);
  count("fapilog_ship_sink_batches_total", "Batches that were delivered.", &LaneSnapshot::batches);
  count("fapilog_ship_sink_sent_bytes_total", "Bytes sent, repeats included.",
        &LaneSnapshot::bytes_sent);
  families.gauge("fapilog_ship_breaker_state",
                 "1 for the state that the sink's breaker is in, 0 for the others.");
  for (const LaneSnapshot& sink : snapshot.sinks) {
    for (const char* state : {"closed", "half-open", "open"}) {
      families.value(std::uint64_t{sink.breaker == state}, {{"sink", sink.name}, {"state", state}});
    }
  }
  families.histogram("fapilog_flush_seconds", "How long an attempt to deliver a batch took.");
  for (const LaneSnapshot& sink : snapshot.sinks) {
    families.distribution(sink.flush_seconds, of(sink));
  }
  families.histogram("fapilog_batch_size", "Records in a batch that was delivered.");
  for (const LaneSnapshot& sink : snapshot.sinks) {
    families.distribution(sink.batch_sizes, of(sink));
  }
}

struct StageOf {
  const StageCounts* stage;
  LabelPairs labels;
};

/// The intake's stages have no `sink` label.
void add_stages(Families& families, const StatsSnapshot& snapshot) {
  std::vector<StageOf> stages;
  for (const StageCounts& stage : snapshot.stages) {
    stages.push_back({&stage, {{"stage", stage.name}}});
  }
  for (const LaneSnapshot& sink : snapshot.sinks) {
    for (const StageCounts& stage : sink.stages) {
      stages.push_back({&stage, {{"sink", sink.name}, {"stage", stage.name}}});
    }
  }
  if (stages.empty()) return;
  const auto count = [&](const char* name, const char* help, std::uint64_t StageCounts::*member) {
    families.counter(name, help);
    for (const StageOf& one : stages) families.value(one.stage->*member, one.labels);
  };
  count("fapilog_ship_stage_in_total", "Records that came to a stage.", &StageCounts::in);
  count("fapilog_ship_stage_out_total", "Records that left it.", &StageCounts::out);
  count("fapilog_ship_stage_changed_total", "Records that it changed.", &StageCounts::changed);
  count("fapilog_ship_stage_errors_total", "Records that it could not handle.",
        &StageCounts::errors);
  families.gauge("fapilog_ship_stage_record_seconds", "The mean time that one record takes there.");
  for (const StageOf& one : stages) {
    families.value(one.stage->nanoseconds_each / 1e9, one.labels);
  }
  if (std::all_of(stages.begin(), stages.end(),
                  [](const StageOf& one) { return one.stage->rules.empty(); })) {
    return;
  }
  families.counter(
      "fapilog_ship_stage_rule_hits_total",
      "What a rule of a stage took out, such as a pattern or a field of the redaction.");
  for (const StageOf& one : stages) {
    for (const RuleCount& rule : one.stage->rules) {
      LabelPairs labels = one.labels;
      labels.push_back({"rule", rule.rule});
      families.value(rule.hits, labels);
    }
  }
}

}  // namespace

std::string metrics_text(const StatsSnapshot& snapshot, bool ready) {
  Families families;
  families.gauge("fapilog_ship_build_info", "1, with the version and the preset that runs.")
      .value(1.0, {{"version", SHIP_VERSION}, {"preset", snapshot.preset}});
  families.gauge("fapilog_ship_uptime_seconds", "Seconds since the start.")
      .value(snapshot.uptime_seconds);
  families.gauge("fapilog_ship_ready", "1 where /readyz says so.").value(std::uint64_t{ready});
  add_input(families, snapshot);
  add_endings(families, snapshot);
  add_queues(families, snapshot);
  add_delivery(families, snapshot);
  add_stages(families, snapshot);
  return families.text();
}

}  // namespace ship
