#include "cli/progress.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

#include "input/source.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

// What is over in the blink of an eye needs no bar.
constexpr milliseconds kFirst{300};
constexpr milliseconds kRedraw{100};
constexpr milliseconds kBetweenLines{10'000};
constexpr unsigned kLineColumns = 120;

std::string_view environment(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? std::string_view() : text;
}

bool writes_into_a_pipe(const Settings& settings) {
  struct stat status {};
  return settings.writes_to_standard_output() && ::fstat(STDOUT_FILENO, &status) == 0 &&
         S_ISFIFO(status.st_mode);
}

bool terminal_can_draw() {
  return ::isatty(STDERR_FILENO) == 1 && !environment("TERM").empty() &&
         environment("TERM") != "dumb";
}

bool wanted(const Settings& settings) {
  return may_show_bar() && settings.child.command.empty() && settings.input.dead_letters.empty() &&
         !settings.input.follow && are_regular_files(settings.input.paths) &&
         !writes_into_a_pipe(settings);
}

timespec to_timespec(milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000),
          static_cast<long>(time.count() % 1000 * 1'000'000)};
}

}  // namespace

bool may_show_bar() { return terminal_can_draw() && environment("CI").empty(); }

Progress::When Progress::when(const Values& globals) {
  const auto text = globals.find("progress");
  const std::string chosen =
      text == globals.end() ? "auto" : std::get<std::string>(text->second.value);
  if (chosen != "auto") return chosen == "always" ? When::always : When::never;
  const auto quiet = globals.find("quiet");
  const bool is_quiet = quiet != globals.end() && std::get<bool>(quiet->second.value);
  return is_quiet ? When::never : When::automatic;
}

Result<std::unique_ptr<Progress>> Progress::open(When when, const Settings& settings,
                                                 Diagnostics& diagnostics) {
  std::unique_ptr<Progress> made(new Progress(diagnostics));
  Progress& progress = *made;
  if (when == When::never || (when == When::automatic && !wanted(settings))) return made;
  if (terminal_can_draw()) progress.line_ = std::make_unique<StatusLine>(STDERR_FILENO);
  if (progress.line_ && !progress.line_->usable()) progress.line_.reset();
  if (!progress.line_ && when == When::automatic) return made;
  const itimerspec spec{to_timespec(progress.line_ ? kRedraw : kBetweenLines),
                        to_timespec(progress.line_ ? kFirst : kBetweenLines)};
  progress.timer_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!progress.timer_ || ::timerfd_settime(progress.timer_.get(), 0, &spec, nullptr) != 0) {
    return Error{ErrorKind::io, std::string("cannot start a timer: ") + std::strerror(errno)};
  }
  diagnostics.set_status_line(progress.line_.get());
  progress.meter_.add(std::chrono::steady_clock::now(), 0);
  return made;
}

void Progress::tick(const Ship& ship) {
  if (!timer_) return;
  std::uint64_t expirations = 0;
  static_cast<void>(!::read(timer_.get(), &expirations, sizeof expirations));
  ProgressFacts facts = progress_facts(ship.progress(), ship.snapshot());
  meter_.add(std::chrono::steady_clock::now(), facts.input.bytes);
  const double rate = meter_.rate();
  facts.bytes_per_second = static_cast<std::uint64_t>(rate);
  if (rate >= 1 && facts.input.size > 0) {
    const double left = static_cast<double>(facts.input.size - facts.input.bytes) / rate;
    // An ETA of more than four days means that nothing moves.
    if (left < 360'000) facts.left = std::chrono::seconds(static_cast<std::int64_t>(left + 0.5));
  }
  if (!line_) {
    diagnostics_.log(LogLevel::info, progress_text(facts, kLineColumns));
    return;
  }
  line_->show(progress_text(facts, line_->room()));
}

void Progress::finish() {
  timer_.reset();
  if (line_) line_->remove();
  diagnostics_.set_status_line(nullptr);
}

}  // namespace ship
