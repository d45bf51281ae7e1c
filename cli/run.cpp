#include "cli/run.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cli/load_command_line.hpp"
#include "cli/signals.hpp"
#include "ship.hpp"
#include "stats/summary.hpp"

namespace ship {
namespace {

constexpr int kLastWordsMs = 100;

/// A descriptor that becomes readable every `interval`; none where it is 0.
Result<Fd> open_timer(std::chrono::milliseconds interval) {
  if (interval.count() == 0) return Fd();
  Fd fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  itimerspec spec{};
  spec.it_interval.tv_sec = static_cast<time_t>(interval.count() / 1000);
  spec.it_interval.tv_nsec = static_cast<long>(interval.count() % 1000 * 1'000'000);
  spec.it_value = spec.it_interval;
  if (!fd || ::timerfd_settime(fd.get(), 0, &spec, nullptr) != 0) {
    return Error{ErrorKind::io, std::string("cannot start a timer: ") + std::strerror(errno)};
  }
  return fd;
}

/// One run, from start to exit code: waits for signals, the timer and the end, and does nothing
/// between.
class Run {
 public:
  Run(std::unique_ptr<Ship> ship, const StatsSettings& stats, Signals signals, Fd timer,
      Diagnostics& diagnostics)
      : ship_(std::move(ship)),
        stats_(stats),
        signals_(std::move(signals)),
        timer_(std::move(timer)),
        diagnostics_(diagnostics) {}

  ExitCode execute() {
    ship_->start();
    while (!ended_) wait_for_event();
    return finish();
  }

 private:
  void wait_for_event() {
    const bool stalled = diagnostics_.has_pending();
    std::array<pollfd, 4> events = {
        {{signals_.fd(), POLLIN, 0},
         {ship_->done_fd(), POLLIN, 0},
         {timer_.get(), POLLIN, 0},
         {stalled ? diagnostics_.writable_fd() : diagnostics_.pending_fd(),
          static_cast<short>(stalled ? POLLOUT : POLLIN), 0}}};
    if (::poll(events.data(), events.size(), -1) < 0) return;
    if (events[0].revents != 0) take_signals();
    if (events[1].revents != 0) ended_ = true;
    if (events[2].revents != 0) take_timer();
    if (events[3].revents != 0) diagnostics_.flush();
  }

  void take_signals() {
    while (const std::optional<SignalEvent> event = signals_.next()) {
      switch (*event) {
        case SignalEvent::statistics:
          print_statistics();
          break;
        case SignalEvent::reopen:
          diagnostics_.log(LogLevel::info, "reopening files");
          ship_->reopen();
          break;
        case SignalEvent::terminate:
          terminate();
          break;
      }
    }
  }

  void terminate() {
    if (draining_) {
      ended_ = true;
      return;
    }
    draining_ = true;
    diagnostics_.log(LogLevel::info, "delivering what is left; a second signal ends at once");
    ship_->begin_drain();
  }

  void take_timer() {
    std::uint64_t expirations = 0;
    if (::read(timer_.get(), &expirations, sizeof expirations) > 0) print_statistics();
  }

  void print_statistics() {
    const StatsSnapshot snapshot = ship_->snapshot();
    diagnostics_.print(stats_.format == StatsSettings::Format::json ? summary_json(snapshot)
                                                                    : summary_text(snapshot));
  }

  ExitCode finish() {
    const Ship::Ending ending = ship_->finish();
    if (stats_.at_exit) print_statistics();
    ExitCode code = ExitCode::ok;
    if (ending.undelivered > 0) {
      code = ExitCode::undelivered;
      diagnostics_.log(LogLevel::error, std::to_string(ending.undelivered) +
                                            " records were not delivered before the end");
    }
    if (ending.input_failed) code = ExitCode::io;
    if (ending.stuck) {
      // A thread hangs in the kernel: nothing that waits for it may run.
      diagnostics_.finish(kLastWordsMs);
      ::_exit(static_cast<int>(code));
    }
    return code;
  }

  std::unique_ptr<Ship> ship_;
  StatsSettings stats_;
  Signals signals_;
  Fd timer_;
  Diagnostics& diagnostics_;
  bool draining_ = false;
  bool ended_ = false;
};

}  // namespace

Result<ExitCode> run_ship(const CommandLine& line, Diagnostics& diagnostics) {
  LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return Error{ErrorKind::config, ""};
  const StatsSettings stats = outcome.settings->stats;

  Result<Signals> signals = Signals::open(stats.signal);
  if (!signals) return std::move(signals).error();
  Result<Fd> timer = open_timer(stats.interval);
  if (!timer) return std::move(timer).error();

  SinkEnvironment environment;
  environment.log = [&diagnostics](LogLevel level, std::string message) {
    diagnostics.log(level, message);
  };
  Result<std::unique_ptr<Ship>> ship = Ship::build(*std::move(outcome.settings), environment);
  if (!ship) return std::move(ship).error();
  return Run(std::move(ship).value(), stats, std::move(signals).value(), std::move(timer).value(),
             diagnostics)
      .execute();
}

}  // namespace ship
