#include "cli/connect_check.hpp"

#include "assembly/sink_probes.hpp"
#include "base/number_text.hpp"

namespace ship {

ConnectOutcome check_connect(const Settings& settings, const Effective& effective,
                             Diagnostics& diagnostics) {
  SinkEnvironment environment;
  environment.log = [&diagnostics](LogLevel level, std::string message) {
    diagnostics.log(level, message);
  };
  const std::vector<ProbeReport> reports = probe_sinks(settings, environment);
  ConnectOutcome outcome;
  std::size_t failed = 0;
  std::string lines;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const SinkValues& sink = effective.sinks[i];
    const Result<std::string>& found = reports[i].found;
    lines += "  sink " + sink.name + "  " + sink.url.shown() + "  (" + sink.origin.text() + ")\n" +
             (found ? "    ok: " + found.value() : "    FAILED: " + found.error().message) + "\n";
    if (found) continue;
    ++failed;
    const bool config = found.error().kind == ErrorKind::config;
    if (config) outcome.code = ExitCode::config;
    if (outcome.code == ExitCode::ok) outcome.code = ExitCode::unreachable;
  }
  outcome.text = failed == 0 ? "OK\n"
                             : "FAILED: " + std::to_string(failed) + " of " +
                                   counted(reports.size(), "sink") + "\n";
  outcome.text += lines;
  return outcome;
}

}  // namespace ship
