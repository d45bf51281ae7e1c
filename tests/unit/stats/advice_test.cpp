#include "stats/advice.hpp"

#include "tests/catch.hpp"

using namespace ship;
using Catch::Contains;
using Kind = Advice::Kind;

namespace {

LaneSnapshot losing(Ending reason, std::uint64_t records) {
  LaneSnapshot sink;
  sink.type = "http";
  sink.counts.dropped[static_cast<std::size_t>(reason)] = records;
  sink.queue_size = 10000;
  sink.queue_max_bytes = 64u << 20;
  sink.queue_depth_high_watermark = 10000;
  sink.batch_size = 256;
  return sink;
}

/// Delivered `batches` of `records` each, in `seconds` each.
void deliver(LaneSnapshot& sink, std::uint64_t batches, std::uint64_t records, double seconds) {
  sink.batches = batches;
  sink.counts.delivered = batches * records;
  for (std::uint64_t i = 0; i < batches; ++i) sink.flush_seconds.add(seconds);
}

/// 100 s of 5,000 records a second into a sink that takes 1,024 of them.
LaneSnapshot too_slow() {
  LaneSnapshot sink = losing(Ending::queue_full, 390000);
  deliver(sink, 400, 256, 0.25);
  sink.overflow = {98, 490000, 100352, 390000, 490000, 98};
  return sink;
}

std::string advised(const LaneSnapshot& sink, Kind kind, double uptime = 100) {
  const auto advice = advise(sink, uptime);
  REQUIRE(advice);
  CHECK(advice_kind_text(advice->kind) == advice_kind_text(kind));
  return advice->text;
}

}  // namespace

TEST_CASE("advice: none where nothing was lost", "[advice]") {
  CHECK_FALSE(advise(LaneSnapshot(), 10));
}

TEST_CASE("advice: a burst gives the queue that would have kept it", "[advice]") {
  LaneSnapshot sink = losing(Ending::queue_full, 8000);
  deliver(sink, 1000, 100, 0.01);
  sink.overflow = {3, 30000, 15000, 6000, 20000, 2};
  CHECK(advised(sink, Kind::bigger_queue) ==
        "a burst of 20,000 lines within 2.0s was 6,000 more than there was room for: "
        "queue.size = 20000 (now 10000) would have kept it");
  sink.queue_depth_high_watermark = 4000;
  CHECK_THAT(advised(sink, Kind::bigger_queue),
             Contains("queue.max_bytes = \"200 MB\" (now 64 MB) would have kept it"));
}

TEST_CASE("advice: where the queue went to disk, the disk was short", "[advice]") {
  LaneSnapshot sink = losing(Ending::queue_full, 8000);
  deliver(sink, 1000, 100, 0.01);
  CHECK_THAT(advised(sink, Kind::bigger_queue),
             Contains("8,000 lines found no room on disk: raise spool.max_bytes"));
}

TEST_CASE("advice: a burst that would need ten queues, or lasts half of the run, is no burst",
          "[advice]") {
  LaneSnapshot sink = losing(Ending::queue_full, 8000);
  deliver(sink, 1000, 100, 0.01);
  sink.overflow = {3, 200000, 15000, 150000, 200000, 2};
  advised(sink, Kind::slow_sink);
  sink.overflow = {51, 30000, 15000, 6000, 20000, 2};
  advised(sink, Kind::slow_sink);
  advised(sink, Kind::bigger_queue, 1000);
}

TEST_CASE("advice: a slow sink gets as many workers as the rate needs", "[advice]") {
  CHECK(advised(too_slow(), Kind::slow_sink) ==
        "the sink is slower than the input: while the queue was full 5,000/s came and it took "
        "1,024/s, 3,976/s too few; a worker delivers 1,024/s (256 lines a batch, 250ms each): "
        "delivery.workers = 5 (now 1) would keep up, if the server does; so may a "
        "delivery.batch_size above 256");
  LaneSnapshot small_batches = too_slow();
  small_batches.batch_size = 1000;
  CHECK_THAT(advised(small_batches, Kind::slow_sink), !Contains("batch_size"));
}

TEST_CASE("advice: what was lost in an outage is no sign of a slow sink, once it is over",
          "[advice]") {
  LaneSnapshot sink = too_slow();
  sink.lost_while_failing = sink.counts.dropped_total();
  CHECK_THAT(
      advised(sink, Kind::failing_sink),
      Contains("the sink was failing when they were lost; its queue covers 2.0s at the 5,000/s"));
  sink.lost_while_failing = sink.counts.dropped_total() / 3;
  advised(sink, Kind::slow_sink);
}

