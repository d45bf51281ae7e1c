#include "input/socket_reader.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include "input/readers.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

namespace ship {
namespace {

// Readers of one shared input, and what came out of them.
struct SharedRun {
  explicit SharedRun(const std::string& given = {}) {
    path = folder.path() + "/in";
    options.input.paths = {given.empty() ? "unix:" + path : given};
  }

  Result<void> open() {
    auto opened = Readers::open(
        options, {},
        [this](std::span<const Record> records) {
          const std::lock_guard lock(mutex);
          for (const Record& record : records) lines.emplace_back(record.line);
        },
        {}, [this](Result<void> result) { outcome.set_value(std::move(result)); }, system_clock());
    if (!opened) return std::move(opened).error();
    readers = std::move(opened).value();
    return {};
  }
  Fd connect() const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }
  static void put(const Fd& fd, std::string_view text) {
    REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  // Waits for the end of a run that drains.
  std::vector<std::string> drained() {
    readers->begin_drain();
    if (!started) readers->start();
    REQUIRE(outcome.get_future().get().ok());
    readers->join();
    REQUIRE(readers->counts().balanced());
    return lines;
  }

  TemporaryDirectory folder;
  std::string path;
  Readers::Options options;
  std::mutex mutex;
  std::vector<std::string> lines;
  std::promise<Result<void>> outcome;
  std::unique_ptr<Readers> readers;
  bool started = false;
};

using Texts = std::vector<std::string>;

TEST_CASE("sockets: a drain takes what is in the sockets and ends what is unfinished",
          "[sockets]") {
  SharedRun run;
  REQUIRE(run.open().ok());
  const Fd first = run.connect();
  const Fd second = run.connect();
  SharedRun::put(first, "{\"a\":1}\n{\"a\":2");
  SharedRun::put(second, "{\"b\":1}\n");
  SharedRun::put(first, "}\n{\"a\":3}");
  CHECK(run.drained() == Texts{"{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"b\":1}"});
  const auto reports = run.readers->reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].name == "unix:" + run.path);
  CHECK(reports[0].type == "unix");
  CHECK(reports[0].counts.lines == 4);
  REQUIRE(reports[0].connections);
  CHECK(reports[0].connections->total == 2);
  CHECK(reports[0].connections->now == 0);
  CHECK(::access(run.path.c_str(), F_OK) != 0);
}

TEST_CASE("sockets: a writer that hangs up ends its line, whatever others are in the middle of",
          "[sockets]") {
  SharedRun run;
  REQUIRE(run.open().ok());
  Fd torn = run.connect();
  const Fd other = run.connect();
  SharedRun::put(other, "{\"other\":");
  SharedRun::put(torn, "{\"torn\":1}");
  torn.reset();
  SharedRun::put(other, "1}\n");
  auto lines = run.drained();
  std::sort(lines.begin(), lines.end());
  CHECK(lines == Texts{"{\"other\":1}", "{\"torn\":1}"});
}

TEST_CASE("sockets: what nobody answers for is replaced, what is not a socket is not",
          "[sockets]") {
  SharedRun run;
  REQUIRE(run.open().ok());
  SharedRun second("unix:" + run.path);
  const auto refused = second.open();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::io);
  CHECK(refused.error().message.find("another process listens there") != std::string::npos);
  SharedRun file;
  Fd(::open(file.path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)).reset();
  const auto not_a_socket = file.open();
  REQUIRE_FALSE(not_a_socket.ok());
  CHECK(not_a_socket.error().message.find("not a socket") != std::string::npos);
  CHECK(::access(file.path.c_str(), F_OK) == 0);
}

TEST_CASE("sockets: what unfinished lines hold is bounded: the longest is cut", "[sockets]") {
  SharedRun run;
  run.options.input.pending_bytes = 64u << 10;
  REQUIRE(run.open().ok());
  const Fd writer = run.connect();
  SharedRun::put(writer, std::string(80u << 10, 'x'));
  run.readers->start();
  run.started = true;
  const auto cut = [&run] { return run.readers->reports()[0].cut; };
  for (int i = 0; i < 1000 && cut() == 0; ++i) ::poll(nullptr, 0, 10);
  CHECK(cut() == 1);
  CHECK(run.drained().size() == 1);
}

