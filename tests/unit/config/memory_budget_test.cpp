#include "config/memory_budget.hpp"

#include "config/load.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

constexpr std::uint64_t kMiB = 1u << 20;

LoadOutcome load(Environment environment, std::optional<std::uint64_t> limit) {
  LoadRequest request;
  request.default_file.clear();
  request.environment = std::move(environment);
  request.environment["FAPILOG_SHIP_SINK"] = "http://127.0.0.1:1/";
  request.memory_limit = limit;
  LoadOutcome outcome = load_settings(request);
  REQUIRE(outcome.settings);
  return outcome;
}

}  // namespace

TEST_CASE("memory budget: without a limit, or below it, nothing changes", "[config][memory]") {
  for (const std::optional<std::uint64_t> limit :
       {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(1024 * kMiB)}) {
    const LoadOutcome outcome = load({}, limit);
    CHECK(outcome.settings->sinks[0].queue.max_bytes == 64 * kMiB);
    CHECK(outcome.warnings.empty());
  }
}

TEST_CASE("memory budget: a default that does not fit the container is lowered, and said so",
          "[config][memory]") {
  const LoadOutcome outcome = load({}, 64 * kMiB);
  const std::uint64_t lowered = outcome.settings->sinks[0].queue.max_bytes;
  CHECK(lowered <= 32 * kMiB);
  CHECK(lowered >= 24 * kMiB);
  CHECK(memory_ceiling(outcome.effective) <= 64 * kMiB);
  REQUIRE(outcome.warnings.size() == 1);
  CHECK(outcome.warnings[0].find("64 MB") != std::string::npos);
}

TEST_CASE("memory budget: what the user chose stays, with a warning where it does not fit",
          "[config][memory]") {
  const LoadOutcome outcome = load({{"FAPILOG_SHIP_QUEUE_BYTES", "100 MB"}}, 64 * kMiB);
  CHECK(outcome.settings->sinks[0].queue.max_bytes == 100 * kMiB);
  REQUIRE(outcome.warnings.size() == 1);
  CHECK(outcome.warnings[0].find("queue.max_bytes") != std::string::npos);
}

TEST_CASE("memory budget: batches are part of the queue, in whatever form they are",
          "[config][memory]") {
  const std::uint64_t without = memory_ceiling(load({}, std::nullopt).effective);
  CHECK(memory_ceiling(load({{"FAPILOG_SHIP_REDACT", "jwt"}}, std::nullopt).effective) == without);
  CHECK(memory_ceiling(load({{"FAPILOG_SHIP_BATCH_BYTES", "8 MB"}}, std::nullopt).effective) ==
        without);
}

TEST_CASE("memory budget: a Kafka client and what it keeps of each message are counted",
          "[config][memory]") {
  const std::uint64_t plain = memory_ceiling(load({}, std::nullopt).effective);
  LoadRequest request;
  request.default_file.clear();
  request.environment["FAPILOG_SHIP_SINK"] = "kafka://127.0.0.1:1/t?delivery.batch_size=10000";
  const LoadOutcome kafka = load_settings(request);
#ifdef SHIP_KAFKA
  REQUIRE(kafka.settings);
  const std::uint64_t more = memory_ceiling(kafka.effective) - plain;
  CHECK(more > 8 * kMiB);
  CHECK(more < 16 * kMiB);
#else
  CHECK((!kafka.settings && plain > 0));
#endif
}
