#include <array>
#include <cmath>
#include <cstdio>

#include "record/json_text.hpp"
#include "record/timestamp.hpp"
#include "stats/advice.hpp"
#include "stats/summary.hpp"

namespace ship {
namespace {

/// Writes members one after the other; the caller opens and closes objects.
class JsonWriter {
 public:
  void open(std::string_view name = {}) {
    key(name);
    text_ += '{';
    first_ = true;
  }
  void close() {
    text_ += '}';
    first_ = false;
  }
  void open_list(std::string_view name) {
    key(name);
    text_ += '[';
    first_ = true;
  }
  void close_list() {
    text_ += ']';
    first_ = false;
  }
  void number(std::string_view name, std::uint64_t value) {
    key(name);
    text_ += std::to_string(value);
  }
  void seconds(std::string_view name, double value) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.6g", std::isfinite(value) ? value : 0.0);
    key(name);
    text_ += digits;
  }
  void string(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(text_, value);
  }
  std::string take() { return std::move(text_); }

 private:
  void key(std::string_view name) {
    if (!first_) text_ += ',';
    first_ = false;
    if (name.data() == nullptr) return;
    append_json_string(text_, name);
    text_ += ':';
  }

  std::string text_;
  bool first_ = true;
};

/// Leaves its object open for members that only one of the two has.
template <const auto& kBounds>
void begin_times(JsonWriter& json, std::string_view name, const Histogram<kBounds>& times) {
  json.open(name);
  json.seconds("p50", times.quantile(0.5));
  json.seconds("p99", times.quantile(0.99));
  json.seconds("max", times.max());
  json.seconds("sum", times.sum());
  json.number("count", times.count());
}

std::string_view level_key(LevelName name) {
  return name == LevelName::other ? "other" : level_text(Level{name, 0});
}

void write_counts(JsonWriter& json, const InputCounts& input) {
  json.number("lines", input.lines);
  json.number("bytes", input.bytes);
  json.number("blank", input.blank);
  json.number("invalid", input.invalid);
  json.number("truncated", input.truncated);
  json.number("skipped_bytes", input.skipped_bytes);
  json.number("filtered", input.filtered);
  json.number("discarded", input.discarded);
  json.number("submitted", input.submitted);
}

/// Each input, whose counts add up to those of `input`.
void write_inputs(JsonWriter& json, const std::vector<InputReport>& inputs) {
  json.open("inputs");
  for (const InputReport& input : inputs) {
    json.open(input.name);
    json.string("type", input.type);
    write_counts(json, input.counts);
    json.number("held_bytes", input.held_bytes);
    json.number("cut", input.cut);
    if (input.connections) {
      json.open("connections");
      json.number("now", input.connections->now);
      json.number("total", input.connections->total);
      json.number("refused", input.connections->refused);
      json.number("idle", input.connections->idle);
      json.number("reset", input.connections->reset);
      json.close();
    }
    json.close();
  }
  json.close();
}

void write_input(JsonWriter& json, const InputCounts& input, const LoopTimes& loop_seconds) {
  json.open("input");
  write_counts(json, input);
  json.open("levels");
  for (std::size_t i = 0; i < input.levels.size(); ++i) {
    if (input.levels[i] > 0) json.number(level_key(static_cast<LevelName>(i)), input.levels[i]);
  }
  json.close();
  begin_times(json, "loop_seconds", loop_seconds);
  json.seconds("p999", loop_seconds.quantile(0.999));
  json.close();
  json.close();
}

/// Writes each configured stage, in the order in which records go through them.
void write_stages(JsonWriter& json, const std::vector<StageCounts>& stages) {
  json.open("stages");
  for (const StageCounts& stage : stages) {
    json.open(stage.name);
    json.number("in", stage.in);
    json.number("out", stage.out);
    json.number("changed", stage.changed);
    json.number("errors", stage.errors);
    json.seconds("seconds_each", stage.nanoseconds_each / 1e9);
    if (stage.rate) json.seconds("rate", *stage.rate);
    if (!stage.rules.empty()) {
      json.open("rules");
      for (const RuleCount& rule : stage.rules) json.number(rule.rule, rule.hits);
      json.close();
    }
    json.close();
  }
  json.close();
}

void write_sink(JsonWriter& json, const LaneSnapshot& sink, double uptime_seconds) {
  const LaneCounts& counts = sink.counts;
  json.open(sink.name);
  json.string("type", sink.type);
  json.number("submitted", counts.submitted);
  json.number("filtered", counts.filtered);
  json.number("delivered", counts.delivered);
  json.open("dropped");
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    json.number(ending_text(static_cast<Ending>(i)), counts.dropped[i]);
  }
  json.close();
  json.number("dead_lettered", counts.dead_lettered);
  json.number("diverted", counts.diverted);
  json.number("pending", counts.pending);
  json.number("in_flight", counts.in_flight);
  json.number("requests_in_flight", sink.requests_in_flight);
  json.number("requests_limit", sink.requests_limit);
  json.number("spooled", counts.spooled);
  json.number("retries", sink.retries);
  json.number("batches", sink.batches);
  json.number("bytes_sent", sink.bytes_sent);
  json.number("queue_depth", sink.queue_depth);
  json.number("queue_bytes", sink.queue_bytes);
  json.number("queue_depth_high_watermark", sink.queue_depth_high_watermark);
  json.number("queue_size", sink.queue_size);
  json.number("queue_max_bytes", sink.queue_max_bytes);
  json.string("breaker", sink.breaker);
  json.string("health", health_text(sink.health));
  json.string("last_error", sink.last_error);
  begin_times(json, "flush_seconds", sink.flush_seconds);
  json.close();
  json.open("protected");
  json.number("submitted", counts.protected_records.submitted);
  json.number("delivered", counts.protected_records.delivered);
  json.number("dropped", counts.protected_records.dropped);
  json.close();
  write_stages(json, sink.stages);
  if (const auto advice = advise(sink, uptime_seconds)) {
    json.open("advice");
    json.string("kind", advice_kind_text(advice->kind));
    json.string("text", advice->text);
    json.close();
  }
  json.close();
}

constexpr std::array<std::string_view, 4> kMessageLevels = {"debug", "info", "warning", "error"};

/// Nothing where nobody keeps them, as for the summary on standard error, where they stand already.
void write_messages(JsonWriter& json, const std::vector<RunMessage>& messages) {
  if (messages.empty()) return;
  json.open_list("messages");
  for (const RunMessage& message : messages) {
    json.open();
    json.string("at", format_rfc3339(message.at));
    json.string("level", kMessageLevels[static_cast<std::size_t>(message.level)]);
    json.string("text", message.text);
    json.close();
  }
  json.close_list();
}

}  // namespace

std::string summary_json(const StatsSnapshot& snapshot) {
  JsonWriter json;
  json.open();
  json.open("fapilog_ship");
  json.string("version", SHIP_VERSION);
  json.seconds("uptime_seconds", std::round(snapshot.uptime_seconds * 1000) / 1000);
  json.string("preset", snapshot.preset);
  json.close();
  write_input(json, snapshot.input, snapshot.loop_seconds);
  write_inputs(json, snapshot.inputs);
  write_stages(json, snapshot.stages);
  json.open("sinks");
  for (const LaneSnapshot& sink : snapshot.sinks) write_sink(json, sink, snapshot.uptime_seconds);
  json.close();
  write_messages(json, snapshot.messages);
  json.close();
  return json.take() + "\n";
}

}  // namespace ship