TEST_CASE("sockets: an idle connection is closed, however busy one that came before it is",
          "[sockets]") {
  SharedRun run;
  run.options.input.idle_timeout = std::chrono::milliseconds(100);
  REQUIRE(run.open().ok());
  const Fd busy = run.connect();
  const Fd idle = run.connect();
  run.readers->start();
  run.started = true;
  bool closed = false;
  for (int i = 0; i < 1000 && !closed; ++i) {
    static_cast<void>(::send(busy.get(), "{}\n", 3, MSG_NOSIGNAL));
    pollfd end{idle.get(), POLLIN, 0};
    closed = ::poll(&end, 1, 10) == 1;
  }
  CHECK(closed);
  run.drained();
}

TEST_CASE("sockets: an idle connection is closed, and what it began is a line", "[sockets]") {
  SharedRun run;
  run.options.input.idle_timeout = std::chrono::milliseconds(20);
  REQUIRE(run.open().ok());
  const Fd idle = run.connect();
  SharedRun::put(idle, "{\"a\":1}");
  run.readers->start();
  run.started = true;
  char ignored = 0;
  CHECK(::read(idle.get(), &ignored, 1) == 0);
  CHECK(run.drained() == Texts{"{\"a\":1}"});
  CHECK(run.readers->reports()[0].connections->idle == 1);
}

TEST_CASE("sockets: connections beyond the bound are closed at once and counted", "[sockets]") {
  SharedRun run;
  run.options.input.max_connections = 1;
  REQUIRE(run.open().ok());
  const Fd first = run.connect();
  const Fd second = run.connect();
  run.readers->start();
  run.started = true;
  char ignored = 0;
  CHECK(::read(second.get(), &ignored, 1) == 0);
  SharedRun::put(first, "{\"a\":1}\n");
  CHECK(run.drained() == Texts{"{\"a\":1}"});
  CHECK(run.readers->reports()[0].connections->refused == 1);
  CHECK(run.readers->reports()[0].connections->total == 1);
}

TEST_CASE("sockets: a FIFO that is made is read through many writers", "[sockets]") {
  SharedRun run;
  run.options.input.fifo = FifoEnd::make;
  run.options.input.paths = {run.path};
  REQUIRE(run.open().ok());
  struct stat status {};
  REQUIRE(::stat(run.path.c_str(), &status) == 0);
  CHECK(S_ISFIFO(status.st_mode));
  CHECK((status.st_mode & 0777) == 0660);
  run.readers->start();
  run.started = true;
  for (int i = 0; i < 200; ++i) {
    const Fd writer(::open(run.path.c_str(), O_WRONLY | O_CLOEXEC));
    SharedRun::put(writer, "{\"n\":" + std::to_string(i) + "}\n");
  }
  const auto lines = run.drained();
  REQUIRE(lines.size() == 200);
  for (int i = 0; i < 200; ++i) {
    CHECK(lines[static_cast<std::size_t>(i)] == "{\"n\":" + std::to_string(i) + "}");
  }
}

TEST_CASE("sockets: a drain takes what is in a kept FIFO, also where its writer is there yet",
          "[sockets]") {
  SharedRun run;
  run.options.input.fifo = FifoEnd::make;
  run.options.input.paths = {run.path};
  REQUIRE(run.open().ok());
  const Fd writer(::open(run.path.c_str(), O_WRONLY | O_CLOEXEC));
  SharedRun::put(writer, "{\"a\":1}\n{\"a\":2}");
  CHECK(run.drained() == Texts{"{\"a\":1}", "{\"a\":2}"});
}

TEST_CASE("readers: each file has its row, and the rows add up", "[readers]") {
  SharedRun run;
  const auto write = [&run](const std::string& name, std::string_view text) {
    const std::string file = run.folder.path() + "/" + name;
    const Fd fd(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    SharedRun::put(fd, text);
    return file;
  };
  run.options.input.paths = {write("a", "{\"a\":1}\n\n"), write("b", "x\n{\"b\":2}\n"),
                             write("c", "{\"c\":3}")};
  REQUIRE(run.open().ok());
  run.readers->start();
  REQUIRE(run.outcome.get_future().get().ok());
  run.readers->join();
  const auto reports = run.readers->reports();
  REQUIRE(reports.size() == 3);
  InputCounts sum;
  for (const InputReport& report : reports) {
    CHECK(report.type == "file");
    CHECK(report.counts.balanced());
    sum += report.counts;
  }
  CHECK(reports[0].counts.blank == 1);
  CHECK(reports[1].counts.lines == 2);
  CHECK(reports[2].counts.bytes == 7);
  CHECK(sum == run.readers->counts());
}

}  // namespace
}  // namespace ship