TEST_CASE("advice: where requests in flight adapt, it says what bounds them", "[advice]") {
  LaneSnapshot sink = too_slow();
  sink.adaptive = true;
  sink.workers = sink.requests_limit = 16;
  CHECK_THAT(
      advised(sink, Kind::slow_sink),
      Contains(
          "all 16 requests that it may send at once were in flight: raise delivery.max_in_flight"));
  sink.requests_limit = 3;
  CHECK_THAT(advised(sink, Kind::slow_sink),
             Contains("it takes no more than 3 requests at once without getting slower"));
  sink.requests_in_memory = 2;
  sink.queue_max_bytes = 16 << 20;
  CHECK_THAT(advised(sink, Kind::slow_sink),
             Contains("its memory has room for no more than 2 requests at once: raise "
                      "queue.max_bytes (now 16 MB), or send it less"));
  sink.requests_in_memory = 3;
  CHECK_THAT(advised(sink, Kind::slow_sink), Contains("it takes no more than 3 requests"));
}

TEST_CASE("advice: where more workers would not help, it does not speak of any", "[advice]") {
  LaneSnapshot file = too_slow();
  file.type = "file";
  CHECK_THAT(
      advised(file, Kind::slow_sink),
      Contains("3,976/s too few; send it less (filter.min_level, filter.sample.rate), or give "
               "it a quicker disk"));
  LaneSnapshot pipe = losing(Ending::queue_full, 390000);
  pipe.type = "stdout";
  pipe.overflow = too_slow().overflow;
  CHECK_THAT(advised(pipe, Kind::slow_sink), Contains("give it a quicker reader"));
  pipe.retries = 1;
  advised(pipe, Kind::failing_sink);
  LaneSnapshot waiting = too_slow();
  waiting.workers = 4;
  CHECK_THAT(advised(waiting, Kind::slow_sink),
             Contains("its workers wait between attempts for all but 25%"));
  LaneSnapshot far = too_slow();
  far.overflow.arrived *= 10;
  CHECK_THAT(advised(far, Kind::slow_sink),
             Contains("it would take 49 of them; larger batches first: delivery.batch_size"));
}

TEST_CASE("advice: a sink that fails is to be fixed first", "[advice]") {
  LaneSnapshot sink = too_slow();
  sink.breaker = "open";
  CHECK_THAT(advised(sink, Kind::failing_sink),
             Contains("the sink is failing: repair it first; ") &&
                 Contains("its queue covers 2.0s at the 5,000/s that come in, --keep DIR or "
                          "--spool DIR would cover hours"));
  sink.breaker = "closed";
  sink.retries = 401;
  advised(sink, Kind::failing_sink);
  CHECK(advised(losing(Ending::evicted, 1), Kind::failing_sink) ==
        "the sink has not accepted any line yet: repair it first; --keep DIR or --spool DIR would "
        "cover hours");
}

TEST_CASE("advice: it follows the reason that cost most", "[advice]") {
  CHECK_THAT(advised(losing(Ending::rejected, 3), Kind::rejected), Contains("3 lines"));
  CHECK_THAT(advised(losing(Ending::expired, 3), Kind::expired), Contains("retry_max_elapsed"));
  CHECK_THAT(advised(losing(Ending::redact, 1), Kind::redaction), Contains("1 line could"));
  CHECK_THAT(advised(losing(Ending::size_guard, 1), Kind::too_large), Contains("truncate"));
  CHECK_THAT(advised(losing(Ending::damaged, 1), Kind::disk), Contains("spool.dir"));
  LaneSnapshot both = losing(Ending::rejected, 3);
  both.counts.dropped[static_cast<std::size_t>(Ending::queue_full)] = 2;
  both.counts.dropped[static_cast<std::size_t>(Ending::evicted)] = 2;
  advised(both, Kind::failing_sink);
}

TEST_CASE("advice: what the end of the run cost is told in time", "[advice]") {
  LaneSnapshot sink = losing(Ending::shutdown, 10240);
  CHECK_THAT(advised(sink, Kind::more_time),
             Contains("the sink never accepted any: repair it, or keep"));
  deliver(sink, 100, 256, 0.25);
  sink.workers = 2;
  CHECK_THAT(advised(sink, Kind::more_time), Contains("at 2,048/s the sink needed 5.0s more"));
}

TEST_CASE("advice: a sink that was quick enough is told no rate and no time", "[advice]") {
  LaneSnapshot sink = losing(Ending::shutdown, 5200);
  deliver(sink, 100, 256, 0.00001);
  const auto advice = advise(sink, 10);
  REQUIRE(advice.has_value());
  CHECK_THAT(advice->text, Contains("5,200 lines were left at the end: they reached the sink "
                                    "too late"));
  CHECK(advice->text.find("/s the sink needed") == std::string::npos);
}

TEST_CASE("advice: more time is no help where the sink failed at the end", "[advice]") {
  LaneSnapshot sink = losing(Ending::shutdown, 149);
  deliver(sink, 10, 256, 0.01);
  sink.breaker = "open";
  CHECK_THAT(advised(sink, Kind::failing_sink),
             Contains("the sink was failing at the end: repair it"));
}
