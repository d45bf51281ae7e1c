#include "assembly/input_loop.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "sinks/file/file_settings.hpp"
#include "sinks/gelf/gelf_settings.hpp"
#include "sinks/socket/socket_settings.hpp"
#include "sinks/syslog/syslog_settings.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

using namespace ship;

namespace {

Settings reading(const std::string& input, const std::string& output) {
  Settings settings;
  settings.input.paths = {input};
  SinkSettings sink;
  sink.name = "file";
  FileSinkSettings file;
  file.path = output;
  sink.kind = file;
  settings.sinks = {sink};
  return settings;
}

}  // namespace

TEST_CASE("loop: an input that is its own output is refused, whatever it is called", "[loop]") {
  const TemporaryDirectory directory;
  const std::string a = directory.path() + "/a";
  const std::string b = directory.path() + "/b";
  std::ofstream(a) << "x\n";
  std::ofstream(b) << "y\n";
  std::filesystem::create_hard_link(a, directory.path() + "/hard");
  std::filesystem::create_symlink(a, directory.path() + "/soft");

  const auto found = check_for_loop(reading(a, a));
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().kind == ErrorKind::config);
  CHECK(found.error().message ==
        "input " + a +
            " is the same file as the output of sink file: it would be read and written without "
            "end");
  CHECK_FALSE(check_for_loop(reading(directory.path() + "/./a", a)).ok());
  CHECK_FALSE(check_for_loop(reading(a, directory.path() + "/hard")).ok());
  CHECK_FALSE(check_for_loop(reading(directory.path() + "/soft", a)).ok());

  CHECK(check_for_loop(reading(a, b)).ok());
  CHECK(check_for_loop(reading(a, directory.path() + "/new")).ok());
  CHECK(check_for_loop(reading("/dev/null", "/dev/null")).ok());

  Settings letters = reading(a, b);
  letters.dead_letter.path = a;
  CHECK_FALSE(check_for_loop(letters).ok());
  Settings command = reading(a, a);
  command.child.command = {"true"};
  CHECK(check_for_loop(command).ok());
}

TEST_CASE("loop: an address that a sink sends to is refused as an input", "[loop]") {
  const auto found = [](const std::string& input, SinkKind kind) {
    Settings settings;
    settings.input.paths = {"unix:/run/other.sock", input};
    SinkSettings sink;
    sink.name = "next";
    sink.kind = std::move(kind);
    settings.sinks = {sink};
    const auto checked = check_for_loop(settings);
    return checked.ok() ? std::string() : checked.error().message;
  };
  const auto socket = [](const std::string& address) {
    SocketSinkSettings settings;
    settings.transport.address = address;
    return SinkKind(settings);
  };
  CHECK(found("unix:/run/app.sock", socket("unix:/run/./app.sock")) ==
        "input unix:/run/app.sock is where sink next sends: it would be read and written without "
        "end");
  for (const std::string here :
       {"tcp://localhost:9000", "tcp://127.0.0.1:9000", "tcp://[::1]:9000"}) {
    INFO(here);
    CHECK(!found("tcp://127.0.0.1:9000", socket(here)).empty());
    CHECK(!found("tcp://*:9000", socket(here)).empty());
    CHECK(found("tcp://127.0.0.1:9001", socket(here)).empty());
    CHECK(found("tcp://10.0.0.1:9000", socket(here)).empty());
  }
  CHECK(!found("tcp://10.0.0.1:9000", socket("tcp://10.0.0.1:9000")).empty());
  CHECK(found("tcp://127.0.0.1:9000", socket("tls://127.0.0.1:9000")).empty());
  CHECK(found("tcp://127.0.0.1:9000", socket("udp://127.0.0.1:9000")).empty());
  CHECK(found("unix:/run/app.sock", socket("unix:/run/log.sock")).empty());
  CHECK(found("systemd:", socket("unix:/run/app.sock")).empty());

  SyslogSinkSettings syslog;
  syslog.transport.address = "tcp://localhost:9000";
  CHECK(!found("tcp://localhost:9000", syslog).empty());
  GelfSinkSettings gelf;
  gelf.transport.url = "tcp://localhost:9000";
  CHECK(!found("tcp://localhost:9000", gelf).empty());
  gelf.transport.url = "http://localhost:9000/gelf";
  CHECK(found("tcp://localhost:9000", gelf).empty());
}
