#define CATCH_CONFIG_RUNNER
#include <csignal>

#include "tests/catch.hpp"

/// Signals that whoever started the tests had ignored, as nohup does, are not ignored here.
int main(int count, char** arguments) {
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) std::signal(signal, SIG_DFL);
  return Catch::Session().run(count, arguments);
}
