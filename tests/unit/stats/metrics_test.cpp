#include "stats/metrics.hpp"

#include <set>
#include <sstream>

#include "tests/catch.hpp"

using namespace ship;

namespace {

LaneSnapshot loki() {
  LaneSnapshot sink;
  sink.name = "loki";
  sink.type = "loki";
  sink.counts.submitted = 9'007'199'254;
  sink.counts.delivered = 8'999'999'999;
  sink.counts.dropped = {900, 60, 5};
  sink.counts.dropped_protected = {2};
  sink.counts.evicted_by_severity[10] = 40;
  sink.counts.evicted_by_severity[13] = 5;
  sink.counts.evicted_by_severity[20] = 15;
  sink.errors = 7;
  sink.queue_depth = 15;
  sink.queue_size = 100;
  sink.queue_depth_high_watermark = 100;
  sink.breaker = "half-open";
  sink.flush_seconds.add(0.0001);
  sink.flush_seconds.add(0.3);
  sink.flush_seconds.add(100);
  sink.batch_sizes.add(256);
  return sink;
}

StatsSnapshot snapshot_of(std::vector<LaneSnapshot> sinks) {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = 12.5;
  snapshot.preset = "production";
  snapshot.input.lines = 12;
  snapshot.input.submitted = 10;
  snapshot.sinks = std::move(sinks);
  return snapshot;
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

}  // namespace

TEST_CASE("metrics: counts are exact and have the library's names", "[stats]") {
  const auto lines = lines_of(metrics_text(snapshot_of({loki()}), true));
  for (const char* line :
       {"# HELP fapilog_events_submitted_total Records that were given to the sinks.",
        "# TYPE fapilog_events_submitted_total counter", "fapilog_events_submitted_total 10",
        "fapilog_events_processed_total 8999999999",
        R"(fapilog_ship_sink_submitted_total{sink="loki"} 9007199254)",
        R"(fapilog_events_dropped_total{sink="loki",reason="queue_full",protected="false"} 898)",
        R"(fapilog_events_dropped_total{sink="loki",reason="queue_full",protected="true"} 2)",
        R"(fapilog_events_dropped_total{sink="loki",reason="evicted",protected="false"} 60)",
        R"(fapilog_sink_errors_total{sink="loki"} 7)", "# TYPE fapilog_queue_depth gauge",
        R"(fapilog_queue_depth{sink="loki"} 15)",
        R"(fapilog_queue_high_watermark{sink="loki"} 100)",
        R"(fapilog_ship_breaker_state{sink="loki",state="half-open"} 1)",
        R"(fapilog_ship_breaker_state{sink="loki",state="open"} 0)",
        R"(fapilog_ship_build_info{version=")" SHIP_VERSION R"(",preset="production"} 1)",
        "fapilog_ship_ready 1", "fapilog_ship_uptime_seconds 12.5"}) {
    INFO(line);
    CHECK(lines.count(line) == 1);
  }
  CHECK(lines_of(metrics_text(snapshot_of({}), false)).count("fapilog_ship_ready 0") == 1);
}

TEST_CASE("metrics: a histogram's buckets add up to its count", "[stats]") {
  const auto lines = lines_of(metrics_text(snapshot_of({loki()}), true));
  for (const char* line : {"# TYPE fapilog_flush_seconds histogram",
                           R"(fapilog_flush_seconds_bucket{sink="loki",le="0.0001"} 1)",
                           R"(fapilog_flush_seconds_bucket{sink="loki",le="0.25"} 1)",
                           R"(fapilog_flush_seconds_bucket{sink="loki",le="0.5"} 2)",
                           R"(fapilog_flush_seconds_bucket{sink="loki",le="60"} 2)",
                           R"(fapilog_flush_seconds_bucket{sink="loki",le="+Inf"} 3)",
                           R"(fapilog_flush_seconds_count{sink="loki"} 3)",
                           R"(fapilog_batch_size_bucket{sink="loki",le="250"} 0)",
                           R"(fapilog_batch_size_bucket{sink="loki",le="500"} 1)",
                           R"(fapilog_batch_size_sum{sink="loki"} 256)"}) {
    INFO(line);
    CHECK(lines.count(line) == 1);
  }
}

TEST_CASE("metrics: the reader's loop is a histogram, from its first scrape on", "[stats]") {
  StatsSnapshot snapshot = snapshot_of({});
  CHECK(lines_of(metrics_text(snapshot, true)).count("fapilog_ship_reader_loop_seconds_count 0") ==
        1);
  snapshot.loop_seconds.add(0.000004);
  snapshot.loop_seconds.add(2);
  const auto lines = lines_of(metrics_text(snapshot, true));
  for (const char* line : {"# TYPE fapilog_ship_reader_loop_seconds histogram",
                           R"(fapilog_ship_reader_loop_seconds_bucket{le="2.5e-06"} 0)",
                           R"(fapilog_ship_reader_loop_seconds_bucket{le="5e-06"} 1)",
                           R"(fapilog_ship_reader_loop_seconds_bucket{le="1"} 1)",
                           R"(fapilog_ship_reader_loop_seconds_bucket{le="+Inf"} 2)"}) {
    INFO(line);
    CHECK(lines.count(line) == 1);
  }
}

TEST_CASE("metrics: evictions go by the names of levels, however many severities there are",
          "[stats]") {
  const auto lines = lines_of(metrics_text(snapshot_of({loki(), loki()}), true));
  CHECK(lines.count(R"(fapilog_events_evicted_total{level="DEBUG"} 90)") == 1);
  CHECK(lines.count(R"(fapilog_events_evicted_total{level="INFO"} 30)") == 1);
  CHECK(lines.count(R"(fapilog_events_evicted_total{level="ERROR"} 0)") == 1);
  CHECK(lines.count("fapilog_priority_evictions_total 120") == 1);
}

TEST_CASE("metrics: a series is there before its first event", "[stats]") {
  LaneSnapshot fresh;
  fresh.name = "x";
  const auto lines = lines_of(metrics_text(snapshot_of({fresh}), true));
  CHECK(lines.count(
            R"(fapilog_events_dropped_total{sink="x",reason="size_guard",protected="true"} 0)") ==
        1);
  CHECK(lines.count(R"(fapilog_sink_errors_total{sink="x"} 0)") == 1);
  CHECK(lines.count(R"(fapilog_flush_seconds_bucket{sink="x",le="+Inf"} 0)") == 1);
}

TEST_CASE("metrics: a name is escaped", "[stats]") {
  LaneSnapshot odd;
  odd.name = "a\"b\\c\nd";
  const auto lines = lines_of(metrics_text(snapshot_of({odd}), true));
  CHECK(lines.count(R"(fapilog_queue_depth{sink="a\"b\\c\nd"} 0)") == 1);
}

TEST_CASE("metrics: stages are told apart by sink, those of the intake have none", "[stats]") {
  StatsSnapshot snapshot = snapshot_of({loki()});
  snapshot.stages.push_back({"sample", 10, 7, 0, 0, 250, 0.7});
  snapshot.sinks[0].stages.push_back({"redact", 7, 7, 3, 1, 500, {}});
  const auto lines = lines_of(metrics_text(snapshot, true));
  CHECK(lines.count(R"(fapilog_ship_stage_out_total{stage="sample"} 7)") == 1);
  CHECK(lines.count(R"(fapilog_ship_stage_changed_total{sink="loki",stage="redact"} 3)") == 1);
  CHECK(lines.count(R"(fapilog_ship_stage_record_seconds{sink="loki",stage="redact"} 5e-07)") == 1);
}

TEST_CASE("metrics: what each rule of a stage took out is counted by its name", "[stats]") {
  StatsSnapshot snapshot = snapshot_of({loki()});
  CHECK(metrics_text(snapshot, true).find("rule_hits") == std::string::npos);
  snapshot.sinks[0].stages.push_back(
      {"redact", 7, 7, 3, 1, 500, {}, {{"email", 12}, {"*pass\"word", 3}}});
  const auto lines = lines_of(metrics_text(snapshot, true));
  const std::string name = R"(fapilog_ship_stage_rule_hits_total{sink="loki",stage="redact",rule=)";
  CHECK(lines.count(name + R"("email"} 12)") == 1);
  CHECK(lines.count(name + R"("*pass\"word"} 3)") == 1);
}

TEST_CASE("metrics: each input has a series, and what listens has its connections", "[stats]") {
  StatsSnapshot snapshot = snapshot_of({});
  InputReport pipe;
  pipe.name = "stdin";
  pipe.counts.lines = 3;
  snapshot.inputs = {pipe};
  const std::string alone = metrics_text(snapshot, true);
  CHECK(lines_of(alone).count(R"(fapilog_ship_input_lines_total{input="stdin"} 3)") == 1);
  CHECK(alone.find("connections") == std::string::npos);
  InputReport socket;
  socket.name = "tcp://[::1]:9000";
  socket.counts.bytes = 70;
  socket.connections = ConnectionCounts{1, 5, 6, 2, 3};
  socket.held_bytes = 10;
  socket.cut = 4;
  snapshot.inputs.push_back(socket);
  const auto lines = lines_of(metrics_text(snapshot, true));
  for (const char* line :
       {R"(fapilog_ship_input_lines_total{input="stdin"} 3)",
        R"(fapilog_ship_input_bytes_total{input="tcp://[::1]:9000"} 70)",
        R"(fapilog_ship_input_connections{input="tcp://[::1]:9000"} 1)",
        R"(fapilog_ship_input_connections_total{input="tcp://[::1]:9000"} 5)",
        R"(fapilog_ship_input_connections_refused_total{input="tcp://[::1]:9000"} 6)",
        R"(fapilog_ship_input_connections_idle_total{input="tcp://[::1]:9000"} 2)",
        R"(fapilog_ship_input_connections_reset_total{input="tcp://[::1]:9000"} 3)",
        R"(fapilog_ship_input_held_bytes{input="tcp://[::1]:9000"} 10)",
        R"(fapilog_ship_input_cut_total{input="tcp://[::1]:9000"} 4)"}) {
    INFO(line);
    CHECK(lines.count(line) == 1);
  }
}
