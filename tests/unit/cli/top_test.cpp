#include <algorithm>
#include <cstdlib>

#include "cli/top_screen.hpp"
#include "sinks/terminal/terminal_text.hpp"
#include "stats/admin/history.hpp"
#include "stats/summary.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

LaneSnapshot sink_named(const std::string& name, std::uint64_t delivered = 3000) {
  LaneSnapshot sink;
  sink.name = name;
  sink.type = "http";
  sink.counts.submitted = delivered + 965 + 25;
  sink.counts.delivered = delivered;
  sink.counts.dropped = {900, 60, 5};
  sink.counts.pending = 25;
  sink.counts.protected_records.dropped = 2;
  sink.queue_depth = 25;
  sink.queue_size = 100;
  sink.queue_max_bytes = 1000;
  sink.queue_bytes = 500;
  sink.queue_depth_high_watermark = 100;
  sink.last_error = "HTTP 503: \x1b[31mfull\u009b\u202e\x7f";
  sink.flush_seconds.add(0.25);
  return sink;
}

StatsSnapshot snapshot_at(double seconds, std::vector<LaneSnapshot> sinks) {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = seconds;
  snapshot.preset = "production";
  snapshot.input.lines = static_cast<std::uint64_t>(seconds * 100);
  snapshot.input.bytes = 5000;
  snapshot.sinks = std::move(sinks);
  return snapshot;
}

TopStats stats_of(const StatsSnapshot& snapshot) {
  const auto stats = TopStats::parse(summary_json(snapshot));
  REQUIRE(stats.has_value());
  return *stats;
}

TopView view_of(std::size_t sinks) {
  TopView view;
  view.url = "http://127.0.0.1:9464";
  for (int second = 1; second <= 5; ++second) {
    std::vector<LaneSnapshot> lanes;
    for (std::size_t i = 0; i < sinks; ++i) {
      lanes.push_back(sink_named("sink-" + std::to_string(i), 1000 * std::uint64_t(second)));
    }
    view.stats = stats_of(snapshot_at(second, std::move(lanes)));
    view.history.add(*view.stats);
  }
  return view;
}

/// The lines of a frame, without what clears them.
std::vector<std::string> lines_of(const std::string& frame) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (true) {
    const std::size_t end = frame.find("\x1b[K", at);
    REQUIRE(end != std::string::npos);
    lines.push_back(frame.substr(at, end - at));
    at = end + 3;
    if (at == frame.size()) return lines;
    REQUIRE(frame.compare(at, 2, "\r\n") == 0);
    at += 2;
  }
}

std::string text_of(const std::string& frame) {
  std::string text;
  for (const std::string& line : lines_of(frame)) text += line + "\n";
  return text;
}

constexpr TopTerminal kPlain{80, 24, false, true};

}  // namespace

TEST_CASE("top: it reads what /stats says", "[cli]") {
  const TopStats stats = stats_of(snapshot_at(12.5, {sink_named("a\"b")}));
  CHECK(stats.version == SHIP_VERSION);
  CHECK(stats.preset == "production");
  CHECK(stats.uptime_seconds == 12.5);
  CHECK(stats.lines == 1250);
  REQUIRE(stats.sinks.size() == 1);
  const TopSink& sink = stats.sinks[0];
  CHECK(sink.name == "a\"b");
  CHECK(sink.breaker == "closed");
  CHECK(sink.count("delivered") == 3000);
  CHECK(sink.count("queue_size") == 100);
  CHECK(sink.lost() == 965);
  CHECK(sink.protected_dropped == 2);
  CHECK(sink.filled() == 0.5);
  CHECK(sink.p99 == 0.25);
  CHECK(sink.last_error == "HTTP 503: \x1b[31mfull\u009b\u202e\x7f");
}

TEST_CASE("top: what is no answer of a shipper is known as such", "[cli]") {
  for (const char* text : {"", "{", "[]", "{}", "<html></html>", "{\"status\":\"ok\"}", "null"}) {
    INFO(text);
    CHECK(!TopStats::parse(text));
  }
}

