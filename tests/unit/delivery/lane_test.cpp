#include <atomic>
#include <cerrno>
#include <random>
#include <thread>

#include "tests/unit/delivery/lane_rig.hpp"

using namespace ship;
using namespace std::chrono_literals;

TEST_CASE("lane: what is submitted is delivered once, in order", "[lane]") {
  SinkScript script;
  Rig rig(settings_for_tests(), script);
  rig.start();
  rig.submit(numbered(0, 1000));
  const LaneSnapshot end = rig.drain();
  CHECK(script.stored() == numbered(0, 1000));
  CHECK(end.counts.delivered == 1000);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane: a batch that must be retried keeps its records, order and batch id", "[lane]") {
  SinkScript script;
  for (int i = 0; i < 3; ++i) {
    script.answers.push_back([](auto) { return Verdict::of(Verdict::Kind::retry, 503, "busy"); });
  }
  SinkSettings settings = settings_for_tests();
  settings.delivery.batch_size = 10;
  Rig rig(settings, script);
  rig.submit(numbered(0, 25));
  rig.start();
  const LaneSnapshot end = rig.drain();
  CHECK(script.stored() == numbered(0, 25));
  const auto calls = script.calls();
  REQUIRE(calls.size() == 6);
  CHECK(calls[0].batch_id == calls[3].batch_id);
  CHECK(calls[3].batch_id != calls[4].batch_id);
  CHECK(end.retries == 3);
  CHECK(end.last_error == "busy");
}

TEST_CASE("lane: its snapshot tells what the last answer said of the sink, and it logs nothing",
          "[lane]") {
  const auto health_after = [](const Verdict& verdict) {
    SinkScript script;
    script.otherwise = [verdict](auto) { return verdict; };
    Rig rig(settings_for_tests(), script);
    rig.submit(numbered(0, 5));
    rig.start();
    const LaneSnapshot end = rig.drain();
    CHECK(rig.messages().empty());
    return end.health;
  };
  CHECK(health_after(Verdict{}) == SinkHealth::good);
  CHECK(health_after(Verdict::of(Verdict::Kind::reject, 400, "no")) == SinkHealth::good);
}

TEST_CASE("lane: a sink that takes a part only is rate-limited if it says so, and else failing",
          "[lane]") {
  const auto health_after = [](int status) {
    SinkScript script;
    SinkHealth health = SinkHealth::good;
    Rig rig(settings_for_tests(), script);
    int calls = 0;
    script.otherwise = [&](std::span<const Record> records) {
      health = rig.lane.snapshot().health;
      if (++calls > 1) return Verdict{};
      Verdict verdict = Verdict::of(Verdict::Kind::partial, status, "no more");
      verdict.items.push_back(
          {static_cast<std::uint32_t>(records.size() - 1), true, status, "no more"});
      return verdict;
    };
    rig.submit(numbered(0, 5));
    rig.start();
    CHECK(rig.drain().counts.delivered == 5);
    return health;
  };
  CHECK(health_after(429) == SinkHealth::throttling);
  CHECK(health_after(503) == SinkHealth::failing);
  CHECK(health_after(ETIMEDOUT) == SinkHealth::failing);
}

TEST_CASE("lane: a refused batch is halved down to its culprit, the others arrive in order",
          "[lane]") {
  SinkScript script;
  script.otherwise = [](std::span<const Record> records) {
    for (const Record& record : records) {
      if (record.line == "{\"n\":37}") return Verdict::of(Verdict::Kind::split, 400, "bad field");
    }
    return Verdict{};
  };
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 100));
  rig.start();
  const LaneSnapshot end = rig.drain();
  auto expected = numbered(0, 100);
  expected.erase(expected.begin() + 37);
  CHECK(script.stored() == expected);
  CHECK(end.counts.delivered == 99);
  CHECK(dropped(end, Ending::rejected) == 1);
  CHECK(end.counts.balanced());
  CHECK(script.calls().size() <= 1 + 2 * 7);
}

