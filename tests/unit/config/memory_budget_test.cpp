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
  request.environment.emplace("FAPILOG_SHIP_SINK", "http://127.0.0.1:1/");
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

TEST_CASE("memory budget: what a container has is shared among its sinks (Q5)",
          "[config][memory]") {
  const auto queues = [](const std::string& sinks, std::uint64_t limit) {
    const LoadOutcome outcome = load({{"FAPILOG_SHIP_SINK", sinks}}, limit);
    CHECK(memory_ceiling(outcome.effective) <= limit);
    CHECK(outcome.warnings.size() == 1);
    std::vector<std::uint64_t> bytes;
    for (const SinkSettings& sink : outcome.settings->sinks) bytes.push_back(sink.queue.max_bytes);
    return bytes;
  };
  const std::uint64_t alone = queues("null:", 64 * kMiB).at(0);
  for (const std::size_t count : {2u, 3u, 4u}) {
    std::string sinks = "null:";
    for (std::size_t i = 1; i < count; ++i) sinks += " null:";
    const std::vector<std::uint64_t> bytes = queues(sinks, 64 * kMiB);
    REQUIRE(bytes.size() == count);
    for (const std::uint64_t one : bytes) {
      CHECK(one <= alone / count);
      CHECK(one + kMiB > alone / count);
    }
  }
  // A sink whose queue the user chose leaves the others the rest.
  const std::vector<std::uint64_t> mixed =
      queues("null: null:?queue.max_bytes=10MB null:", 64 * kMiB);
  REQUIRE(mixed.size() == 3);
  CHECK(mixed[0] == (alone - 10 * kMiB) / 2);
  CHECK(mixed[1] == 10 * kMiB);
  CHECK(mixed[2] == mixed[0]);
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