TEST_CASE("top: rates are those of the last seconds, and begin anew with the shipper", "[cli]") {
  TopHistory history;
  CHECK(!history.rate("a", "delivered"));
  for (int second = 1; second <= 10; ++second) {
    const std::uint64_t delivered = second <= 5 ? 0 : 1000 * std::uint64_t(second - 5);
    CHECK(!history.add(stats_of(snapshot_at(second, {sink_named("a", delivered)}))));
  }
  CHECK(history.rate("a", "delivered") == 1000.0);
  CHECK(history.rate("", "submitted") == 100.0);
  CHECK(history.rate("a", "dropped") == 0.0);
  CHECK(history.unchanged_for("a", "dropped") == 9.0);
  CHECK(history.unchanged_for("a", "delivered") == 0.0);
  CHECK(!history.rate("b", "delivered"));
  const auto series = history.series("a", "delivered", 7);
  CHECK(series == std::vector<double>{0, 0, 1000, 1000, 1000, 1000, 1000});
  CHECK(history.add(stats_of(snapshot_at(0.5, {sink_named("a", 0)}))));
  CHECK(!history.rate("a", "delivered"));
}

TEST_CASE("top: it begins with the minutes that the shipper remembers", "[cli]") {
  History remembered;
  for (int second = 1; second <= 60; ++second) {
    remembered.add(snapshot_at(second, {sink_named("a", 10 * std::uint64_t(second))}));
  }
  TopHistory history;
  history.take(remembered.json());
  history.add(stats_of(snapshot_at(61, {sink_named("a", 610)})));
  CHECK(history.rate("a", "delivered") == 10.0);
  CHECK(history.series("a", "queue_depth", 60) == std::vector<double>(60, 25.0));
}

TEST_CASE("top: a frame fits its terminal exactly, whatever the size", "[cli]") {
  for (const std::size_t sinks : {0u, 1u, 2u, 3u, 7u, 40u}) {
    const TopView view = view_of(sinks);
    for (const unsigned columns : {1u, 10u, 39u, 80u, 81u, 200u}) {
      for (const unsigned rows : {1u, 2u, 5u, 10u, 24u, 60u}) {
        for (const bool unicode : {true, false}) {
          INFO(sinks << " sinks, " << columns << "x" << rows);
          const auto lines = lines_of(top_frame(view, {columns, rows, false, unicode}));
          CHECK(lines.size() == rows);
          for (const std::string& line : lines) CHECK(display_width(line) <= columns);
        }
      }
    }
  }
}

TEST_CASE("top: at 80 by 24 two sinks have their queue, rates, charts, losses and error", "[cli]") {
  const std::string text = text_of(top_frame(view_of(2), kPlain));
  for (const char* part :
       {"fapilog-ship " SHIP_VERSION " production, up 5 s",
        "Everything is delivered; 1,930 were lost", "in 100/s  out 2,000/s  lost 0/s  waiting 50",
        "sink-0 http", "25 of 100, peak 100", "in 1,000/s  out 1,000/s  lost 0/s",
        "p50 250 ms  p99 250 ms", "lost 965 (60 evicted, 900 queue_full, 5 rejected; 2 ",
        "last error: HTTP 503"}) {
    INFO(part << "\n" << text);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("sink-1 http") != std::string::npos);
  CHECK(text.find("█") != std::string::npos);
  for (const char* bad : {"\x1b", "\u009b", "\u202e", "\x7f"}) {
    CHECK(text.find(bad) == std::string::npos);
  }
}

