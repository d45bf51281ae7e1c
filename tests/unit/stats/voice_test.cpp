#include "stats/voice.hpp"

#include <functional>

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A sink whose books a test writes, heard twice a second on a clock that it moves.
struct Heard {
  ManualClock clock;
  SteadyTime began = clock.steady();
  LaneSnapshot sink;
  Voice voice;
  std::vector<Voice::Line> said;
  std::vector<double> at;

  Heard() {
    sink.name = "http";
    sink.type = "http";
    sink.queue_size = 100;
    sink.queue_max_bytes = 1 << 20;
    sink.drop_on_full = true;
  }

  double now() const { return std::chrono::duration<double>(clock.steady() - began).count(); }

  StatsSnapshot snapshot() const {
    StatsSnapshot snapshot;
    snapshot.uptime_seconds = now();
    snapshot.sinks = {sink};
    return snapshot;
  }

  void pass(double seconds, const std::function<void()>& each = {}) {
    for (double end = now() + seconds; now() < end;) {
      clock.advance(milliseconds(500));
      if (each) each();
      for (Voice::Line& line : voice.hear(snapshot())) {
        said.push_back(std::move(line));
        at.push_back(now());
      }
    }
  }

  void lose(Ending reason, std::uint64_t lines, std::uint64_t protected_lines = 0) {
    sink.counts.submitted += lines;
    sink.counts.dropped[static_cast<std::size_t>(reason)] += lines;
    sink.counts.protected_records.dropped += protected_lines;
  }
  void fail(SinkHealth health, const std::string& reason) {
    sink.health = health;
    sink.last_error = reason;
    ++sink.errors;
  }
  void work() {
    sink.health = SinkHealth::good;
    sink.breaker = "closed";
    ++sink.batches;
  }
  std::string last() const { return said.empty() ? "" : said.back().text; }
};

}  // namespace

TEST_CASE("voice: a sink that works says nothing", "[voice]") {
  Heard heard;
  heard.pass(3600, [&] { heard.work(); });
  CHECK(heard.said.empty());
}

TEST_CASE("voice: each change of state is one line, with the reason and what happens meanwhile",
          "[voice]") {
  Heard heard;
  heard.work();
  heard.pass(2);
  heard.fail(SinkHealth::failing, "HTTP 500: broken");
  heard.pass(1);
  REQUIRE(heard.said.size() == 1);
  CHECK(heard.last() ==
        "sink http: failing: HTTP 500: broken; keeping the lines in its queue (0% full) and "
        "trying again");
  heard.sink.breaker = "open";
  heard.pass(20, [&] { heard.fail(SinkHealth::failing, "HTTP 500: broken"); });
  REQUIRE(heard.said.size() == 2);
  CHECK(has(heard.last(),
            "sink http: down: HTTP 500: broken; check the server, it is probed until it works; "
            "keeping the lines"));
  heard.fail(SinkHealth::needs_operator, "HTTP 401: who are you");
  heard.pass(20);
  REQUIRE(heard.said.size() == 3);
  CHECK(has(
      heard.last(),
      "refusing all requests: HTTP 401: who are you; fix that; requests then resume on their own"));
  heard.work();
  heard.sink.counts.pending = 1234;
  heard.pass(5);
  REQUIRE(heard.said.size() == 4);
  CHECK(heard.last() ==
        "sink http: recovered after 41 s; 1,234 lines still to be delivered; no lines were lost "
        "meanwhile");
  CHECK(heard.said.back().level == LogLevel::info);
}

TEST_CASE("voice: a file, or a pipe, is not called a server", "[voice]") {
  Heard heard;
  heard.sink.type = GENERATE("file", "stdout");
  heard.sink.breaker = "open";
  heard.pass(2, [&] { heard.fail(SinkHealth::failing, "no space left; make room on the disk"); });
  CHECK(has(heard.last(), "down: no space left; make room on the disk; it is probed until"));
  heard.pass(2,
             [&] { heard.fail(SinkHealth::needs_operator, "cannot open /tmp: Is a directory"); });
  CHECK(has(heard.last(), "sink http: cannot write: cannot open /tmp: Is a directory; keeping"));
}