TEST_CASE("lane: of a partial answer only the named records are sent again or given up", "[lane]") {
  SinkScript script;
  script.answers.push_back([](auto) {
    Verdict verdict = Verdict::of(Verdict::Kind::partial, 200, "some failed");
    verdict.items = {{1, true, 429, "busy"}, {2, false, 400, "mapping"}, {4, true, 503, "busy"}};
    return verdict;
  });
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 6));
  rig.start();
  const LaneSnapshot end = rig.drain();
  REQUIRE(script.calls().size() == 2);
  CHECK(script.calls()[1].lines == std::vector<std::string>{"{\"n\":1}", "{\"n\":4}"});
  CHECK(end.counts.delivered == 5);
  CHECK(dropped(end, Ending::rejected) == 1);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane: what is left of a batch has another id, also where its ends are the same",
          "[lane]") {
  SinkScript script;
  script.answers.push_back([](auto) {
    Verdict verdict = Verdict::of(Verdict::Kind::partial, 200, "some failed");
    verdict.items = {{0, true, 429, "busy"}, {3, true, 429, "busy"}};
    return verdict;
  });
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 4));
  rig.start();
  CHECK(rig.drain().counts.delivered == 4);
  REQUIRE(script.calls().size() == 2);
  CHECK(script.calls()[1].lines == std::vector<std::string>{"{\"n\":0}", "{\"n\":3}"});
  CHECK(script.calls()[1].batch_id != script.calls()[0].batch_id);
}

TEST_CASE("lane: rejections that the server only counts are counted", "[lane]") {
  SinkScript script;
  script.answers.push_back([](auto) {
    Verdict verdict = Verdict::of(Verdict::Kind::partial, 200, "3 rejected");
    verdict.unnamed_rejections = 3;
    return verdict;
  });
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 10));
  rig.start();
  const LaneSnapshot end = rig.drain();
  CHECK(end.counts.delivered == 7);
  CHECK(dropped(end, Ending::rejected) == 3);
  CHECK(script.calls().size() == 1);
}

TEST_CASE("lane: with a hung sink the reader never waits, and stop counts what is left", "[lane]") {
  SinkScript script;
  script.hang();
  SinkSettings settings = settings_for_tests();
  settings.queue.size = 100;
  settings.delivery.batch_size = 10;
  Rig rig(settings, script);
  rig.start();
  rig.submit(numbered(0, 10));
  script.wait_for_calls(1);
  rig.submit(numbered(10, 500));
  const LaneSnapshot before = rig.lane.snapshot();
  CHECK(before.counts.in_flight == 10);
  CHECK(before.counts.pending == 110);
  CHECK(dropped(before, Ending::queue_full) == 390);
  CHECK(before.queue_depth_high_watermark == 100);
  CHECK(before.counts.balanced());
  const LaneSnapshot end = rig.stop();
  CHECK(dropped(end, Ending::shutdown) == 110);
  CHECK(end.counts.pending == 0);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane: with a hung sink protected records push unprotected ones out", "[lane]") {
  SinkScript script;
  script.hang();
  SinkSettings settings = settings_for_tests();
  settings.queue.size = 100;
  settings.delivery.batch_size = 1;
  Rig rig(settings, script);
  rig.start();
  rig.submit(numbered(0, 1));
  script.wait_for_calls(1);
  rig.submit(numbered(1, 101), 10);
  rig.submit(numbered(101, 201), 40);
  const LaneSnapshot before = rig.lane.snapshot();
  CHECK(dropped(before, Ending::evicted) == 100);
  CHECK(before.counts.evicted_by_severity[10] == 100);
  CHECK(before.counts.protected_records.submitted == 100);
  CHECK(before.counts.protected_records.dropped == 0);
  CHECK(before.counts.balanced());
}

TEST_CASE("lane: a queue smaller than a batch is emptied before it is full", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.queue.size = 10;
  settings.delivery.batch_size = 256;
  settings.delivery.batch_timeout = 1h;
  Rig rig(settings, script);
  rig.start();
  rig.submit(numbered(0, 5));
  script.wait_for_calls(1);
  CHECK(script.calls()[0].lines.size() == 5);
}

TEST_CASE("lane: in block mode nothing is dropped, whatever the queue holds", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.queue.size = 3;
  settings.queue.drop_on_full = false;
  settings.delivery.batch_size = 2;
  Rig rig(settings, script);
  rig.start();
  rig.submit(numbered(0, 2000));
  const LaneSnapshot end = rig.drain();
  CHECK(script.stored() == numbered(0, 2000));
  CHECK(end.counts.dropped_total() == 0);
  CHECK(end.queue_depth_high_watermark <= 3);
}

