#include "cli/run.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <unistd.h>

#include "assembly/ship.hpp"
#include "base/number_text.hpp"
#include "cli/interval_timer.hpp"
#include "cli/load_command_line.hpp"
#include "cli/progress.hpp"
#include "cli/reloader.hpp"
#include "cli/replay.hpp"
#include "cli/service_notifier.hpp"
#include "cli/signals.hpp"
#include "process/supervisor.hpp"
#include "sinks/terminal/stdout_sink.hpp"
#include "stats/admin/admin_server.hpp"
#include "stats/input_voice.hpp"
#include "stats/summary.hpp"
#include "stats/voice.hpp"

namespace ship {
namespace {

constexpr int kLastWordsMs = 100;
// How long to wait for a reload that hangs.
constexpr std::chrono::milliseconds kReloadPatience{200};
// A loss is reported within a second.
constexpr std::chrono::milliseconds kVoiceInterval{500};
// How long processes that the command leaves behind may still write.
constexpr std::chrono::milliseconds kLinger{1000};

/// One run, from start to exit code: waits for signals, the timer, the command and the end, and
/// does nothing in between.
class Run {
 public:
  /// Where the lines come from, as far as the ending depends on it. `replay`: what is left stays
  /// where it was, so there is no need to drain. `pipe`: Ctrl-C also reaches the writer.
  enum class Kind : std::uint8_t { command, pipe, files, replay };

  /// `supervisor` is null if there is no command, `reloader` if nothing can be reloaded.
  Run(std::unique_ptr<Ship> ship, std::unique_ptr<Supervisor> supervisor,
      std::unique_ptr<Reloader> reloader, const StatsSettings& stats, Signals signals, Fd timer,
      std::unique_ptr<AdminServer> server, ServiceNotifier service, Progress& progress,
      Diagnostics& diagnostics, Kind kind)
      : ship_(std::move(ship)),
        supervisor_(std::move(supervisor)),
        reloader_(std::move(reloader)),
        server_(std::move(server)),
        service_(std::move(service)),
        stats_(stats),
        signals_(std::move(signals)),
        timer_(std::move(timer)),
        voice_(kind == Kind::command),
        progress_(progress),
        diagnostics_(diagnostics),
        kind_(kind) {}

  ExitCode execute() {
    ship_->start();
    // From now on every connection is read.
    say(input_voice_.hear(ship_->snapshot()));
    next_hearing_ = system_clock().steady() + kVoiceInterval;
    if (server_) server_->start();
    service_.ready();
    while (!ended_) wait_for_event();
    return finish();
  }

 private:
  void wait_for_event() {
    const bool stalled = diagnostics_.has_pending();
    std::array<pollfd, 8> events = {
        {{signals_.fd(), POLLIN, 0},
         {command_runs() ? -1 : ship_->done_fd(), POLLIN, 0},
         {timer_.get(), POLLIN, 0},
         {stalled ? diagnostics_.writable_fd() : diagnostics_.pending_fd(),
          static_cast<short>(stalled ? POLLOUT : POLLIN), 0},
         {progress_.fd(), POLLIN, 0},
         {reloader_ ? reloader_->done_fd() : -1, POLLIN, 0},
         {watched_output_, 0, 0},
         {service_.watchdog_fd(), POLLIN, 0}}};
    const int ready = ::poll(events.data(), events.size(), milliseconds_left());
    if (supervisor_) supervisor_->on_deadline();
    listen();
    if (ready <= 0) return;
    if (events[0].revents != 0) take_signals();
    if (events[1].revents != 0) ended_ = true;
    if (events[2].revents != 0) take_timer();
    if (events[3].revents != 0) diagnostics_.flush();
    if (events[4].revents != 0) progress_.tick(*ship_);
    if (events[5].revents != 0) take_reload();
    if (events[6].revents != 0) lose_output();
    if (events[7].revents != 0) tell_that_it_lives();
  }

  void take_signals() {
    while (const std::optional<Signal> signal = signals_.next()) {
      switch (signal->event) {
        case SignalEvent::statistics:
          print_statistics();
          break;
        case SignalEvent::reopen:
          reload();
          if (supervisor_) supervisor_->on_signal(signal->number);
          break;
        case SignalEvent::terminate:
          terminate(signal->number);
          break;
        case SignalEvent::child:
          take_child_signal();
          break;
        case SignalEvent::other:
          if (supervisor_) supervisor_->on_signal(signal->number);
          if (signal->number == SIGWINCH) progress_.tick(*ship_);
          break;
      }
    }
  }

  void reload() {
    diagnostics_.log(LogLevel::info, reloader_ ? "reopening files, reloading the configuration"
                                               : "reopening files");
    ship_->reopen();
    service_.reloading();
    if (reloader_) {
      reloader_->request();
    } else {
      service_.ready();
    }
  }

