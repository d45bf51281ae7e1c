#include "cli/log_form.hpp"

#include <array>
#include <cstdlib>
#include <pty.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

constexpr WallNanos kNow = 1'700'000'000'123'000'000;

class JournalStream {
 public:
  explicit JournalStream(const std::string& text) { ::setenv("JOURNAL_STREAM", text.c_str(), 1); }
  ~JournalStream() { ::unsetenv("JOURNAL_STREAM"); }
};

}  // namespace

TEST_CASE("log form: nothing in a message acts on the terminal, in any form", "[log]") {
  const std::string evil =
      "x\xC2\x9B"
      "31m\xE2\x80\xAE\x7F\x1B]0;t\x07";
  for (const LogForm form : {LogForm::person, LogForm::timed, LogForm::journal, LogForm::json}) {
    const std::string line = log_line(form, LogLevel::error, evil, kNow);
    for (const char* bad : {"\xC2\x9B", "\xE2\x80\xAE", "\x7F", "\x1B", "\x07"}) {
      CHECK(line.find(bad) == std::string::npos);
    }
    CHECK(line.find("31m") != std::string::npos);
  }
}

TEST_CASE("log form: each form has what its reader does not know already", "[cli]") {
  const auto line = [](LogForm form) {
    return log_line(form, LogLevel::warning, "a\nb\x1b", kNow);
  };
  CHECK(line(LogForm::person) == "fapilog-ship: warning: a\n    b\\x1b\n");
  CHECK(line(LogForm::timed) == "2023-11-14T22:13:20.123Z fapilog-ship: warning: a\n    b\\x1b\n");
  CHECK(line(LogForm::json) ==
        R"({"timestamp":"2023-11-14T22:13:20.123Z","level":"WARNING","logger":"fapilog-ship",)"
        "\"message\":\"a\\nb\\u001b\"}\n");
  CHECK(line(LogForm::journal) == "<4>a\n<4>    b\\x1b\n");
}

TEST_CASE("log form: journal priorities are syslog's", "[cli]") {
  CHECK(log_line(LogForm::journal, LogLevel::debug, "m", kNow) == "<7>m\n");
  CHECK(log_line(LogForm::journal, LogLevel::info, "m", kNow) == "<6>m\n");
  CHECK(log_line(LogForm::journal, LogLevel::error, "m", kNow) == "<3>m\n");
}

TEST_CASE("log form: auto is the journal only where the descriptor is the journal's", "[cli]") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  const Fd ours(ends[0]);
  const Fd other(ends[1]);
  struct stat status {};
  REQUIRE(::fstat(ours.get(), &status) == 0);
  const JournalStream stream(std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino));
  CHECK(log_form(LogSettings::Format::automatic, ours.get()) == LogForm::journal);
  CHECK(log_form(LogSettings::Format::automatic, other.get()) == LogForm::timed);
  CHECK(log_form(LogSettings::Format::text, ours.get()) == LogForm::timed);
}

TEST_CASE("log form: text has the time unless a person watches", "[cli]") {
  int master = -1;
  int slave = -1;
  REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
  const Fd screen(master);
  const Fd terminal(slave);
  CHECK(log_form(LogSettings::Format::automatic, terminal.get()) == LogForm::person);
  CHECK(log_form(LogSettings::Format::text, terminal.get()) == LogForm::person);
  CHECK(log_form(LogSettings::Format::json, terminal.get()) == LogForm::json);
  CHECK(log_form(LogSettings::Format::journal, terminal.get()) == LogForm::journal);
}

TEST_CASE("log form: JSON tells the sink, its state and its losses beside the text", "[log]") {
  const std::string line =
      log_line(LogForm::json, LogLevel::warning, "m", kNow, {"a\"b", "down", true, 1234, 12});
  CHECK(line.ends_with(
      R"("message":"m","sink":"a\"b","state":"down","losing":true,"lost":1234,"lost_protected":12})"
      "\n"));
  CHECK(
      log_line(LogForm::json, LogLevel::warning, "m", kNow, {}).ends_with("\"message\":\"m\"}\n"));
  CHECK(log_line(LogForm::timed, LogLevel::warning, "m", kNow, {"a", "down", true, 1, 1}) ==
        log_line(LogForm::timed, LogLevel::warning, "m", kNow));
}
