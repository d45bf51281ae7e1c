#include "cli/diagnostics.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/catch.hpp"

using namespace ship;

namespace {

struct Pipe {
  Fd reader;
  Fd writer;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

std::string read_available(int fd) {
  std::string text;
  std::array<char, 65536> buffer{};
  pollfd entry{fd, POLLIN, 0};
  while (::poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN) != 0) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

bool is_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

}  // namespace

TEST_CASE("diagnostics: a message is one line with its level", "[cli]") {
  Pipe pipe = make_pipe();
  Diagnostics diagnostics(pipe.writer.get());
  diagnostics.set_format(LogSettings::Format::journal);
  diagnostics.log(LogLevel::warning, "two\nlines and \x1b[2J");
  diagnostics.log(LogLevel::debug, "not asked for");
  CHECK(read_available(pipe.reader.get()) == "<4>two\n<4>    lines and \\x1b[2J\n");
  diagnostics.set_level(LogLevel::error);
  diagnostics.log(LogLevel::warning, "not any more");
  diagnostics.print("as it is\n");
  CHECK(read_available(pipe.reader.get()) == "as it is\n");
}

TEST_CASE("diagnostics: a full pipe holds nobody up, and what is lost is counted", "[cli]") {
  Pipe pipe = make_pipe();
  Diagnostics diagnostics(pipe.writer.get());
  const std::string line(1000, 'x');
  for (int i = 0; i < 1000; ++i) diagnostics.log(LogLevel::info, line);
  CHECK(diagnostics.has_pending());
  CHECK(is_readable(diagnostics.pending_fd()));

  std::string seen;
  while (diagnostics.has_pending()) {
    seen += read_available(pipe.reader.get());
    diagnostics.flush();
  }
  seen += read_available(pipe.reader.get());
  const auto lines = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), '\n'));
  const std::size_t dropped = 1000 - (lines - 1);
  CHECK(dropped > 0);
  CHECK(seen.find(std::to_string(dropped) + " messages were not shown") != std::string::npos);
  CHECK_FALSE(is_readable(diagnostics.pending_fd()));
}

TEST_CASE("diagnostics: those who share the pipe keep it as it was", "[cli]") {
  Pipe pipe = make_pipe();
  Diagnostics diagnostics(pipe.writer.get());
  diagnostics.log(LogLevel::info, "x");
  CHECK((::fcntl(pipe.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("diagnostics: a full socket holds nobody up", "[cli]") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  const Fd reader(ends[0]);
  const Fd writer(ends[1]);
  Diagnostics diagnostics(writer.get());
  const std::string line(10000, 'x');
  for (int i = 0; i < 1000; ++i) diagnostics.log(LogLevel::info, line);
  CHECK(diagnostics.has_pending());
  diagnostics.finish(0);
  CHECK(diagnostics.has_pending());
}

TEST_CASE("diagnostics: a reader that is gone, or no standard error at all, is no trouble",
          "[cli]") {
  std::signal(SIGPIPE, SIG_IGN);  // as main does
  Pipe pipe = make_pipe();
  Diagnostics diagnostics(pipe.writer.get());
  pipe.reader.reset();
  diagnostics.log(LogLevel::error, "nobody hears this");
  CHECK_FALSE(diagnostics.has_pending());
  Diagnostics nowhere(-1);
  nowhere.log(LogLevel::error, "nor this");
  nowhere.finish(10);
  CHECK_FALSE(nowhere.has_pending());
}

TEST_CASE("diagnostics: a file that others write to is appended to where they are", "[cli]") {
  char path[] = "/tmp/ship-diagnostics-XXXXXX";
  const Fd file(::mkstemp(path));
  REQUIRE(::write(file.get(), "before\n", 7) == 7);
  Diagnostics diagnostics(file.get());
  diagnostics.set_format(LogSettings::Format::journal);
  diagnostics.log(LogLevel::error, "x");
  REQUIRE(::write(file.get(), "after\n", 6) == 6);
  std::array<char, 200> text{};
  const ssize_t n = ::pread(file.get(), text.data(), text.size(), 0);
  ::unlink(path);
  CHECK(std::string(text.data(), static_cast<std::size_t>(n)) == "before\n<3>x\nafter\n");
}
