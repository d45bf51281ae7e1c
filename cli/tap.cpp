#include "cli/tap.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <unistd.h>

#include "base/number_text.hpp"
#include "cli/admin_client.hpp"
#include "cli/load_command_line.hpp"
#include "cli/tap_view.hpp"
#include "input/reading_options.hpp"
#include "sinks/terminal/stdout_format.hpp"

namespace ship {
namespace {

constexpr std::chrono::seconds kBetweenNotes{1};

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

std::string path_of(const TapOptions& options) {
  std::string path = "/tap";
  const auto add = [&path](const char* name, const std::string& value) {
    if (value.empty()) return;
    path += (path.find('?') == path.npos ? "?" : "&") + std::string(name) + "=" +
            percent_encoded(value);
  };
  add("stage", options.stage);
  add("sink", options.sink);
  add("where", options.where);
  return path;
}

const std::string* given(const Values& globals, const char* key) {
  const auto found = globals.find(key);
  return found == globals.end() ? nullptr : std::get_if<std::string>(&found->second.value);
}

bool is_flag_given(const CommandLine& line, std::string_view flag) {
  for (const GivenFlag& one : line.flags) {
    if (one.setting->flag == flag && one.text != "false") return true;
  }
  return false;
}

StdoutSinkSettings look_of(const CommandLine& line, const Values& globals) {
  StdoutSinkSettings look;
  const bool pretty = ::isatty(STDOUT_FILENO) == 1 || is_flag_given(line, "pretty");
  if (pretty) look.format = StdoutSinkSettings::Format::pretty;
  if (const std::string* color = given(globals, "color")) {
    look.color = *color == "always"  ? StdoutSinkSettings::Color::always
                 : *color == "never" ? StdoutSinkSettings::Color::never
                                     : StdoutSinkSettings::Color::automatic;
  }
  const std::string* time = given(globals, "time");
  if (time != nullptr && *time == "utc") look.time = StdoutSinkSettings::Time::utc;
  return look;
}

std::string what_is_shown(std::string_view what) {
  if (what == "out") return "records as sinks get them";
  if (what == "raw") return "records as they are submitted, before the redaction";
  return "records as they are submitted, redacted";
}

/// 0, or why it cannot be written.
int write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

/// Tells of what is not shown once a second at most, and at the end.
class LeftOutNotes {
 public:
  explicit LeftOutNotes(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
  void add(std::uint64_t count) {
    untold_ += count;
    const SteadyTime now = system_clock().steady();
    if (now - told_at_ < kBetweenNotes) return;
    told_at_ = now;
    tell();
  }
  void tell() {
    if (untold_ == 0) return;
    diagnostics_.log(LogLevel::warning, "… " + counted(untold_, "record") + " not shown");
    untold_ = 0;
  }

 private:
  Diagnostics& diagnostics_;
  std::uint64_t untold_ = 0;
  SteadyTime told_at_{};
};

}  // namespace

Result<ExitCode> run_tap(const CommandLine& line, Diagnostics& diagnostics) {
  const LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return Error{ErrorKind::config, ""};
  auto client = AdminClient::make(line.url, outcome.settings->server);
  if (!client) return std::move(client).error();
  const std::string& where = client.value().shown();

  SinkEnvironment environment;
  environment.message_fields = outcome.settings->input.message_fields;
  const StdoutSinkSettings look = look_of(line, outcome.effective.globals);
  LeftOutNotes notes(diagnostics);
  TapView::Options options;
  options.format = make_stdout_format(look, STDOUT_FILENO, environment);
  options.probe = probe_options(outcome.settings->input);
  options.notes_between = look.format == StdoutSinkSettings::Format::pretty;
  options.color = shows_colors(look, STDOUT_FILENO);
  options.at_most = line.tap.count;
  options.on_left_out = [&notes](std::uint64_t count) { notes.add(count); };
  const LogLevel level = ::isatty(STDERR_FILENO) == 1 ? LogLevel::info : LogLevel::debug;
  options.on_begin = [&, level](std::string_view what) {
    diagnostics.log(level, where + ": " + what_is_shown(what) + "; Ctrl-C ends");
  };
  TapView view(std::move(options));

  // Nothing is left behind that would have to be put in order.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(number, SIG_DFL);
  int error = 0;
  bool enough = false;
  std::string text;
  const auto ended = client.value().follow(path_of(line.tap), [&](std::string_view bytes) {
    text.clear();
    enough = !view.take(bytes, text);
    error = write_all(text);
    return error == 0 && !enough;
  });
  notes.tell();
  if (!ended) return ended.error();
  // As of every filter before `| head`: its reader has what it wanted.
  if (enough || error == EPIPE) return ExitCode::ok;
  if (error != 0) {
    return Error{ErrorKind::io,
                 std::string("cannot write to standard output: ") + std::strerror(error)};
  }
  if (!ended.value()) return Error{ErrorKind::io, where + " is gone: the connection broke"};
  diagnostics.log(LogLevel::info, where + " has ended");
  return ExitCode::ok;
}

}  // namespace ship
