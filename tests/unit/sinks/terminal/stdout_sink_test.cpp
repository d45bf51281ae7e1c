#include "sinks/terminal/stdout_sink.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "base/wait.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

using testing::OwnedRecords;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

/// The two ends of what standard output may be.
struct Ends {
  Fd read;
  Fd write;

  static Ends pipe() {
    std::array<int, 2> fds{};
    REQUIRE(::pipe2(fds.data(), O_CLOEXEC) == 0);
    return {Fd(fds[0]), Fd(fds[1])};
  }
  static Ends socket() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
    return {Fd(fds[0]), Fd(fds[1])};
  }
  static Ends terminal() {
    int master = -1;
    int slave = -1;
    REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
    termios raw{};
    ::tcgetattr(slave, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(slave, TCSANOW, &raw);
    return {Fd(master), Fd(slave)};
  }
};

/// Reads what comes, on a thread of its own.
class Reader {
 public:
  explicit Reader(int fd)
      : fd_(fd), thread_([this](const std::stop_token& stop) {
          while (wait_ready(fd_, POLLIN, stop) && take()) continue;
        }) {}
  explicit Reader(Fd fd) : Reader(fd.get()) { owned_ = std::move(fd); }
  std::string finish() {
    thread_ = {};
    while (ready() && take()) continue;
    return text_;
  }

 private:
  bool ready() const {
    pollfd polled{fd_, POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLIN) != 0;
  }
  bool take() {
    const ssize_t n = ::read(fd_, piece_.data(), piece_.size());
    if (n > 0) text_.append(piece_, 0, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_;
  Fd owned_;
  std::string piece_ = std::string(1 << 16, '\0');
  std::string text_;
  std::jthread thread_;
};

class Peer final : public testing::ContractPeer {
 public:
  explicit Peer(Ends ends) : ends_(std::move(ends)) {
    std::signal(SIGPIPE, SIG_IGN);
    reader_ = std::make_unique<Reader>(ends_.read.get());
  }
  std::unique_ptr<Sink> make_sink() override {
    return std::make_unique<StdoutSink>(LineStream::Format{}, ends_.write.get());
  }
  std::vector<std::string> lines() override { return split(text()); }
  std::uint64_t wire_bytes() override { return text().size(); }
  bool hang() override {
    // Ctrl-S.
    if (::isatty(ends_.write.get()) == 1) return ::tcflow(ends_.write.get(), TCOOFF) == 0;
    reader_->finish();
    const std::string full(4096, 'x');
    const std::string path = "/proc/self/fd/" + std::to_string(ends_.write.get());
    const Fd filler(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (filler) {
      while (::write(filler.get(), full.data(), full.size()) > 0) continue;
    } else {
      while (::send(ends_.write.get(), full.data(), full.size(), MSG_DONTWAIT) > 0) continue;
    }
    return true;
  }

 private:
  const std::string& text() {
    if (reader_) text_ = std::exchange(reader_, nullptr)->finish();
    return text_;
  }
  Ends ends_;
  std::unique_ptr<Reader> reader_;
  std::string text_;
};

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines.push_back(R"({"n":)" + std::to_string(i) + R"(,"text":")" + std::string(100, 'x') +
                    "\"}");
  }
  return lines;
}

}  // namespace

TEST_CASE("stdout sink: keeps the contract of sinks on a pipe", "[sinks][stdout]") {
  testing::run_sink_contract([] { return std::make_unique<Peer>(Ends::pipe()); });
}

TEST_CASE("stdout sink: keeps the contract of sinks on a socket", "[sinks][stdout]") {
  testing::run_sink_contract([] { return std::make_unique<Peer>(Ends::socket()); });
}

TEST_CASE("stdout sink: keeps the contract of sinks on a terminal", "[sinks][stdout]") {
  testing::run_sink_contract([] { return std::make_unique<Peer>(Ends::terminal()); });
}

TEST_CASE("stdout sink: the flags of the shared description are never changed", "[stdout]") {
  for (auto make : {Ends::pipe, Ends::socket, Ends::terminal}) {
    const Ends ends = make();
    const int before = ::fcntl(ends.write.get(), F_GETFL);
    StdoutSink sink({}, ends.write.get());
    const OwnedRecords batch(numbered(3));
    CHECK(sink.send(batch.records(), {}).kind == Verdict::Kind::ok);
    CHECK(::fcntl(ends.write.get(), F_GETFL) == before);
    CHECK((before & O_NONBLOCK) == 0);
  }
}