  void tell_that_it_lives() {
    // Takes the lock of each lane: if one is stuck, so is this, and systemd hears nothing.
    static_cast<void>(ship_->snapshot());
    service_.alive();
  }

  void lose_output() {
    watched_output_ = -1;
    ship_->lose_standard_output();
  }

  void take_reload() {
    const std::optional<StatsSettings> stats = reloader_->take_stats();
    service_.ready();
    if (!stats) return;
    if (stats->interval != stats_.interval) {
      Result<Fd> timer = open_interval_timer(stats->interval);
      if (timer) timer_ = std::move(timer).value();
    }
    stats_ = *stats;
  }

  bool command_runs() const { return supervisor_ && !supervisor_->ended(); }

  /// For poll(2).
  int milliseconds_left() const {
    const auto deadline = supervisor_ ? supervisor_->deadline() : std::nullopt;
    const SteadyTime next = std::min(deadline.value_or(SteadyTime::max()), next_hearing_);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - system_clock().steady());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
  }

  void take_child_signal() {
    if (!supervisor_) return;
    const bool ran = command_runs();
    supervisor_->on_child_signal();
    if (ran && supervisor_->ended()) {
      draining_ = true;
      if (supervisor_->exit_code() == 128 + SIGINT) asked_ = true;  // by Ctrl-C at a terminal
      announce_from_ = system_clock().steady() + kVoiceInterval;
      ship_->begin_drain(kLinger);
    }
  }

  /// A command ends on its own, and then the run ends; before that, every request goes to it.
  void terminate(int number) {
    if (command_runs()) {
      asked_ = true;
      supervisor_->on_signal(number);
      return;
    }
    if (kind_ == Kind::command) return terminate_drain(number);
    if (draining_ || kind_ == Kind::replay) {
      ended_ = true;
      return;
    }
    draining_ = true;
    service_.stopping();
    if (kind_ == Kind::pipe && number == SIGINT) {
      diagnostics_.log(LogLevel::info,
                       "reading the writer's last lines, then delivering what is left; a second "
                       "signal ends at once");
      ship_->read_to_end();
      return;
    }
    announce_drain();
    ship_->begin_drain();
  }

  void announce_drain() {
    announced_ = true;
    diagnostics_.log(LogLevel::info, "delivering what is left; a second signal ends at once");
  }

  /// The command has ended, its last output is being delivered. A Ctrl-C that was meant for the
  /// command never cuts that short: it counts only once the person has been told what it does now.
  void terminate_drain(int number) {
    if (announced_ || (asked_ && number == SIGTERM)) {
      ended_ = true;
    } else {
      announce_drain();
    }
  }

  /// Reports what is new, if it is time to.
  void listen() {
    const SteadyTime now = system_clock().steady();
    if (now < next_hearing_) return;
    next_hearing_ = now + kVoiceInterval;
    if (asked_ && !announced_ && now >= announce_from_) announce_drain();
    hear();
  }

  void hear() {
    const StatsSnapshot snapshot = ship_->snapshot();
    say(input_voice_.hear(snapshot));
    say(voice_.hear(snapshot));
  }

  void say(const std::vector<Voice::Line>& lines) {
    for (const Voice::Line& line : lines) diagnostics_.log(line.level, line.text, line.facts);
  }

  void sum_up(const Ship::Ending& ending) {
    if (kind_ != Kind::replay) return say(Voice::sum_up(ship_->snapshot()));
    if (ending.undelivered == 0) return;
    diagnostics_.log(LogLevel::error, counted(ending.undelivered, "line") +
                                          " could not be delivered and stay where they were");
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
    service_.stopping();
    const Ship::Ending ending = ship_->finish();
    progress_.finish();
    // Like any filter before `| head`: the reader has what it wanted, and nobody wants to hear
    // more.
    if (!ending.output_lost) sum_up(ending);
    if (stats_.at_exit) print_statistics();
    ExitCode code = ExitCode::ok;
    if (ending.undelivered > 0 || ending.lost) code = ExitCode::undelivered;
    if (ending.input_failed || ending.output_lost) code = ExitCode::io;
    if (supervisor_) code = static_cast<ExitCode>(supervisor_->exit_code());
    if (ending.stuck || (reloader_ && !reloader_->finish(kReloadPatience))) {
      // A thread hangs in the kernel: nothing that waits for it may run.
      diagnostics_.finish(kLastWordsMs);
      ::_exit(static_cast<int>(code));
    }
    return code;
  }

  std::unique_ptr<Ship> ship_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<Reloader> reloader_;   ///< destroyed before the ship, which it uses
  std::unique_ptr<AdminServer> server_;  ///< the same
  ServiceNotifier service_;
  StatsSettings stats_;
  Signals signals_;
  Fd timer_;
  Voice voice_;
  InputVoice input_voice_;
  SteadyTime next_hearing_{};
  Progress& progress_;
  Diagnostics& diagnostics_;
  int watched_output_ = StdoutSink::can_lose_its_reader(STDOUT_FILENO) ? STDOUT_FILENO : -1;
  const Kind kind_;
  bool draining_ = false;
  bool asked_ = false;                            ///< the command was asked to end
  bool announced_ = false;                        ///< it was said that the next signal ends at once
  SteadyTime announce_from_ = SteadyTime::max();  ///< a drain that lasts until then is announced
  bool ended_ = false;
};

}  // namespace

