#include "cli/commands.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "assembly/explain.hpp"
#include "assembly/ship.hpp"
#include "base/fd.hpp"
#include "base/number_text.hpp"
#include "cli/admin_client.hpp"
#include "cli/completions.hpp"
#include "cli/connect_check.hpp"
#include "cli/help.hpp"
#include "cli/load_command_line.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/tap.hpp"
#include "cli/top.hpp"
#include "cli/verify.hpp"
#include "cli/version.hpp"
#include "config/place_check.hpp"
#include "config/print_config.hpp"
#include "config/promises.hpp"
#include "config/starter.hpp"
#include "sinks/sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

/// Everything has already been reported; only the exit code is left.
Error silent(ErrorKind kind) { return {kind, ""}; }

Result<ExitCode> print_to(int fd, const std::string& name, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Error{ErrorKind::io, "cannot write to " + name + ": " + std::strerror(errno)};
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ExitCode::ok;
}

Result<ExitCode> print_to_stdout(std::string_view text) {
  return print_to(STDOUT_FILENO, "standard output", text);
}

/// Columns of the terminal on standard output; 100 if that is not a terminal.
std::size_t columns() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 100;
}

Result<ExitCode> help(const CommandLine& line) {
  if (!line.arguments.empty()) {
    return print_to_stdout(command_help_text(*find_command(line.arguments.front()), columns()));
  }
  return print_to_stdout(line.brief ? brief_help_text(columns()) : help_text(columns()));
}

Result<ExitCode> init(const CommandLine& line, Diagnostics& diagnostics) {
  if (line.arguments.size() > 1) {
    return Error{ErrorKind::usage,
                 "init writes one file; found " + line.arguments[0] + " and " + line.arguments[1]};
  }
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return silent(ErrorKind::config);
  const std::string text = starter_toml(outcome.effective);
  if (line.arguments.empty()) return print_to_stdout(text);
  const std::string& path = line.arguments.front();
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!file) {
    return Error{ErrorKind::io, "cannot make " + path + ": " + std::strerror(errno) +
                                    (errno == EEXIST ? "; init never writes over a file" : "")};
  }
  return print_to(file.get(), path, text);
}

Result<ExitCode> health(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return silent(ErrorKind::config);
  auto client = AdminClient::make(line.url, outcome.settings->server);
  if (!client) return std::move(client).error();
  const auto answer = client.value().get("/healthz");
  if (answer) return ExitCode::ok;
  diagnostics.log(LogLevel::error, answer.error().message);
  return ExitCode::unreachable;
}

Result<ExitCode> print_effective(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return silent(ErrorKind::config);
  return print_to_stdout(print_config(outcome.effective));
}