TEST_CASE("stdout sink: a stopped reader that comes back sees each line once and whole",
          "[stdout]") {
  for (auto make : {Ends::pipe, Ends::socket, Ends::terminal}) {
    const Ends ends = make();
    StdoutSink sink({}, ends.write.get());
    const OwnedRecords batch(numbered(20'000));
    std::stop_source stop;
    stop.request_stop();
    SendContext stopped;
    stopped.stop = stop.get_token();
    const Verdict verdict = sink.send(batch.records(), stopped);
    REQUIRE(verdict.kind == Verdict::Kind::partial);
    CHECK(verdict.items[0].retry);
    Reader reader(ends.read.get());
    CHECK(sink.send(batch.records().subspan(verdict.items[0].index), {}).kind == Verdict::Kind::ok);
    CHECK((split(reader.finish()) == batch.lines()));
  }
}

TEST_CASE("stdout sink: a reader that went away refuses the lines for good", "[stdout]") {
  std::signal(SIGPIPE, SIG_IGN);
  for (auto make : {Ends::pipe, Ends::socket, Ends::terminal}) {
    Ends ends = make();
    StdoutSink sink({}, ends.write.get());
    const OwnedRecords batch(numbered(3));
    CHECK(sink.send(batch.records(), {}).kind == Verdict::Kind::ok);
    ends.read.reset();
    for (int i = 0; i < 2; ++i) {
      const Verdict verdict = sink.send(batch.records(), {});
      CHECK(verdict.kind == Verdict::Kind::reject);
      CHECK_THAT(verdict.reason, Catch::Contains("standard output"));
    }
  }
}

TEST_CASE("stdout sink: a reader that was never there refuses the lines, too", "[stdout]") {
  std::signal(SIGPIPE, SIG_IGN);
  Ends ends = Ends::pipe();
  ends.read.reset();
  StdoutSink sink({}, ends.write.get());
  const OwnedRecords batch(numbered(3));
  CHECK(sink.send(batch.records(), {}).status == EPIPE);
}

TEST_CASE("stdout sink: a named FIFO may get another reader, which sees every line whole",
          "[stdout]") {
  std::signal(SIGPIPE, SIG_IGN);
  const TemporaryDirectory dir;
  const std::string path = dir.path() + "/fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  Fd first(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const Fd write(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  StdoutSink sink({}, write.get());
  const OwnedRecords batch(numbered(2000));
  std::stop_source stop;
  stop.request_stop();
  SendContext stopped;
  stopped.stop = stop.get_token();
  Verdict verdict = sink.send(batch.records(), stopped);
  REQUIRE(verdict.kind == Verdict::Kind::partial);
  const auto rest = batch.records().subspan(verdict.items[0].index);
  std::string taken(60'000, '\0');  // within a line
  REQUIRE(::read(first.get(), taken.data(), taken.size()) == 60'000);
  first.reset();
  verdict = sink.send(rest, {});
  CHECK(verdict.kind == Verdict::Kind::retry);
  CHECK_THAT(verdict.reason, Catch::Contains("nobody reads"));

  Reader second(Fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)));
  CHECK(sink.send(rest, {}).kind == Verdict::Kind::ok);
  std::vector<std::string> got = split(taken + second.finish());
  const auto torn = std::find_if(got.begin(), got.end(),
                                 [](const std::string& line) { return line.back() != '}'; });
  REQUIRE(torn != got.end());
  got.erase(torn);
  CHECK((got == batch.lines()));
}

TEST_CASE("stdout sink: a regular file gets every line, a full one is tried again", "[stdout]") {
  const TemporaryDirectory dir;
  const std::string path = dir.path() + "/out";
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  StdoutSink sink({}, file.get());
  const OwnedRecords batch(numbered(2000));
  CHECK(sink.send(batch.records(), {}).kind == Verdict::Kind::ok);
  std::string text(1 << 20, '\0');
  text.resize(static_cast<std::size_t>(::pread(file.get(), text.data(), text.size(), 0)));
  CHECK((split(text) == batch.lines()));

  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  StdoutSink full_sink({}, full.get());
  const Verdict verdict = full_sink.send(batch.records(), {});
  CHECK(verdict.kind == Verdict::Kind::retry);
  CHECK(verdict.status == ENOSPC);
}

TEST_CASE("stdout sink: a descriptor that is not open refuses the lines", "[stdout]") {
  StdoutSink sink({}, 987);
  const OwnedRecords batch(numbered(3));
  const Verdict verdict = sink.send(batch.records(), {});
  CHECK(verdict.kind == Verdict::Kind::reject);
  CHECK(verdict.status == EBADF);
}

}  // namespace ship
