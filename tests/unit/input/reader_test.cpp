#include "input/reader.hpp"

#include <fcntl.h>
#include <fstream>
#include <future>
#include <mutex>
#include <semaphore>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/pipe.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

namespace ship {
namespace {

std::string write_file(const TemporaryDirectory& folder, const std::string& name,
                       const std::string& text) {
  std::ofstream(folder.path() + "/" + name) << text;
  return folder.path() + "/" + name;
}

// A reader and what came out of it.
struct Run {
  explicit Run(std::vector<std::string> paths) {
    options.input.paths = std::move(paths);
    keep(Reader::open(options, on_records(), {}, on_done()));
  }
  explicit Run(Source source) {
    keep(Reader::open(std::move(source), options, on_records(), {}, on_done()));
  }

  void keep(Result<std::unique_ptr<Reader>> opened) {
    REQUIRE(opened.ok());
    reader = std::move(opened).value();
  }
  Intake::OnRecords on_records() {
    return [this](std::span<const Record> records) {
      const std::lock_guard lock(mutex);
      for (const Record& record : records) lines.emplace_back(record.line);
      if (!first_seen) first.set_value();
      first_seen = true;
    };
  }
  Reader::OnDone on_done() {
    return [this](Result<void> result) {
      ++endings;
      outcome.set_value(std::move(result));
    };
  }
  Result<void> end() {
    reader->join();
    REQUIRE(endings == 1);
    REQUIRE(reader->counts().balanced());
    return outcome.get_future().get();
  }

