#include "cli/command_table.hpp"

#include <algorithm>

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
    {Command::health, "health", "", "ask a run whether it works; exit 0 or 1",
     R"(Asks /healthz of a run with --listen, for a HEALTHCHECK where there is no curl.
Without --url it asks the --listen address of the configuration, else
127.0.0.1:9464. Exit 0: it answers and works. Exit 1: it does not; standard
error says why.

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
  std::string names;
  for (const CommandFlag& row : kFlags) {
    if (row.name != flag) continue;
    names += (names.empty() ? "" : " and ") + std::string(row_of(row.command).name);
  }
  return names;
}

}  // namespace ship
