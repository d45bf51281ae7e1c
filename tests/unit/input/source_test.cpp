#include "input/source.hpp"

#include <fcntl.h>
#include <fstream>
#include <pty.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hpp"
#include "tests/unit/fakes/pipe.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

namespace ship {
namespace {

// Puts another descriptor in place of standard input, or none, and sets it right again.
class StandardInput {
 public:
  explicit StandardInput(int fd) : saved_(dup(STDIN_FILENO)) {
    if (fd >= 0) {
      dup2(fd, STDIN_FILENO);
    } else {
      close(STDIN_FILENO);
    }
  }
  ~StandardInput() {
    dup2(saved_, STDIN_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

std::string read_once(Source& source) {
  char room[100];
  auto got = source.read(room);
  REQUIRE(got.ok());
  return std::string(room, got.value());
}

TEST_CASE("source: a closed standard input is called closed", "[source]") {
  // What stands in for it keeps its number taken and refuses reading.
  const Fd stand_in(open("/", O_PATH));
  for (const int fd : {-1, stand_in.get()}) {
    const StandardInput closed(fd);
    auto source = Source::standard_input();
    REQUIRE_FALSE(source.ok());
    CHECK(source.error().kind == ErrorKind::io);
    CHECK(source.error().message.find("standard input is closed") != std::string::npos);
  }
}

TEST_CASE("source: a standard input that can only be written to is an error", "[source]") {
  const Fd null(open("/dev/null", O_WRONLY));
  const StandardInput input(null.get());
  auto source = Source::standard_input();
  REQUIRE_FALSE(source.ok());
  CHECK(source.error().kind == ErrorKind::io);
  CHECK(source.error().message.find("writing only") != std::string::npos);
}

TEST_CASE("source: leaves standard input and its flags as they are", "[source]") {
  const Pipe pipe;
  const StandardInput input(pipe.read.get());
  const int flags = fcntl(STDIN_FILENO, F_GETFL);
  {
    auto source = Source::standard_input();
    REQUIRE(source.ok());
    CHECK(source.value().name() == "standard input");
    CHECK_FALSE(source.value().is_regular_file());
    CHECK_FALSE(are_regular_files({}));
    pipe.put("abc");
    CHECK(source.value().available() == 3);
    CHECK(read_once(source.value()) == "abc");
    CHECK(fcntl(STDIN_FILENO, F_GETFL) == flags);
  }
  CHECK(fcntl(STDIN_FILENO, F_GETFL) == flags);
}

TEST_CASE("source: a pipe becomes as large as the kernel allows, up to 1 MB", "[source]") {
  const Pipe plain;
  fcntl(plain.read.get(), F_SETPIPE_SZ, 1 << 20);
  Pipe pipe;
  const Source source = Source::adopt(std::move(pipe.read), "a pipe");
  CHECK(fcntl(source.fd(), F_GETPIPE_SZ) == fcntl(plain.read.get(), F_GETPIPE_SZ));
}

TEST_CASE("source: a regular file is known as one and ends", "[source]") {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() + "/a") << "text";
  auto source = Source::open(folder.path() + "/a");
  REQUIRE(source.ok());
  CHECK(source.value().is_regular_file());
  CHECK(are_regular_files({folder.path() + "/a"}));
  CHECK_FALSE(are_regular_files({folder.path() + "/a", "/dev/null"}));
  CHECK_FALSE(are_regular_files({folder.path() + "/none"}));
  CHECK(read_once(source.value()) == "text");
  CHECK(read_once(source.value()).empty());
}

TEST_CASE("source: /dev/null is empty", "[source]") {
  auto source = Source::open("/dev/null");
  REQUIRE(source.ok());
  CHECK_FALSE(source.value().is_regular_file());
  CHECK(read_once(source.value()).empty());
}

TEST_CASE("source: a FIFO opens without a writer", "[source]") {
  const TemporaryDirectory folder;
  REQUIRE(mkfifo((folder.path() + "/fifo").c_str(), 0600) == 0);
  auto source = Source::open(folder.path() + "/fifo");
  REQUIRE(source.ok());
  const Fd writer(open((folder.path() + "/fifo").c_str(), O_WRONLY));
  char room[10];
  auto nothing = source.value().read(room);
  REQUIRE_FALSE(nothing.ok());
  CHECK(nothing.error().kind == ErrorKind::transient);
  REQUIRE(write(writer.get(), "x", 1) == 1);
  CHECK(read_once(source.value()) == "x");
}

TEST_CASE("source: a socket is read like a pipe", "[source]") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  Fd other(ends[1]);
  Source source = Source::adopt(Fd(ends[0]), "a socket");
  REQUIRE(write(other.get(), "abc", 3) == 3);
  CHECK(source.available() == 3);
  CHECK(read_once(source) == "abc");
  other.reset();
  CHECK(read_once(source).empty());
}

TEST_CASE("source: a terminal that hangs up has ended", "[source]") {
  int master = -1;
  int slave = -1;
  REQUIRE(openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
  Fd other(master);
  Source source = Source::adopt(Fd(slave), "a terminal");
  REQUIRE(write(other.get(), "abc\n", 4) == 4);
  CHECK(read_once(source) == "abc\n");
  other.reset();
  CHECK(read_once(source).empty());
}

TEST_CASE("source: what cannot be read is an io error that names it", "[source]") {
  const TemporaryDirectory folder;
  const auto missing = Source::open(folder.path() + "/none");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().kind == ErrorKind::io);
  CHECK(missing.error().message ==
        "input " + folder.path() + "/none" + ": cannot open: No such file or directory");
  CHECK_FALSE(Source::open(folder.path()).ok());
  CHECK(check_readable(folder.path()).error().message.find("Is a directory") != std::string::npos);
  CHECK_FALSE(check_readable(folder.path() + "/none").ok());
  CHECK(check_readable("/dev/null").ok());
  CHECK(check_readable("-").ok());

  Source folder_source = Source::adopt(Fd(open(folder.path().c_str(), O_RDONLY)), "a folder");
  char room[10];
  const auto got = folder_source.read(room);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::io);
}

}  // namespace
}  // namespace ship
