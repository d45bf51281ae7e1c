#include "base/signal_name.hpp"

#include <csignal>

#include "tests/catch.hpp"

namespace ship {
namespace {

TEST_CASE("signal name: a signal is known by its name, with and without SIG, and by its number",
          "[signal_name]") {
  CHECK(parse_signal("TERM") == SIGTERM);
  CHECK(parse_signal("SIGTERM") == SIGTERM);
  CHECK(parse_signal("sigusr1") == SIGUSR1);
  CHECK(parse_signal("15") == 15);
  CHECK(parse_signal("CLD") == SIGCHLD);
  CHECK(parse_signal("RTMIN") == SIGRTMIN);
  CHECK(parse_signal("SIGRTMIN+3") == SIGRTMIN + 3);
  CHECK(parse_signal("RTMAX-1") == SIGRTMAX - 1);
}

TEST_CASE("signal name: what is no signal is none", "[signal_name]") {
  for (const char* text : {"", "0", "-1", "32", "33", "65", "TERMINATE", "SIG", "RTMIN+99",
                           "RTMIN+", "RTMAX--1", "9999999999", "15 ", "RTMIN+-5"}) {
    INFO(text);
    CHECK_FALSE(parse_signal(text).has_value());
  }
}

TEST_CASE("signal name: every signal is found again by the name that is printed", "[signal_name]") {
  for (int number = 1; number <= SIGRTMAX; ++number) {
    if (number == 32 || number == 33) continue;
    CHECK(parse_signal(signal_name(number)) == number);
  }
  CHECK(signal_name(SIGTERM) == "TERM");
}

}  // namespace
}  // namespace ship