TEST_CASE("lane: in block mode a record larger than the whole queue still passes", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.queue.max_bytes = 1000;
  settings.queue.drop_on_full = false;
  Rig rig(settings, script);
  rig.start();
  rig.submit({"{}", std::string(5000, 'x'), "{}"});
  CHECK(rig.drain().counts.delivered == 3);
}

TEST_CASE("lane: stop frees a reader that waits for room", "[lane]") {
  SinkScript script;
  script.hang();
  SinkSettings settings = settings_for_tests();
  settings.queue.size = 2;
  settings.queue.drop_on_full = false;
  Rig rig(settings, script);
  rig.start();
  std::thread reader([&] { rig.submit(numbered(0, 500)); });
  script.wait_for_calls(1);
  rig.lane.stop();
  reader.join();
  const LaneSnapshot end = rig.stop();
  CHECK(end.counts.submitted == 500);
  CHECK(dropped(end, Ending::shutdown) == 500);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane: records of other levels are filtered and counted, not queued", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.levels = {"error"};
  settings.filter.min_level = 10;
  Rig rig(settings, script);
  rig.submit({"{\"a\":1}"}, 20);
  rig.submit({"{\"a\":2}"}, 40);
  rig.start();
  const LaneSnapshot end = rig.drain();
  CHECK(script.stored() == std::vector<std::string>{"{\"a\":2}"});
  CHECK(end.counts.filtered == 1);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane: while the breaker is open records go to the fallback and count as diverted",
          "[lane]") {
  SinkScript dead;
  dead.otherwise = [](auto) { return Verdict::of(Verdict::Kind::retry, 503, "down"); };
  SinkScript alive;
  SinkSettings settings = settings_for_tests();
  settings.delivery.breaker_failures = 2;
  settings.delivery.breaker_interval = 1h;
  Rig second(settings_for_tests(), alive);
  Rig first(settings, dead);
  first.lane.set_targets(&second.lane);
  second.start();
  first.submit(numbered(0, 50));
  first.start();
  alive.wait_for_calls(1);
  CHECK(first.lane.snapshot().breaker == "open");
  const LaneSnapshot end = first.drain();
  CHECK(end.counts.diverted == 50);
  CHECK(end.counts.balanced());
  CHECK(dead.calls().size() == 2);
  CHECK(dead.abandoned() > 0);
  CHECK(alive.abandoned() == 0);
  CHECK(second.drain().counts.delivered == 50);
  CHECK(alive.stored() == numbered(0, 50));
}

TEST_CASE("lane: what a sink has to say goes to its anchor, that of its end as well", "[lane]") {
  SinkScript noter;
  noter.notes = {{"{\"note\":1}", {{7, 8}, 1}}, {"{\"note\":2}"}};
  noter.last_notes = {{"{\"note\":3}"}};
  SinkScript anchor;
  std::vector<RecordId> ids;
  bool all_audit = true;
  anchor.otherwise = [&](std::span<const Record> records) {
    for (const Record& record : records) {
      ids.push_back(record.id);
      all_audit = all_audit && record.level.name == LevelName::audit;
    }
    return Verdict{};
  };
  Rig second(settings_for_tests(), anchor);
  Rig first(settings_for_tests(), noter);
  first.lane.set_targets({nullptr, &second.lane});
  second.start();
  first.submit(numbered(0, 5));
  first.start();
  CHECK(first.drain().counts.delivered == 5);
  const LaneSnapshot end = second.drain();
  CHECK(end.counts.delivered == 3);
  CHECK(end.counts.balanced());
  CHECK(anchor.stored() ==
        std::vector<std::string>{"{\"note\":1}", "{\"note\":2}", "{\"note\":3}"});
  CHECK(ids == std::vector<RecordId>{{{7, 8}, 1}, {}, {}});
  CHECK(all_audit);
}

TEST_CASE("lane: an anchor that takes nothing holds nobody up before the end", "[lane]") {
  SinkScript noter;
  noter.notes = {{"{\"note\":1}"}, {"{\"note\":2}"}};
  SinkScript anchor;
  anchor.hang();
  SinkSettings small = settings_for_tests();
  small.queue.size = 1;
  small.queue.drop_on_full = false;
  Rig second(small, anchor);
  second.start();
  second.submit(numbered(0, 1));
  anchor.wait_for_calls(1);
  Rig first(settings_for_tests(), noter);
  first.lane.set_targets({nullptr, &second.lane});
  first.start();
  for (int i = 1; i <= 3; ++i) {
    first.submit(numbered(i, i + 1));
    noter.wait_for_calls(static_cast<std::size_t>(i));
  }
  anchor.resume();
  first.drain();
  second.drain();
  CHECK(anchor.stored() == std::vector<std::string>{"{\"n\":0}", "{\"note\":1}", "{\"note\":2}"});
}