Result<ExitCode> run_ship(const CommandLine& line, const InheritedSignals& inherited,
                          Diagnostics& diagnostics) {
  LoadOutcome outcome = load_and_report(line, diagnostics);
  if (!outcome.settings) return Error{ErrorKind::config, ""};
  Settings settings = *std::move(outcome.settings);
  const bool replaying = line.command == Command::replay;
  if (replaying) {
    auto prepared = prepare_replay(settings, line.arguments);
    if (!prepared) return std::move(prepared).error();
  }
  const StatsSettings stats = settings.stats;
  const ServerSettings server_settings = settings.server;
  settings.child.command = line.child;
  const ChildSettings child = settings.child;
  const bool has_child = !child.command.empty();
  const Run::Kind kind = replaying                                ? Run::Kind::replay
                         : has_child                              ? Run::Kind::command
                         : is_standard_pipe(settings.input.paths) ? Run::Kind::pipe
                                                                  : Run::Kind::files;
  for (const std::string& path : settings.input.paths) {
    if (!has_child || InputAddress::is_one(path)) continue;
    return Error{ErrorKind::usage, "there is a command after -- and an input (" + path +
                                       "): only one can be read; sockets to listen on may be "
                                       "given with a command"};
  }

  if (kind == Run::Kind::files && settings.input.paths.empty() && ::isatty(STDIN_FILENO) == 1) {
    diagnostics.log(LogLevel::info,
                    "reading lines from this terminal; Ctrl-D ends. Usually a program writes them: "
                    "APP | fapilog-ship [OPTIONS]; --help has the rest");
  }
  Result<Signals> signals =
      has_child ? Signals::open_all(stats.signal) : Signals::open(stats.signal, inherited);
  if (!signals) return std::move(signals).error();
  Result<Fd> timer = open_interval_timer(stats.interval);
  if (!timer) return std::move(timer).error();

  auto progress = Progress::open(Progress::when(outcome.effective.globals), settings, diagnostics);
  if (!progress) return std::move(progress).error();
  SinkEnvironment environment;
  environment.status_line = progress.value()->status_line();
  environment.log = [&diagnostics](LogLevel level, std::string message) {
    diagnostics.log(level, message);
  };
  ChildPipes pipes;
  std::vector<OpenInput> inputs;
  if (has_child) {
    Result<ChildPipes> opened = ChildPipes::open();
    if (!opened) return std::move(opened).error();
    pipes = std::move(opened).value();
    inputs.push_back({std::move(pipes.output_read), "standard output of " + child.command.front(),
                      Stream::standard_output});
    inputs.push_back({std::move(pipes.error_read), "standard error of " + child.command.front(),
                      Stream::standard_error});
  }
  Result<std::unique_ptr<Ship>> ship =
      Ship::build(std::move(settings), environment, std::move(inputs));
  if (!ship) return std::move(ship).error();

  std::unique_ptr<AdminServer> server;
  if (!server_settings.listen.empty()) {
    auto opened = AdminServer::open(
        server_settings,
        [running = ship.value().get(), &diagnostics] {
          StatsSnapshot snapshot = running->snapshot();
          snapshot.messages = diagnostics.last_messages();
          return snapshot;
        },
        system_clock(), environment.log,
        [running = ship.value().get()](const TapRequest& wanted) {
          return running->open_tap(wanted);
        });
    if (!opened) return std::move(opened).error();
    server = std::move(opened).value();
    diagnostics.log(LogLevel::info, "metrics and a live page at " + server->url());
  }

  std::unique_ptr<Supervisor> supervisor;
  if (has_child) {
    auto started = Supervisor::start(child, pipes, inherited, system_clock(), environment.log);
    if (!started) {
      diagnostics.log(LogLevel::error, started.error().message);
      return static_cast<ExitCode>(exit_code_of(started.error()));
    }
    supervisor = std::move(started).value();
  }
  std::unique_ptr<Reloader> reloader;
  if (!replaying) {
    auto made = Reloader::make(line, FixedSettings(outcome.effective), *ship.value(), diagnostics);
    if (!made) return std::move(made).error();
    reloader = std::move(made).value();
  }
  return Run(std::move(ship).value(), std::move(supervisor), std::move(reloader), stats,
             std::move(signals).value(), std::move(timer).value(), std::move(server),
             // A command after -- is the service, and may report for itself.
             has_child ? ServiceNotifier() : ServiceNotifier::from_environment(), *progress.value(),
             diagnostics, kind)
      .execute();
}

}  // namespace ship