  Intake::Options options;
  std::mutex mutex;
  std::vector<std::string> lines;
  bool first_seen = false;
  std::promise<void> first;
  int endings = 0;
  std::promise<Result<void>> outcome;
  std::unique_ptr<Reader> reader;
};

using Lines = std::vector<std::string>;

TEST_CASE("reader: a pipe is read to its end", "[reader]") {
  Pipe pipe;
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader->start();
  pipe.put("{\"a\":1}\n{\"a\":2}");
  pipe.put("\n{\"a\":3}");
  pipe.write.reset();
  CHECK(run.end().ok());
  CHECK(run.lines == Lines{"{\"a\":1}", "{\"a\":2}", "{\"a\":3}"});
  CHECK(run.reader->counts().bytes == 23);
}

TEST_CASE("reader: an inherited O_NONBLOCK does no harm", "[reader]") {
  Pipe pipe;
  fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader->start();
  pipe.put("{\"a\":1}\n");
  run.first.get_future().wait();
  pipe.put("{\"a\":2}\n");
  pipe.write.reset();
  CHECK(run.end().ok());
  CHECK(run.lines.size() == 2);
}

TEST_CASE("reader: files are read in order, and a missing last newline joins nothing", "[reader]") {
  const TemporaryDirectory folder;
  Run run({write_file(folder, "a", "\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}"), write_file(folder, "b", ""),
           write_file(folder, "c", "\xEF\xBB\xBF{\"a\":3}\r\n")});
  run.reader->start();
  CHECK(run.end().ok());
  CHECK(run.lines == Lines{"{\"a\":1}", "{\"a\":2}", "{\"a\":3}"});
}

TEST_CASE("reader: a file that cannot be opened is known before anything is read", "[reader]") {
  const TemporaryDirectory folder;
  Intake::Options options;
  options.input.paths = {write_file(folder, "a", "{}\n"), folder.path() + "/none"};
  const auto reader = Reader::open(options, {}, {}, {});
  REQUIRE_FALSE(reader.ok());
  CHECK(reader.error().kind == ErrorKind::io);
  CHECK(reader.error().message.find(folder.path() + "/none") != std::string::npos);
}

TEST_CASE("reader: a file that vanishes is an error in the end, and the others are read",
          "[reader]") {
  const TemporaryDirectory folder;
  Run run({write_file(folder, "a", "{\"a\":1}\n"), write_file(folder, "b", "{\"a\":2}\n"),
           write_file(folder, "c", "{\"a\":3}\n")});
  unlink((folder.path() + "/b").c_str());
  run.reader->start();
  const auto outcome = run.end();
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().kind == ErrorKind::io);
  CHECK(run.lines == Lines{"{\"a\":1}", "{\"a\":3}"});
}

TEST_CASE("reader: /dev/null ends at once", "[reader]") {
  Run run({"/dev/null"});
  run.reader->start();
  CHECK(run.end().ok());
  CHECK(run.lines.empty());
}

TEST_CASE("reader: tells how long it was away from its input after each read", "[reader]") {
  Pipe pipe;
  ManualClock clock;
  std::counting_semaphore<3> handed_out(0);
  bool first = true;
  const auto take = [&](std::span<const Record>) {
    clock.advance(std::exchange(first, false) ? std::chrono::microseconds(20'000)
                                              : std::chrono::microseconds(3));
    handed_out.release();
  };
  auto reader = std::move(
      Reader::open(Source::adopt(std::move(pipe.read), "pipe"), {}, take, {}, {}, clock).value());
  CHECK(reader->loop_times().count() == 0);
  reader->start();
  for (int read = 1; read <= 3; ++read) {
    pipe.put("{\"a\":1}\n");
    handed_out.acquire();
  }
  pipe.write.reset();
  reader->join();
  const LoopTimes times = reader->loop_times();
  CHECK(times.count() == 3);
  CHECK(times.max() == Approx(0.020));
  CHECK(times.quantile(0.5) == Approx(0.000005));
  CHECK(times.sum() == Approx(0.020006));
}

TEST_CASE("reader: a drain takes what is in the pipe and no more", "[reader]") {
  Pipe pipe;
  fcntl(pipe.read.get(), F_SETPIPE_SZ, 1 << 20);
  std::string text;
  while (text.size() < 50'000) text += "{\"a\":1}\n";
  pipe.put(text + "tail");
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader->begin_drain();
  run.reader->start();
  CHECK(run.end().ok());
  CHECK(run.lines.size() == text.size() / 8 + 1);
  CHECK(run.reader->counts().bytes == text.size() + 4);
}

TEST_CASE("reader: a drain ends a reader that waits", "[reader]") {
  Pipe pipe;
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader->start();
  pipe.put("{\"a\":1}\n");
  run.first.get_future().wait();
  run.reader->begin_drain();
  run.reader->begin_drain();
  CHECK(run.end().ok());
  CHECK(run.lines.size() == 1);
}

TEST_CASE("reader: a drain of a regular file stops at the block it is at", "[reader]") {
  const TemporaryDirectory folder;
  Run run({write_file(folder, "a", "{\"a\":1}\n"), write_file(folder, "b", "{\"a\":2}\n")});
  run.reader->begin_drain();
  run.reader->start();
  CHECK(run.end().ok());
  CHECK(run.lines.empty());
}

TEST_CASE("reader: a file that is left in the middle leaves no torn line", "[reader]") {
  const TemporaryDirectory folder;
  std::string text;
  while (text.size() < (2u << 20)) text += "{\"name\":\"a line\"}\n";
  Intake::Options options;
  options.input.paths = {write_file(folder, "a", text)};
  std::promise<void> first;
  std::promise<void> told;
  std::size_t lines = 0;
  std::size_t torn = 0;
  const auto on_records = [&](std::span<const Record> records) {
    for (const Record& record : records) torn += record.line != "{\"name\":\"a line\"}";
    if (lines == 0) {
      first.set_value();
      told.get_future().wait();
    }
    lines += records.size();
  };
  auto reader = Reader::open(options, on_records, {}, {});
  REQUIRE(reader.ok());
  reader.value()->start();
  first.get_future().wait();
  reader.value()->begin_drain();
  told.set_value();
  reader.value()->join();
  CHECK(lines > 0);
  CHECK(lines < text.size() / 18);
  CHECK(torn == 0);
  CHECK(reader.value()->counts().invalid == 0);
}

TEST_CASE("reader: tells how far it has come, in the bytes of the files", "[reader]") {
  const TemporaryDirectory folder;
  Run run({write_file(folder, "a", "{\"a\":1}\n"), write_file(folder, "b", "{\"a\":2}\n")});
  CHECK(run.reader->progress().size == 16);
  CHECK(run.reader->progress().bytes == 0);
  CHECK(run.reader->progress().files == 2);
  run.reader->start();
  CHECK(run.end().ok());
  CHECK(run.reader->progress().bytes == 16);
  CHECK(run.reader->progress().file == 2);
  CHECK(run.reader->progress().ended);
  Run unknown({write_file(folder, "c", "{}\n"), "/dev/null"});
  CHECK(unknown.reader->progress().size == 0);
}

TEST_CASE("reader: every input that fails is told of", "[reader]") {
  const TemporaryDirectory folder;
  const std::string cut("\x1F\x8B\x08\0\0\0\0\0\0\x03\xAB", 11);
  Run run({write_file(folder, "a", cut), write_file(folder, "b", "{\"a\":2}\n"),
           write_file(folder, "c", cut)});
  run.reader->start();
  const Result<void> outcome = run.end();
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().message.find(folder.path() + "/a") != std::string::npos);
  CHECK(outcome.error().message.find("\ninput " + folder.path() + "/c") != std::string::npos);
  CHECK(run.lines == Lines{"{\"a\":2}"});
}

TEST_CASE("reader: stop leaves what is in the pipe", "[reader]") {
  Pipe pipe;
  pipe.put("{\"a\":1}\n");
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader->stop();
  run.reader->start();
  CHECK(run.end().ok());
  CHECK(run.lines.empty());
}

TEST_CASE("reader: a FIFO waits for its writer, and a drain ends the waiting", "[reader]") {
  const TemporaryDirectory folder;
  REQUIRE(mkfifo((folder.path() + "/fifo").c_str(), 0600) == 0);
  SECTION("with a writer") {
    Run run({folder.path() + "/fifo"});
    run.reader->start();
    const Fd writer(open((folder.path() + "/fifo").c_str(), O_WRONLY));
    REQUIRE(write(writer.get(), "{\"a\":1}\n", 8) == 8);
    run.first.get_future().wait();
    run.reader->begin_drain();
    CHECK(run.end().ok());
    CHECK(run.lines.size() == 1);
  }
  SECTION("without one") {
    Run run({folder.path() + "/fifo"});
    run.reader->start();
    run.reader->begin_drain();
    CHECK(run.end().ok());
  }
  SECTION("that closes") {
    Run run({folder.path() + "/fifo"});
    run.reader->start();
    {
      const Fd writer(open((folder.path() + "/fifo").c_str(), O_WRONLY));
      REQUIRE(write(writer.get(), "{\"a\":1}\n", 8) == 8);
    }
    CHECK(run.end().ok());
    CHECK(run.lines.size() == 1);
  }
}

TEST_CASE("reader: a read error is an io error", "[reader]") {
  Run run(Source::adopt(Fd(open("/", O_RDONLY)), "a folder"));
  run.reader->start();
  const auto outcome = run.end();
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().kind == ErrorKind::io);
}

TEST_CASE("reader: one that was never started goes away quietly", "[reader]") {
  Pipe pipe;
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader.reset();
  CHECK(run.endings == 0);
}

TEST_CASE("reader: its end stops and joins", "[reader]") {
  Pipe pipe;
  Run run(Source::adopt(std::move(pipe.read), "pipe"));
  run.reader->start();
  run.reader.reset();
  CHECK(run.endings == 1);
}

}  // namespace
}  // namespace ship