/// All of standard input, at most 16 MB.
Result<std::string> read_stdin() {
  constexpr std::size_t kMost = 16u << 20;
  std::string text;
  std::array<char, 65536> block{};
  while (text.size() < kMost) {
    const ssize_t n = ::read(STDIN_FILENO, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Error{ErrorKind::io,
                   std::string("cannot read standard input: ") + std::strerror(errno)};
    }
    if (n == 0) break;
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return text;
}

/// Explains what would happen to the lines given on the command line, or to standard input.
Result<ExitCode> explain(const CommandLine& line, const Settings& settings) {
  std::vector<std::string> lines = line.arguments;
  if (lines.empty()) {
    auto text = read_stdin();
    if (!text) return std::move(text).error();
    lines.push_back(std::move(text).value());
  }
  for (const std::string& one : lines) {
    auto told = explain_line(settings, one);
    if (!told) return std::move(told).error();
    if (auto printed = print_to_stdout(told.value()); !printed) return printed;
  }
  return ExitCode::ok;
}

/// What the preset sets, and what the whole run then promises; empty without a preset.
std::string told_of_preset(const Effective& effective) {
  const auto preset = effective.globals.find("preset");
  if (preset == effective.globals.end()) return {};
  std::string set;
  for (const auto& [key, given] : effective.globals) {
    if (given.origin.source == Origin::Source::preset) set += (set.empty() ? "" : ", ") + key;
  }
  std::string text = "  preset " + std::get<std::string>(preset->second.value) + "  sets " +
                     (set.empty() ? "nothing" : set) + "\n";
  for (const std::string& promise : promises(effective)) text += "    " + promise + "\n";
  return text;
}

/// Whether each sink takes its settings, as the start would find out; says why not. Asks nobody.
bool can_make_sinks(const Settings& settings, Diagnostics& diagnostics) {
  bool all = true;
  const SinkEnvironment environment;
  for (const SinkSettings& sink : settings.sinks) {
    const auto made = settings.make_sink(sink, environment);
    if (made || made.error().kind != ErrorKind::config) continue;
    diagnostics.log(LogLevel::error, "sink " + sink.name + ": " + made.error().message);
    all = false;
  }
  return all;
}

Result<ExitCode> check(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return silent(ErrorKind::config);
  if (line.explain) return explain(line, *outcome.settings);
  if (auto named = Ship::check_named_inputs(*outcome.settings); !named)
    return std::move(named).error();
  if (line.connect) {
    const ConnectOutcome found = check_connect(*outcome.settings, outcome.effective, diagnostics);
    if (auto printed = print_to_stdout(found.text); !printed) return printed;
    return found.code;
  }
  const std::vector<Problem> missing = missing_places(outcome.effective);
  for (const Problem& place : missing) diagnostics.log(LogLevel::warning, place.text());
  if (missing.empty() && !can_make_sinks(*outcome.settings, diagnostics)) {
    return silent(ErrorKind::config);
  }
  const std::size_t warnings = missing.size() + outcome.warnings.size();
  std::string text = "OK\n";
  if (warnings > 0) {
    text += "  " + counted(warnings, "warning") + ", see above\n";
  }
  text += told_of_preset(outcome.effective);
  for (const SinkValues& sink : outcome.effective.sinks) {
    text += "  sink " + sink.name + "  " + sink.url.shown() + "  (" + sink.origin.text() + ")\n";
  }
  for (const SinkSettings& sink : outcome.settings->sinks) {
    for (const std::string& remark : sink.kind.remarks(outcome.settings->labels)) {
      text += "  sink " + sink.name + "  " + remark + "\n";
    }
  }
  return print_to_stdout(text);
}

Result<ExitCode> verify(const CommandLine& line, Diagnostics& diagnostics) {
  auto outcome = verify_files(line, diagnostics);
  if (!outcome) return std::move(outcome).error();
  if (auto printed = print_to_stdout(outcome.value().text); !printed) return printed;
  return outcome.value().code;
}

Result<ExitCode> completions(const CommandLine& line) {
  const std::string shell = line.arguments.size() == 1 ? line.arguments.front() : "";
  if (shell == "bash") return print_to_stdout(bash_completion());
  if (shell == "zsh") return print_to_stdout(zsh_completion());
  if (shell == "fish") return print_to_stdout(fish_completion());
  return Error{ErrorKind::usage, "completions needs one shell: bash, zsh or fish"};
}

}  // namespace

Result<ExitCode> run_command(const CommandLine& line, const InheritedSignals& inherited,
                             Diagnostics& diagnostics) {
  const bool ships = line.command == Command::run || line.command == Command::replay;
  if (!ships) Signals::let_go(inherited);
  switch (line.command) {
    case Command::help:
      return help(line);
    case Command::version:
      return print_to_stdout(version_text());
    case Command::print_config:
      return print_effective(line, diagnostics);
    case Command::check:
      return check(line, diagnostics);
    case Command::init:
      return init(line, diagnostics);
    case Command::health:
      return health(line, diagnostics);
    case Command::completions:
      return completions(line);
    case Command::replay:
      return run_ship(line, inherited, diagnostics);
    case Command::top:
      return run_top(line, diagnostics);
    case Command::tap:
      return run_tap(line, diagnostics);
    case Command::verify:
      return verify(line, diagnostics);
    case Command::run:
      break;
  }
  return run_ship(line, inherited, diagnostics);
}

}  // namespace ship