TEST_CASE("lane: records expire once retry_max_elapsed is over", "[lane]") {
  SinkScript script;
  script.otherwise = [](auto) {
    std::this_thread::yield();
    return Verdict::of(Verdict::Kind::retry, 500, "down");
  };
  SinkSettings settings = settings_for_tests();
  settings.delivery.retry_max_elapsed = 20ms;
  Rig rig(settings, script);
  rig.submit(numbered(0, 4));
  rig.start();
  const LaneSnapshot end = rig.drain();
  CHECK(dropped(end, Ending::expired) == 4);
  CHECK(end.counts.balanced());
  CHECK(script.abandoned() == 1);
}

TEST_CASE("lane: what a partial answer asks for again expires as well, the rest is delivered",
          "[lane]") {
  SinkScript script;
  script.otherwise = [](auto) {
    std::this_thread::yield();
    Verdict verdict = Verdict::of(Verdict::Kind::partial, 200, "some failed");
    verdict.items = {{0, true, 503, "busy"}};
    return verdict;
  };
  SinkSettings settings = settings_for_tests();
  settings.delivery.retry_max_elapsed = 20ms;
  Rig rig(settings, script);
  rig.submit(numbered(0, 4));
  rig.start();
  const LaneSnapshot end = rig.drain();
  CHECK(end.counts.delivered == 3);
  CHECK(dropped(end, Ending::expired) == 1);
  CHECK(end.counts.balanced());
}

TEST_CASE("lane: after a refusal fewer requests are in flight", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.workers = 0;
  settings.delivery.max_in_flight = 2;
  settings.delivery.batch_size = 1;
  Rig rig(settings, script);
  CHECK(rig.lane.snapshot().requests_limit == 2);
  script.answers.push_back([](auto) { return Verdict::of(Verdict::Kind::retry, 503, "busy"); });
  rig.submit(numbered(0, 1));
  rig.start();
  script.wait_for_calls(1);
  while (rig.lane.retry().limit() != 1) std::this_thread::yield();
  // The second answer counts before another batch waits behind it.
  while (rig.lane.snapshot().counts.delivered != 1) std::this_thread::yield();
  script.hang();
  const std::size_t before = script.calls().size();
  rig.submit(numbered(1, 50));
  script.wait_for_calls(before + 1);
  const LaneSnapshot hung = rig.lane.snapshot();
  CHECK(hung.requests_in_flight == 1);
  CHECK(hung.counts.in_flight == 1);
  CHECK(hung.adaptive);
  rig.stop();
}

TEST_CASE("lane: a sink that asked for an hour is tried again at SIGHUP and at the end of the run",
          "[lane]") {
  SinkScript script;
  const auto busy = [](auto) {
    Verdict verdict = Verdict::of(Verdict::Kind::retry, 503, "busy");
    verdict.retry_after = 1h;
    return verdict;
  };
  script.answers.push_back(busy);
  script.answers.push_back(busy);
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 1));
  rig.start();
  const auto refused = [&](std::uint64_t times) {
    while (rig.lane.snapshot().errors < times) std::this_thread::yield();
  };
  refused(1);
  rig.lane.request_reopen();
  refused(2);
  CHECK(rig.drain().counts.delivered == 1);
}

TEST_CASE("lane: whether a batch may be stored already is known to the workers that come next",
          "[lane]") {
  const auto [status, in_doubt] = GENERATE(table<int, bool>({{503, true}, {429, false}}));
  SinkScript script;
  script.answers.push_back([status = status](auto) {
    Verdict verdict = Verdict::of(Verdict::Kind::retry, status, "busy");
    verdict.retry_after = 1h;
    return verdict;
  });
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 3));
  rig.start();
  while (rig.lane.snapshot().errors == 0) std::this_thread::yield();
  rig.replace_workers(settings_for_tests());
  CHECK(rig.drain().counts.delivered == 3);
  REQUIRE(script.calls().size() == 2);
  CHECK_FALSE(script.calls()[0].in_doubt);
  CHECK(script.calls()[1].in_doubt == in_doubt);
  CHECK(script.calls()[1].batch_id == script.calls()[0].batch_id);
}

