#include "cli/command_table.hpp"

#include <algorithm>
#include <vector>

namespace ship {
namespace {

constexpr CommandRow kCommands[] = {
    {Command::check, "check", "[FILE.toml...]", "validate the configuration",
     R"(Reads the configuration as a run would, and shows every error with its file,
line, column and key. Exit 0: it can be used. Exit 78: it cannot.

Examples:
  fapilog-ship check app.toml
  fapilog-ship check -c app.toml --connect
  fapilog-ship check --explain '{"level":"info","message":"hello"}'
  app | head -n 20 | fapilog-ship check app.toml --explain
)"},
    {Command::init, "init", "[FILE.toml]", "write a commented configuration to start from",
     R"(Writes a configuration with the settings that are given here, and, as comments,
those that most people change. It goes to standard output, or to a new FILE.

Examples:
  fapilog-ship init --preset production --sink loki+http://loki:3100 app.toml
  fapilog-ship init --keep /var/lib/fapilog-ship > app.toml
)"},
    {Command::replay, "replay", "PATH...", "send dead letters or a spool again",
     R"(Sends the records of dead-letter files, or of an old spool's directory, to the
sink of the name that each came from. What fails again stays where it is.

Examples:
  fapilog-ship replay -c app.toml /var/lib/fapilog-ship/dead-letter.ndjson
  fapilog-ship replay -c app.toml /var/lib/fapilog-ship/spool
)"},
    {Command::top, "top", "", "show a run live in this terminal",
     R"(Shows what a run with --listen does, until q or Ctrl-C. Without --url it asks
the --listen address of the configuration, else 127.0.0.1:9464.

Examples:
  fapilog-ship top
  fapilog-ship top --url unix:/run/fapilog-ship.sock
)"},
    {Command::tap, "tap", "", "show the records of a run as they pass",
     R"(Shows the records of a run with --listen while they pass: pretty on a terminal, a
line each in a pipe. Those that a slow terminal or reader cannot take are left
out and counted; the run never waits. Without --url it asks the --listen address
of the configuration, else 127.0.0.1:9464. It ends with the run, or by Ctrl-C.

What is shown is redacted as the run redacts it, before the stages, too, unless
the run has server.tap = "raw". A run whose --listen other machines can reach
shows records only to who knows its token.

Examples:
  fapilog-ship tap
  fapilog-ship tap --where 'level >= ERROR and path starts_with "/pay"' -n 20
  fapilog-ship tap --sink loki > what-loki-gets.ndjson
)"},
    {Command::health, "health", "", "ask a run whether it is there; exit 0 or 1",
     R"(Asks /healthz of a run with --listen, for a HEALTHCHECK where there is no curl.
Without --url it asks the --listen address of the configuration, else
127.0.0.1:9464. Exit 0: it runs; a sink that is down does not count, see
/readyz for that. Exit 1: it does not answer; standard error says why.

Examples:
  HEALTHCHECK CMD ["fapilog-ship", "health"]
  fapilog-ship health --url 127.0.0.1:9464
)"},
    {Command::verify, "verify", "PATH...", "check sealed files for tampering",
     R"(Checks sealed files, or those of a directory, for edits, removals, insertions,
reordering and truncation, and names the first place. Exit 0: all are whole.
Exit 1: one is not. Exit 74: one cannot be read.

Examples:
  fapilog-ship verify --seal-key-file seal.pub /var/log/app
  fapilog-ship verify --seal-key-file seal.pub --anchor anchors.ndjson audit.ndjson
)"},
    {Command::completions, "completions", "bash|zsh|fish", "print a completion script",
     R"(Examples:
  fapilog-ship completions bash > ~/.local/share/bash-completion/completions/fapilog-ship
  fapilog-ship completions fish > ~/.config/fish/completions/fapilog-ship.fish
)"},
    {Command::help, "help", "[COMMAND]", "show this help, or that of a command", ""},
    {Command::version, "version", "", "print the version, features and libraries", ""},
};

constexpr CommandFlag kFlags[] = {
    {Command::check, "connect", "", "reach every sink, and say what is found there"},
    {Command::check, "explain", "",
     "tell what each stage does to the lines given, or to those of standard input, and what each "
     "sink would send"},
    {Command::top, "url", "URL", "where it listens: http://HOST:PORT, HOST:PORT or unix:PATH"},
    {Command::tap, "url", "URL", "where it listens: http://HOST:PORT, HOST:PORT or unix:PATH"},
    {Command::tap, "where", "EXPR", "only records for which this holds, as in filter.where"},
    {Command::tap, "stage", "STAGE",
     "in: as they are submitted; out: as sinks get them (default: in; with --sink out)"},
    {Command::tap, "sink", "NAME", "only what this sink gets, by its name in the configuration"},
    {Command::tap, "count", "N", "end after so many records", 'n'},
    {Command::health, "url", "URL", "where it listens: http://HOST:PORT, HOST:PORT or unix:PATH"},
    {Command::verify, "seal-key-file", "FILE", "a public key of the seal; repeatable"},
    {Command::verify, "expect-head", "HASH",
     "the root of a manifest that must be there; repeatable"},
    {Command::verify, "anchor", "FILE", "the records that the anchor of the seal got; repeatable"},
};

}  // namespace

std::span<const CommandRow> command_table() { return kCommands; }
std::span<const CommandFlag> command_flags() { return kFlags; }

const CommandRow* find_command(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kCommands), std::end(kCommands),
                   [name](const CommandRow& row) { return row.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

const CommandRow& row_of(Command command) {
  return *std::find_if(std::begin(kCommands), std::end(kCommands),
                       [command](const CommandRow& row) { return row.command == command; });
}

std::string commands_with(std::string_view flag) {
  std::vector<std::string_view> names;
  for (const CommandFlag& row : kFlags) {
    if (row.name == flag) names.push_back(row_of(row.command).name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace ship