TEST_CASE("top: nothing is cut at 80 columns, and a failing sink has its error first", "[cli]") {
  TopView view;
  view.url = "http://127.0.0.1:9464";
  const std::string error =
      "HTTP 503 from https://a-host-with-a-long-name.example.com:9200/_bulk: the cluster is "
      "read-only, as its disks are fuller than the flood-stage watermark allows them to be";
  for (int second = 1; second <= 5; ++second) {
    LaneSnapshot sink = sink_named("elasticsearch", 123456789);
    sink.health = SinkHealth::failing;
    sink.breaker = "open";
    sink.last_error = error;
    sink.counts.dropped = {9876543, 654321, 54321, 4321};
    sink.counts.spooled = 1234567;
    sink.bytes_sent = 5u << 20;
    sink.requests_in_flight = 3;
    sink.requests_limit = 16;
    view.stats = stats_of(snapshot_at(second, {sink}));
    view.history.add(*view.stats);
  }
  const auto lines = lines_of(top_frame(view, kPlain));
  std::string text;
  for (const std::string& line : lines) {
    CHECK(display_width(line) < 80);
    text += line.substr(std::min(line.find_first_not_of(' '), line.size())) + " ";
  }
  for (const std::string& part : {"error: " + error, std::string("9,876,543 queue_full"),
                                  std::string("requests 3 of 16"), std::string("sent 5.0 MB"),
                                  std::string("spooled 1,234,567"), std::string("breaker open")}) {
    INFO(part << "\n" << text);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("error: ") < text.find("queue "));
}

TEST_CASE("top: too many sinks are counted, not forgotten", "[cli]") {
  const std::string text = text_of(top_frame(view_of(40), kPlain));
  CHECK(text.find("sink-18") != std::string::npos);
  CHECK(text.find("… and 21 more sinks") != std::string::npos);
}

TEST_CASE("top: inputs have a line each where there are several, or where one listens", "[cli]") {
  const auto frame_of = [](std::vector<InputReport> inputs) {
    TopView view;
    StatsSnapshot snapshot = snapshot_at(6, {sink_named("a")});
    snapshot.inputs = std::move(inputs);
    view.stats = stats_of(snapshot);
    view.history.add(*view.stats);
    for (InputReport& input : snapshot.inputs) input.counts.lines += 200;
    snapshot.uptime_seconds = 7;
    view.stats = stats_of(snapshot);
    view.history.add(*view.stats);
    return top_frame(view, {100, 30, false, true});
  };
  InputReport pipe;
  pipe.name = "stdin";
  pipe.type = "pipe";
  CHECK(frame_of({pipe}).find("stdin") == std::string::npos);
  InputReport socket;
  socket.name = "unix:/run/\x1b[31ma.sock";
  socket.type = "unix";
  socket.cut = 3;
  socket.connections = ConnectionCounts{1234, 2000, 7, 0, 0};
  const std::string frame = frame_of({pipe, socket});
  CHECK(frame.find("  stdin  200/s  200 lines") != std::string::npos);
  CHECK(frame.find("200/s  200 lines  1,234 connections  7 refused  3 cut") != std::string::npos);
  CHECK(frame.find("\x1b[31ma") == std::string::npos);
  std::vector<InputReport> many(20, pipe);
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name += std::to_string(i);
  CHECK(frame_of(many).find("… and 13 more inputs") != std::string::npos);
}

TEST_CASE("top: trouble is said, over the last that was known", "[cli]") {
  TopView view = view_of(1);
  view.trouble = "no answer: connection refused";
  const std::string text = text_of(top_frame(view, kPlain));
  CHECK(text.find("no answer: connection refused") != std::string::npos);
  CHECK(text.find("sink-0") != std::string::npos);
  CHECK(text.find("Everything is delivered") == std::string::npos);
  TopView fresh;
  fresh.url = "unix:/run/x";
  CHECK(text_of(top_frame(fresh, kPlain)).find("connecting to unix:/run/x") != std::string::npos);
}

TEST_CASE("top: a sink is called by what is wrong with it", "[cli]") {
  const auto words = [](const char* breaker, std::uint64_t in_flight, std::uint64_t depth,
                        std::uint64_t lost_each) {
    TopHistory history;
    TopStats stats;
    for (int second = 1; second <= 8; ++second) {
      LaneSnapshot sink;
      sink.name = "a";
      sink.breaker = breaker;
      sink.counts.in_flight = in_flight;
      sink.counts.dropped = {lost_each * std::uint64_t(second)};
      sink.queue_depth = depth;
      sink.queue_size = 100;
      sink.queue_max_bytes = 100;
      stats = stats_of(snapshot_at(second, {sink}));
      history.add(stats);
    }
    const TopVerdict verdict = verdict_of(stats.sinks[0], history);
    return verdict.words + (verdict.losing ? ", losing" : "");
  };
  CHECK(words("closed", 0, 0, 0) == "healthy");
  CHECK(words("open", 0, 0, 0) == "breaker open");
  CHECK(words("half-open", 5, 100, 7) == "probing, losing");
  CHECK(words("closed", 5, 0, 0) == "does not answer");
  CHECK(words("closed", 0, 100, 7) == "too slow, losing");
  CHECK(words("closed", 0, 91, 0) == "queue nearly full");
}

