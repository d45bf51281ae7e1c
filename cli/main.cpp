#include <csignal>
#include <cstdlib>

#include "cli/commands.hpp"
#include "cli/signals.hpp"
#include "cli/standard_streams.hpp"

int main(int argc, char** argv) {
  using namespace ship;
  const InheritedSignals inherited = InheritedSignals::capture();
  Signals::hold();
  // A reader that went away and a file that may not grow are errors of one write, not a reason to
  // die.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  keep_standard_streams_taken();
  Diagnostics diagnostics(2);
  Result<CommandLine> line = parse_command_line(argc, argv);
  Result<ExitCode> code = line ? run_command(line.value(), inherited, diagnostics)
                               : Result<ExitCode>(std::move(line).error());
  if (!code && !code.error().message.empty()) {
    diagnostics.log(LogLevel::error, code.error().message);
  }
  diagnostics.finish(100);
  return static_cast<int>(code ? code.value() : exit_code_of(code.error().kind));
}