TEST_CASE("voice: what happens to the lines is said as it is at that moment", "[voice]") {
  Heard heard;
  SECTION("a spool keeps them") {
    heard.sink.has_spool = true;
    heard.fail(SinkHealth::failing, "x");
    heard.pass(1);
    CHECK(has(heard.last(), "keeping the lines in its spool"));
  }
  SECTION("the input waits") {
    heard.sink.drop_on_full = false;
    heard.fail(SinkHealth::failing, "x");
    heard.pass(1);
    CHECK(has(heard.last(), "holding the input back"));
  }
  SECTION("nobody keeps them") {
    heard.fail(SinkHealth::failing, "x");
    heard.lose(Ending::queue_full, 5);
    heard.pass(1);
    REQUIRE(heard.said.size() == 1);
    CHECK(heard.last() ==
          "sink http: failing: x; losing lines: 5 so far (queue full); --keep DIR or --spool DIR "
          "would keep them");
    CHECK(heard.said.back().facts.losing);
    heard.pass(59, [&] { heard.lose(Ending::queue_full, 5); });
    CHECK(heard.said.size() == 1);
    heard.pass(2, [&] { heard.lose(Ending::queue_full, 5); });
    CHECK(has(heard.last(), "still losing lines: "));
  }
}

TEST_CASE("voice: a loss is said within a second, then with its total each minute, and at its end",
          "[voice]") {
  Heard heard;
  heard.pass(10, [&] { heard.work(); });
  const double began = heard.now();
  heard.pass(150, [&] {
    heard.work();
    heard.lose(Ending::queue_full, 100, 1);
  });
  REQUIRE(heard.said.size() == 3);
  CHECK(heard.at[0] - began <= 1);
  CHECK(has(heard.said[0].text,
            "sink http: losing lines: 100 so far, 1 of them protected (queue full)"));
  CHECK(has(heard.said[1].text, "still losing lines: 12,100 so far, 121 of them protected"));
  CHECK(heard.at[1] - heard.at[0] == 60);
  heard.pass(20, [&] { heard.work(); });
  REQUIRE(heard.said.size() == 4);
  CHECK(heard.last() ==
        "sink http: stopped losing lines: 30,000 since the start, 300 of "
        "them protected (queue full)");
}

TEST_CASE("voice: a line about lines that were refused has the reason", "[voice]") {
  Heard heard;
  heard.pass(2, [&] { heard.work(); });
  heard.sink.last_error = "HTTP 400: bad stream";
  heard.lose(Ending::rejected, 2);
  heard.pass(1, [&] { heard.work(); });
  CHECK(heard.last() ==
        "sink http: losing lines: 2 so far (refused for good); last error: HTTP 400: bad stream; "
        "the sink refused 2 lines for good: --dead-letter FILE keeps what it refuses");
}

TEST_CASE("voice: what has stopped for a moment is not said to go on", "[voice]") {
  Heard heard;
  heard.pass(57, [&] {
    heard.work();
    heard.lose(Ending::queue_full, 100, 1);
  });
  REQUIRE(heard.said.size() == 1);
  heard.pass(5, [&] { heard.work(); });
  CHECK(heard.said.size() == 1);
  SECTION("it goes on") {
    heard.lose(Ending::queue_full, 100, 1);
    heard.pass(1, [&] { heard.work(); });
    CHECK(has(heard.last(), "still losing lines"));
  }
  SECTION("it is over") {
    heard.pass(10, [&] { heard.work(); });
    CHECK(has(heard.last(), "stopped losing lines"));
  }
}

