#include "base/status_line.hpp"

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "tests/catch.hpp"

namespace ship {
namespace {

struct Pty {
  Pty() {
    int ends[2];
    termios raw{};
    cfmakeraw(&raw);
    winsize size{24, 80, 0, 0};
    REQUIRE(openpty(&ends[0], &ends[1], nullptr, &raw, &size) == 0);
    master = Fd(ends[0]);
    slave = Fd(ends[1]);
  }
  std::string seen() const {
    std::string text;
    pollfd entry{master.get(), POLLIN, 0};
    char room[4096];
    while (::poll(&entry, 1, 0) == 1) {
      text.append(room, static_cast<std::size_t>(::read(master.get(), room, sizeof room)));
    }
    return text;
  }
  ssize_t put(std::string_view bytes) const {
    return ::write(slave.get(), bytes.data(), bytes.size());
  }
  Fd master;
  Fd slave;
};

// What stands on the terminal for a line that is taken away, and for one that is drawn.
const std::string kErased = "\x1b[?7h\r\x1b[J";
std::string drawn(const std::string& text) { return kErased + "\x1b[?7l" + text + "\x1b[?7h\r"; }

TEST_CASE("status line: goes away for what is written and comes back below it", "[status_line]") {
  const Pty pty;
  StatusLine line(pty.slave.get());
  REQUIRE(line.usable());
  CHECK(line.columns() == 80);
  const auto write = [&](std::string_view bytes) { return pty.put(bytes); };
  line.show("50%");
  CHECK(pty.seen() == drawn("50%"));
  CHECK(line.write_above("a line\n", write) == 7);
  CHECK(pty.seen() == kErased + "a line\n" + drawn("50%"));
  line.remove();
  line.remove();
  CHECK(pty.seen() == kErased);
}

TEST_CASE("status line: is not drawn into the middle of a line", "[status_line]") {
  const Pty pty;
  StatusLine line(pty.slave.get());
  const auto write = [&](std::string_view bytes) { return pty.put(bytes); };
  line.show("50%");
  CHECK(line.write_above("half of ", write) == 8);
  pty.seen();
  line.show("60%");
  CHECK(pty.seen().empty());
  CHECK(line.write_above("a line\n", write) == 7);
  CHECK(pty.seen() == "a line\n" + drawn("60%"));
}

TEST_CASE("status line: of much text the first lines go out, whole", "[status_line]") {
  const Pty pty;
  StatusLine line(pty.slave.get());
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "twelve bytes\n";
  const auto count = [](std::string_view bytes) { return static_cast<ssize_t>(bytes.size()); };
  const ssize_t written = line.write_above(text, count);
  CHECK(written > 0);
  CHECK(written < 4096);
  CHECK(written % 13 == 0);
  CHECK(line.write_above(std::string(9000, 'x'), count) < 4096);
}

TEST_CASE("status line: a stopped terminal holds nobody up", "[status_line]") {
  const Pty pty;
  StatusLine line(pty.slave.get());
  line.show("50%");
  const std::string path = "/proc/self/fd/" + std::to_string(pty.slave.get());
  const Fd own(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY));
  while (::write(own.get(), "x", 1) == 1) {
  }
  line.show("60%");
  int calls = 0;
  errno = 0;
  CHECK(line.write_above("a line\n", [&](std::string_view) -> ssize_t { return ++calls; }) == -1);
  CHECK(errno == EAGAIN);
  CHECK(calls == 0);
}

TEST_CASE("status line: knows its terminal from others", "[status_line]") {
  const Pty pty;
  const Pty other;
  const StatusLine line(pty.slave.get());
  const Fd again(::dup(pty.slave.get()));
  CHECK(line.shares(again.get()));
  CHECK_FALSE(line.shares(other.slave.get()));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Fd read(ends[0]);
  const Fd write(ends[1]);
  CHECK_FALSE(line.shares(write.get()));
}

}  // namespace
}  // namespace ship
