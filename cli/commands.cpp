#include "cli/commands.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "assembly/explain.hpp"
#include "cli/completions.hpp"
#include "cli/connect_check.hpp"
#include "cli/help.hpp"
#include "cli/load_command_line.hpp"
#include "cli/run.hpp"
#include "cli/signals.hpp"
#include "cli/top.hpp"
#include "cli/verify.hpp"
#include "cli/version.hpp"
#include "config/print_config.hpp"
#include "config/promises.hpp"

namespace ship {
namespace {

/// Everything has been said already; only the exit code is left.
Error silent(ErrorKind kind) { return {kind, ""}; }

Result<ExitCode> print_to_stdout(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Error{ErrorKind::io,
                   std::string("cannot write to standard output: ") + std::strerror(errno)};
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ExitCode::ok;
}

Result<ExitCode> print_effective(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return silent(ErrorKind::config);
  return print_to_stdout(print_config(outcome.effective));
}

/// All of standard input, at most 16 MB of it.
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

/// What would become of the lines of the command line, or of standard input.
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

/// What the preset sets, and what the run as a whole then promises; empty without a preset.
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

Result<ExitCode> check(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return silent(ErrorKind::config);
  if (line.explain) return explain(line, *outcome.settings);
  if (line.connect) {
    const ConnectOutcome found = check_connect(*outcome.settings, outcome.effective, diagnostics);
    if (auto printed = print_to_stdout(found.text); !printed) return printed;
    return found.code;
  }
  std::string text = "OK\n" + told_of_preset(outcome.effective);
  for (const SinkValues& sink : outcome.effective.sinks) {
    text += "  sink " + sink.name + "  " + sink.url.shown() + "  (" + sink.origin.text() + ")\n";
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
      return print_to_stdout(help_text());
    case Command::version:
      return print_to_stdout(version_text());
    case Command::print_config:
      return print_effective(line, diagnostics);
    case Command::check:
      return check(line, diagnostics);
    case Command::completions:
      return completions(line);
    case Command::replay:
      return run_ship(line, inherited, diagnostics);
    case Command::top:
      return run_top(line, diagnostics);
    case Command::verify:
      return verify(line, diagnostics);
    case Command::run:
      break;
  }
  return run_ship(line, inherited, diagnostics);
}

}  // namespace ship