TEST_CASE("voice: the sum at the end is that of the books", "[voice]") {
  Heard heard;
  heard.lose(Ending::queue_full, 50'000, 4);
  heard.lose(Ending::shutdown, 8'208, 8);
  heard.sink.counts.spooled = 7;
  const auto sum = Voice::sum_up(heard.snapshot());
  REQUIRE(sum.size() == 2);
  CHECK(sum[0].level == LogLevel::error);
  CHECK(has(sum[0].text,
            "sink http: on exit: 58,208 lines were lost, 12 of them protected (50,000 "
            "queue full, 8,208 not sent in time)"));
  CHECK(sum[1].text == "sink http: 7 lines in its spool for the next run");
}

TEST_CASE("voice: a server that answers nothing, and one that is slow, are told apart", "[voice]") {
  Heard heard;
  heard.sink.counts.in_flight = 20;
  heard.pass(8);
  REQUIRE(heard.said.size() == 1);
  CHECK(has(heard.last(), "no answer for 5 s, with 20 lines under way"));
  Heard slow;
  slow.sink.counts.in_flight = 20;
  slow.sink.queue_depth = 60;
  slow.pass(8, [&] { slow.work(); });
  REQUIRE(slow.said.size() == 1);
  CHECK(
      has(slow.last(), "slower than the input: its queue is 60% full; speed it up or send less, "));
  slow.sink.queue_depth = 30;
  slow.pass(8, [&] { slow.work(); });
  CHECK(slow.said.size() == 1);
  slow.sink.queue_depth = 10;
  slow.pass(8, [&] { slow.work(); });
  CHECK(slow.said.size() == 2);
}

TEST_CASE(
    "voice: a sink that falls behind on disk is told, and one whose disk holds a hitch is not",
    "[voice]") {
  Heard heard;
  heard.sink.has_spool = true;
  heard.pass(60, [&] {
    heard.work();
    heard.sink.counts.spooled += 10;
  });
  REQUIRE(heard.said.size() == 1);
  CHECK(has(heard.last(), "slower than the input: "));
  CHECK(has(heard.last(), " lines wait on disk, and more each second"));
  CHECK(heard.at.front() <= 12);
  heard.pass(60, [&] {
    heard.work();
    heard.sink.counts.spooled -= 10;
  });
  REQUIRE(heard.said.size() == 2);
  CHECK(has(heard.last(), "recovered"));
  Heard durable;
  durable.sink.has_spool = true;
  std::uint64_t tick = 0;
  durable.pass(600, [&] {
    durable.work();
    durable.sink.counts.spooled = ++tick * 7 % 40;
  });
  CHECK(durable.said.empty());
}

TEST_CASE("voice: however much there was to say, that a sink works again is said at once",
          "[voice]") {
  Heard heard;
  for (int i = 0; i < 40; ++i) {
    heard.sink.breaker = i % 2 == 0 ? "open" : "closed";
    heard.lose(Ending::queue_full, 1);
    heard.pass(2, [&] {
      heard.fail(i % 3 == 0 ? SinkHealth::needs_operator : SinkHealth::failing,
                 std::string(static_cast<std::size_t>(i + 1), 'x'));
    });
  }
  heard.pass(3, [&] { heard.work(); });
  CHECK(has(heard.last(), "recovered after"));
}

TEST_CASE("voice: what an outage left in the queue and on disk does not make a sink slow",
          "[voice]") {
  Heard heard;
  heard.sink.has_spool = true;
  heard.sink.breaker = "open";
  heard.sink.queue_depth = 100;
  heard.pass(30, [&] {
    heard.fail(SinkHealth::failing, "HTTP 500");
    heard.sink.counts.spooled += 100;
  });
  heard.pass(2.5, [&] { heard.work(); });
  heard.sink.queue_depth = 0;
  heard.pass(30, [&] {
    heard.work();
    heard.sink.counts.spooled -= 50;
  });
  REQUIRE(heard.said.size() == 2);
  CHECK(has(heard.last(), "recovered after"));
}

TEST_CASE("voice: a loss that has just begun gets no advice that only time can tell", "[voice]") {
  Heard heard;
  heard.sink.batches = 5;
  heard.sink.queue_depth = 100;
  heard.sink.counts.delivered = 100;
  heard.sink.flush_seconds.add(0.4);
  heard.sink.overflow = {.seconds = 0.2,
                         .arrived = 80,
                         .taken = 20,
                         .worst_dropped = 60,
                         .worst_arrived = 80,
                         .worst_seconds = 0.2};
  heard.lose(Ending::queue_full, 60);
  heard.pass(1);
  REQUIRE(heard.said.size() == 1);
  CHECK(has(heard.last(),
            "; more lines come in than the sink takes; --keep DIR or --spool DIR would keep them"));
  heard.sink.overflow.seconds = 60;
  heard.sink.overflow.arrived = 6000;
  heard.pass(70, [&] {
    heard.work();
    heard.lose(Ending::queue_full, 60);
  });
  CHECK(has(heard.said[heard.said.size() - 1].text, "still losing lines"));
  CHECK(has(heard.said[heard.said.size() - 1].text, "the sink is slower than the input"));
}

TEST_CASE("voice: advice about a loss fits its cause, and a reader that left gets none",
          "[voice]") {
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<Ending>(i);
    INFO(ending_text(reason));
    Heard heard;
    heard.lose(reason, 10);
    std::string said;
    for (const auto& line : Voice::sum_up(heard.snapshot())) said += line.text + "\n";
    CHECK(has(said, "--dead-letter FILE") == (reason == Ending::rejected));
    CHECK(has(said, "id_field") == (reason == Ending::duplicate));
    CHECK(has(said, "size_guard.max_bytes") == (reason == Ending::size_guard));
    CHECK(has(said, "check --explain") == (reason == Ending::redact));
    heard.sink.lost = true;
    said.clear();
    for (const auto& line : Voice::sum_up(heard.snapshot())) said += line.text + "\n";
    CHECK(has(said, "10 lines were lost"));
    CHECK_FALSE(has(said, ";"));
  }
}

TEST_CASE("voice: an end in which a sink refused all lines is an error, and says so", "[voice]") {
  Heard heard;
  heard.lose(Ending::rejected, 100);
  heard.sink.last_error = "HTTP 400: no such field";
  auto sum = Voice::sum_up(heard.snapshot());
  REQUIRE(sum.size() == 1);
  CHECK(sum[0].level == LogLevel::error);
  CHECK(has(sum[0].text, "sink http: on exit: all 100 lines were refused by the server and lost "));
  CHECK(has(sum[0].text, "HTTP 400: no such field"));
  CHECK(has(sum[0].text, "with --fail-on-loss the exit code is 75"));
  heard.sink.fail_on_loss = true;
  CHECK_FALSE(has(Voice::sum_up(heard.snapshot())[0].text, "--fail-on-loss"));
  // One that was delivered makes it an ordinary loss; one that was filtered does not.
  ++heard.sink.counts.submitted;
  ++heard.sink.counts.filtered;
  CHECK(Voice::sum_up(heard.snapshot())[0].level == LogLevel::error);
  ++heard.sink.counts.submitted;
  ++heard.sink.counts.delivered;
  sum = Voice::sum_up(heard.snapshot());
  CHECK(sum[0].level == LogLevel::warning);
  CHECK(has(sum[0].text, "100 lines were lost"));
  Heard kept;
  kept.sink.counts.submitted = kept.sink.counts.dead_lettered = 41;
  CHECK(has(Voice::sum_up(kept.snapshot())[0].text,
            "all 41 lines were refused for good and kept as dead letters"));
}

TEST_CASE("voice: lines whose answer did not come may be stored all the same", "[voice]") {
  Heard heard;
  heard.lose(Ending::shutdown, 30);
  heard.sink.last_error = "h: no answer within 1s (--request-timeout)";
  CHECK(has(Voice::sum_up(heard.snapshot())[0].text,
            "(not sent in time); the server may have stored some of them; last error: "));
  heard.sink.last_error = "h: cannot connect: Connection refused";
  CHECK_FALSE(has(Voice::sum_up(heard.snapshot())[0].text, "may have stored"));
  Heard full;
  full.lose(Ending::queue_full, 30);
  full.sink.last_error = "h: no answer within 1s (--request-timeout)";
  CHECK_FALSE(has(Voice::sum_up(full.snapshot())[0].text, "may have stored"));
}

TEST_CASE("voice: another reason for the same state is said, the same with other numbers is not",
          "[voice]") {
  Heard heard;
  heard.sink.breaker = "open";
  heard.fail(SinkHealth::failing, "HTTP 500: broken");
  heard.pass(5);
  heard.fail(SinkHealth::failing, "HTTP 503: broken");
  heard.pass(5);
  REQUIRE(heard.said.size() == 1);
  heard.fail(SinkHealth::failing, "h: no answer within 1s");
  heard.pass(5);
  REQUIRE(heard.said.size() == 2);
  CHECK(has(heard.last(), "sink http: still down, now: h: no answer within 1s"));
}

TEST_CASE("voice: a full queue that holds a file back is no news", "[voice]") {
  Heard heard;
  heard.sink.drop_on_full = false;
  heard.sink.queue_depth = 100;
  heard.pass(60, [&] { heard.work(); });
  CHECK(heard.said.empty());
}

TEST_CASE("voice: a reader of the only output that left is not worth a word", "[voice]") {
  Heard heard;
  heard.sink.type = "stdout";
  heard.sink.lost = true;
  heard.lose(Ending::rejected, 100);
  heard.pass(10);
  CHECK(heard.said.empty());
}

TEST_CASE("voice: an hour of any outage gives at most 100 lines", "[voice]") {
  Heard heard;
  std::uint64_t tick = 0;
  const auto every = [&](std::uint64_t ticks) { return tick++ / ticks % 2 == 0; };
  SECTION("down and losing all the time") {
    heard.pass(3600, [&] {
      heard.fail(SinkHealth::failing, "HTTP 500");
      heard.sink.breaker = tick++ % 3 == 0 ? "half_open" : "open";
      heard.lose(Ending::queue_full, 10);
    });
  }
  SECTION("up and down twice a second, with another reason each time") {
    heard.pass(3600, [&] {
      every(1) ? heard.work() : heard.fail(SinkHealth::failing, std::to_string(tick));
    });
  }
  SECTION("each kind of trouble in turn, losing now and then") {
    heard.pass(3600, [&] {
      const std::uint64_t kind = tick++ / 30;
      if (kind % 4 == 0) heard.work();
      if (kind % 4 == 1) heard.fail(SinkHealth::throttling, "429");
      if (kind % 4 == 2) heard.fail(SinkHealth::needs_operator, "401");
      if (kind % 4 == 3) heard.fail(SinkHealth::failing, "500");
      if (kind % 2 == 0) heard.lose(Ending::queue_full, 1);
    });
  }
  SECTION("down for another reason each time") {
    heard.sink.breaker = "open";
    heard.pass(3600, [&] {
      heard.fail(SinkHealth::failing, every(1) ? "connection refused" : "no answer");
    });
  }
  SECTION("a spool that comes and goes") {
    heard.pass(3600, [&] { heard.sink.spool_error = every(4) ? "no space left" : ""; });
  }
  CHECK(heard.said.size() >= 1);
  CHECK(heard.said.size() <= 100);
  CHECK(heard.at.front() <= 1);
}

TEST_CASE("voice: the total that is said last is the books' total, however seldom it spoke",
          "[voice]") {
  Heard heard;
  for (int episode = 0; episode < 50; ++episode) {
    heard.lose(Ending::queue_full, 10);
    heard.pass(15, [&] { heard.work(); });
  }
  heard.pass(600, [&] { heard.work(); });
  CHECK(has(heard.last(), "stopped losing lines: 500 since the start"));
}

}  // namespace ship
