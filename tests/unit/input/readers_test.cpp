#include "input/readers.hpp"

#include <fcntl.h>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/unit/fakes/pipe.hpp"

namespace ship {
namespace {

// The two streams of a command, and what came out of them.
struct Run {
  Run() {
    std::vector<OpenInput> inputs;
    inputs.push_back({std::move(output.read), "output", Stream::standard_output});
    inputs.push_back({std::move(error.read), "error", Stream::standard_error});
    auto opened = Readers::open(
        {}, std::move(inputs),
        [this](std::span<const Record> records) {
          const std::lock_guard lock(mutex);
          for (const Record& record : records) lines.emplace(record.line);
        },
        {},
        [this](Result<void> result) {
          ++endings;
          outcome.set_value(std::move(result));
        },
        system_clock());
    REQUIRE(opened.ok());
    readers = std::move(opened).value();
  }

  Pipe output;
  Pipe error;
  std::mutex mutex;
  std::multiset<std::string> lines;
  int endings = 0;
  std::promise<Result<void>> outcome;
  std::unique_ptr<Readers> readers;
};

TEST_CASE("readers: the end is told once, by the last of them", "[readers]") {
  Run run;
  auto outcome = run.outcome.get_future();
  run.readers->start();
  run.output.put("{\"a\":1}\n");
  run.output.write.reset();
  run.error.put("{\"a\":2}\n");
  run.error.write.reset();
  CHECK(outcome.get().ok());
  run.readers->join();
  CHECK(run.endings == 1);
  CHECK(run.lines == std::multiset<std::string>{"{\"a\":1}", "{\"a\":2}"});
}

TEST_CASE("readers: the counts are the sum of all", "[readers]") {
  Run run;
  run.readers->start();
  run.output.put("{\"a\":1}\n\n");
  run.error.put("text\n");
  run.output.write.reset();
  run.error.write.reset();
  run.readers->join();
  const InputCounts counts = run.readers->counts();
  CHECK(counts.balanced());
  CHECK(counts.lines == 2);
  CHECK(counts.blank == 1);
  CHECK(counts.invalid == 1);
  CHECK(counts.bytes == 14);
}

TEST_CASE("readers: what is no JSON says which stream it came from", "[readers]") {
  Run run;
  run.readers->start();
  run.output.put("text\n");
  run.error.put("text\n");
  run.output.write.reset();
  run.error.write.reset();
  run.readers->join();
  REQUIRE(run.lines.size() == 2);
  std::string both = *run.lines.begin() + *run.lines.rbegin();
  CHECK(both.find("\"stream\":\"stdout\"") != std::string::npos);
  CHECK(both.find("\"stream\":\"stderr\"") != std::string::npos);
}

TEST_CASE("readers: a drain and a stop reach all of them", "[readers]") {
  Run run;
  run.output.put("{\"a\":1}\n");
  run.error.put("{\"a\":2}\n");
  auto outcome = run.outcome.get_future();
  SECTION("drain") {
    run.readers->begin_drain();
    run.readers->start();
    CHECK(outcome.get().ok());
    CHECK(run.lines.size() == 2);
  }
  SECTION("stop") {
    run.readers->stop();
    run.readers->start();
    CHECK(outcome.get().ok());
    CHECK(run.lines.empty());
  }
  run.readers->join();
}

TEST_CASE("readers: one that fails does not keep the others from reading", "[readers]") {
  Pipe pipe;
  std::vector<OpenInput> inputs;
  inputs.push_back({Fd(::open("/", O_RDONLY | O_CLOEXEC)), "a folder", Stream::standard_output});
  inputs.push_back({std::move(pipe.read), "error", Stream::standard_error});
  std::promise<Result<void>> outcome;
  std::size_t lines = 0;
  auto readers = Readers::open(
      {}, std::move(inputs), [&](std::span<const Record> records) { lines += records.size(); }, {},
      [&](Result<void> result) { outcome.set_value(std::move(result)); }, system_clock());
  REQUIRE(readers.ok());
  readers.value()->start();
  pipe.put("{\"a\":1}\n");
  pipe.write.reset();
  const Result<void> result = outcome.get_future().get();
  readers.value()->join();
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().message.find("a folder") != std::string::npos);
  CHECK(lines == 1);
}

}  // namespace
}  // namespace ship