TEST_CASE("top: a sink behind a spool is told by what its spool does", "[cli]") {
  const auto words = [](std::uint64_t more_each) {
    TopHistory history;
    TopStats stats;
    for (int second = 1; second <= 8; ++second) {
      LaneSnapshot sink;
      sink.name = "a";
      sink.counts.spooled = 100 + more_each * std::uint64_t(second);
      sink.queue_size = sink.queue_max_bytes = 100;
      stats = stats_of(snapshot_at(second, {sink}));
      history.add(stats);
    }
    return verdict_of(stats.sinks[0], history).words;
  };
  CHECK(words(10) == "too slow, spooling");
  CHECK(words(0) == "catching up");
}

TEST_CASE("top: what is said of a sink is the cause, for every health and every ending", "[cli]") {
  const auto verdict = [](auto&& change) {
    TopHistory history;
    TopStats stats;
    for (int second = 1; second <= 12; ++second) {
      LaneSnapshot sink;
      sink.name = "a";
      sink.queue_size = 100;
      sink.queue_max_bytes = 1000;
      sink.flush_seconds.add(0.1);
      change(sink, static_cast<std::uint64_t>(second));
      for (int i = 1; i < second; ++i) sink.flush_seconds.add(0.1);
      stats = stats_of(snapshot_at(second, {sink}));
      history.add(stats);
    }
    return verdict_of(stats.sinks.at(0), history);
  };
  CHECK(verdict([](LaneSnapshot&, std::uint64_t) {}).words == "healthy");
  for (const auto& [health, words] : std::vector<std::pair<SinkHealth, std::string>>{
           {SinkHealth::throttling, "rate-limited"},
           {SinkHealth::failing, "failing"},
           {SinkHealth::needs_operator, "refuses us"}}) {
    const TopVerdict told = verdict([health = health](LaneSnapshot& sink, std::uint64_t second) {
      sink.health = health;
      sink.counts.dropped[0] = second;  // the queue that fills up is what follows from it
    });
    CHECK(told.words == words);
    CHECK(told.mood == TopVerdict::Mood::bad);
  }
  const std::vector<std::string> words = {"too slow",
                                          "too slow",
                                          "refuses records",
                                          "gave up on records",
                                          "ended too soon",
                                          "has other records with these ids",
                                          "its spool is damaged",
                                          "records cannot be redacted",
                                          "records too long"};
  REQUIRE(words.size() == kDropReasons);
  for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
    INFO(ending_text(static_cast<Ending>(reason)));
    const TopVerdict told = verdict([reason](LaneSnapshot& sink, std::uint64_t second) {
      sink.counts.dropped[0] += 5000;  // an old loss is not what is going on
      sink.counts.dropped[reason] += second * 10;
    });
    CHECK(told.words == words[reason]);
    CHECK(told.losing);
  }
}

TEST_CASE("top: since when nobody answers is seen on every terminal", "[cli]") {
  TopView view;
  view.url = "http://127.0.0.1:9464";
  view.trouble =
      "trying again since 12:34:56: no answer: some.long.host.example.com:9464: cannot connect: "
      "Connection refused";
  for (const unsigned columns : {40u, 80u, 200u}) {
    std::string text = text_of(top_frame(view, TopTerminal{columns, 24, false, true}));
    CHECK(text.find("trying again since 12:34:56") != std::string::npos);
    std::replace(text.begin(), text.end(), '\n', ' ');
    CHECK(text.find("Connection refused") != std::string::npos);
  }
}