TEST_CASE("lane: the highest depth of its queue stays known when less comes later", "[lane]") {
  SinkScript script;
  Rig rig(settings_for_tests(), script);
  rig.submit(numbered(0, 5));
  rig.start();
  while (rig.lane.snapshot().counts.delivered != 5) std::this_thread::yield();
  rig.submit(numbered(5, 6));
  CHECK(rig.drain().queue_depth_high_watermark == 5);
}

TEST_CASE("lane: a batch that may not be sent yet is not taken out of the queue", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.workers = 0;
  settings.delivery.max_in_flight = 4;
  settings.delivery.batch_size = 1;
  settings.delivery.breaker_failures = 1;
  settings.delivery.breaker_interval = 1h;
  script.otherwise = [](auto) { return Verdict::of(Verdict::Kind::retry, 503, "down"); };
  Rig rig(settings, script);
  rig.submit(numbered(0, 1));
  rig.start();
  while (rig.lane.retry().limit() != 1) std::this_thread::yield();
  // Whoever waits for room has had the worker's attention before.
  rig.submit(numbered(1, 50));
  rig.lane.request_reopen();
  while (rig.lane.snapshot().errors < 2) std::this_thread::yield();
  CHECK(rig.lane.snapshot().counts.in_flight == 1);
  rig.stop();
}

TEST_CASE("lane: a limit that grows asks for the workers that it takes", "[lane]") {
  SinkScript script;
  SinkSettings settings = settings_for_tests();
  settings.delivery.workers = 0;
  settings.delivery.batch_size = 1;
  settings.queue.drop_on_full = false;
  Rig rig(settings, script);
  rig.submit(numbered(0, 200));
  CHECK_FALSE(rig.lane.add_worker());
  rig.start();
  script.wait_for_calls(4);
  while (rig.lane.retry().limit() <= 4) std::this_thread::yield();
  CHECK(rig.drain().counts.delivered == 200);
}

TEST_CASE("lane: the books balance in every snapshot while records flow and faults happen",
          "[lane][property]") {
  const bool block = GENERATE(false, true);
  SinkScript script;
  std::mt19937 random(4711);
  script.otherwise = [&random](std::span<const Record> records) {
    Verdict verdict;
    switch (random() % 6) {
      case 0:
        return Verdict::of(Verdict::Kind::retry, 503, "busy");
      case 1:
        return Verdict::of(Verdict::Kind::reject, 400, "no");
      case 2:
        return Verdict::of(Verdict::Kind::split, 413, "too large");
      case 3:
        verdict.kind = Verdict::Kind::partial;
        verdict.items.push_back({0, random() % 2 == 0, 429, "busy"});
        verdict.unnamed_rejections = records.size() > 2 ? 1 : 0;
        return verdict;
      default:
        return verdict;
    }
  };
  SinkSettings settings = settings_for_tests();
  settings.queue.size = 200;
  settings.queue.drop = DropPolicy::oldest;
  settings.queue.drop_on_full = !block;
  settings.delivery.batch_size = 16;
  settings.delivery.workers = 3;
  Rig rig(settings, script);
  rig.start();

  std::atomic<bool> done = false;
  int unbalanced = 0;
  int backwards = 0;
  std::thread observer([&] {
    std::uint64_t last = 0;
    while (!done) {
      const LaneCounts counts = rig.lane.snapshot().counts;
      if (!counts.balanced() || counts.in_flight > counts.pending) ++unbalanced;
      if (counts.submitted < last) ++backwards;
      last = counts.submitted;
    }
  });
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&, r] {
      std::mt19937 choice(static_cast<std::uint32_t>(r));
      for (int i = 0; i < 300; ++i) {
        rig.submit(numbered(0, static_cast<int>(choice() % 40)),
                   static_cast<Severity>(10 * (1 + choice() % 5)));
      }
    });
  }
  for (auto& reader : readers) reader.join();
  done = true;
  observer.join();
  CHECK(unbalanced == 0);
  CHECK(backwards == 0);
  const LaneSnapshot end = rig.drain();
  CHECK(end.counts.pending == 0);
  CHECK(end.counts.balanced());
  CHECK(end.counts.delivered > 0);
  if (block) CHECK(dropped(end, Ending::evicted) + dropped(end, Ending::queue_full) == 0);
}
