#include "ship.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

#include "base/fd.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/lane.hpp"
#include "delivery/replayer.hpp"
#include "delivery/spooler.hpp"
#include "delivery/worker.hpp"
#include "input/readers.hpp"
#include "sinks/stdout_format.hpp"
#include "stage/chooser.hpp"
#include "stage/trace_position.hpp"

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a thread may take to notice that it was stopped, before it counts as stuck.
constexpr milliseconds kStopGrace{200};
/// How long the spooler may take to save what the workers left.
constexpr milliseconds kSaveGrace{800};

std::string random_run_id() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 12; ++i) id += kHex[random() % 16];
  return id;
}

/// Null where the sink has no spool.
Result<std::unique_ptr<Spool>> open_spool(const SinkSettings& sink,
                                          const SinkEnvironment& environment) {
  if (sink.spool.dir.empty()) return std::unique_ptr<Spool>();
  SpoolOptions options;
  options.directory = spool_directory(sink.spool.dir, sink.name);
  options.max_bytes = sink.spool.max_bytes;
  options.mode = sink.spool.mode;
  options.drop = sink.queue.drop;
  auto opened = Spool::open(*environment.files, options);
  if (!opened) return std::move(opened).error();
  const SpoolReport& report = opened.value().report;
  for (const std::string& message : report.messages) {
    environment.log(LogLevel::warning, "sink " + sink.name + ": spool: " + message);
  }
  if (report.counts.records > 0) {
    environment.log(LogLevel::info, "sink " + sink.name + ": " +
                                        std::to_string(report.counts.records) +
                                        (report.counts.records == 1 ? " record" : " records") +
                                        " of an earlier run in the spool: these go first");
  }
  return std::move(opened.value().spool);
}

}  // namespace

struct Ship::State {
  Settings settings;
  SinkEnvironment environment;
  SteadyTime started{};
  std::vector<std::unique_ptr<Lane>> lanes;
  std::unique_ptr<DeadLetters> dead_letters;             ///< null: none
  std::map<Lane*, std::vector<Lane*>> fallback_sources;  ///< who diverts to a lane
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::unique_ptr<Spooler>> spoolers;
  std::vector<std::unique_ptr<Chooser>> choosers;  ///< one for each reader
  std::unique_ptr<Readers> readers;                ///< or, to send dead letters again:
  std::unique_ptr<Replayer> replayer;
  Fd done;
  std::thread drainer;

  std::mutex mutex;
  std::condition_variable changed;
  bool drain_begun = false;
  std::optional<SteadyTime> reading_until;  ///< when the readers are told to end
  bool input_ended = false;
  bool input_failed = false;

  SteadyTime now() const { return environment.clock->steady(); }
  void notify() {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  }
  void input_has_ended(const Result<void>& result);
  void begin_drain(milliseconds reading_on);
  void run_drain();
  void close_unneeded_fallbacks();
  Result<void> connect_fallbacks();
  Result<void> open_input(std::vector<OpenInput> inputs);
  void start_input();
  void drain_input();
  void stop_input();
  InputCounts input_counts() const;
  bool wait_input_ended(SteadyTime until);
  bool wait_lanes_ended(SteadyTime until);
};

Result<std::unique_ptr<Ship>> Ship::build(Settings settings, SinkEnvironment environment,
                                          std::vector<OpenInput> inputs) {
  auto state = std::make_unique<State>();
  state->settings = std::move(settings);
  state->environment = std::move(environment);
  state->started = state->now();
  state->done = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->done) return Error{ErrorKind::io, "cannot create an eventfd"};

  if (!state->settings.dead_letter.path.empty()) {
    DeadLettersOptions options;
    options.path = state->settings.dead_letter.path;
    auto opened = DeadLetters::open(*state->environment.files, *state->environment.clock, options,
                                    state->environment.log);
    if (!opened) return std::move(opened).error();
    state->dead_letters = std::move(opened).value();
  }

  const std::string run_id = random_run_id();
  for (const SinkSettings& sink : state->settings.sinks) {
    auto spool = open_spool(sink, state->environment);
    if (!spool) return std::move(spool).error().in("sink " + sink.name);
    auto lane =
        std::make_unique<Lane>(sink, *state->environment.clock, state->environment.log,
                               std::move(spool).value(), [raw = state.get()] { raw->notify(); });
    if (lane->spool()) state->spoolers.push_back(std::make_unique<Spooler>(*lane));
    for (std::uint32_t i = 0; i < sink.delivery.workers; ++i) {
      auto made = make_sink(sink, state->settings, state->environment);
      if (!made) return std::move(made).error();
      state->workers.push_back(std::make_unique<Worker>(*lane, std::move(made).value(),
                                                        *state->environment.clock, run_id,
                                                        state->dead_letters.get()));
    }
    state->lanes.push_back(std::move(lane));
  }

  if (auto connected = state->connect_fallbacks(); !connected) return std::move(connected).error();

  if (auto opened = state->open_input(std::move(inputs)); !opened) {
    return std::move(opened).error();
  }
  return std::unique_ptr<Ship>(new Ship(std::move(state)));
}

Ship::Ship(std::unique_ptr<State> state) : state_(std::move(state)) {}

Ship::~Ship() = default;

std::string Ship::spool_directory(const std::string& base, const std::string& sink) {
  return ship::spool_directory(base, sink);
}

void Ship::start() {
  state_->drainer = std::thread([state = state_.get()] { state->run_drain(); });
  for (auto& worker : state_->workers) worker->start();
  for (auto& spooler : state_->spoolers) spooler->start();
  state_->start_input();
}

int Ship::done_fd() const { return state_->done.get(); }

void Ship::begin_drain(milliseconds reading_on) { state_->begin_drain(reading_on); }

void Ship::reopen() {
  if (state_->dead_letters) state_->dead_letters->reopen();
  for (auto& lane : state_->lanes) lane->request_reopen();
}

void Ship::State::input_has_ended(const Result<void>& result) {
  if (!result) environment.log(LogLevel::error, result.error().message);
  for (auto& lane : lanes) {
    if (fallback_sources.count(lane.get()) == 0) lane->close();
  }
  const std::lock_guard lock(mutex);
  input_ended = true;
  input_failed = !result.ok();
  drain_begun = true;
  changed.notify_all();
}

void Ship::State::begin_drain(milliseconds reading_on) {
  const std::lock_guard lock(mutex);
  for (const auto& lane : lanes) {
    reading_on = std::min(reading_on, lane->settings().delivery.drain_timeout / 2);
  }
  const SteadyTime until = now() + reading_on;
  if (!reading_until || until < *reading_until) reading_until = until;
  if (reading_on.count() == 0) drain_input();
  drain_begun = true;
  changed.notify_all();
}

/// Gives each lane its budget, closes fallbacks once nobody can divert to them, and stops who
/// overdraws.
void Ship::State::run_drain() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return drain_begun; });
  const SteadyTime begun = now();
  const auto deadline = [&](const Lane& lane) {
    return begun + lane.settings().delivery.drain_timeout;
  };
  for (auto& lane : lanes) lane->begin_drain(deadline(*lane));
  while (true) {
    SteadyTime next = SteadyTime::max();
    if (!input_ended && reading_until) {
      if (now() >= *reading_until) {
        drain_input();
        reading_until.reset();
      } else {
        next = *reading_until;
      }
    }
    bool all_ended = true;
    bool out_of_time = true;
    for (auto& lane : lanes) {
      if (lane->ended()) continue;
      all_ended = false;
      const SteadyTime current = now();
      SteadyTime until = deadline(*lane);
      if (current >= until) {
        lane->stop();
        until += lane->spool() ? kSaveGrace : kStopGrace;
      }
      if (current >= until) continue;
      out_of_time = false;
      next = std::min(next, until);
    }
    if (all_ended || out_of_time) break;
    close_unneeded_fallbacks();
    changed.wait_until(lock, next);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(done.get(), &one, sizeof one);
}

/// A fallback may end once no record can reach it: from the input or from a lane that diverts to
/// it.
void Ship::State::close_unneeded_fallbacks() {
  if (!input_ended) return;
  for (auto& [target, sources] : fallback_sources) {
    const bool unneeded = std::all_of(sources.begin(), sources.end(),
                                      [](const Lane* source) { return source->ended(); });
    if (unneeded) target->close();
  }
}

bool Ship::State::wait_input_ended(SteadyTime until) {
  std::unique_lock lock(mutex);
  return changed.wait_until(lock, until, [&] { return input_ended; });
}

bool Ship::State::wait_lanes_ended(SteadyTime until) {
  std::unique_lock lock(mutex);
  return changed.wait_until(lock, until, [&] {
    return std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane->ended(); });
  });
}

Result<void> Ship::State::open_input(std::vector<OpenInput> inputs) {
  const auto on_done = [this](Result<void> result) { input_has_ended(result); };
  if (!settings.input.dead_letters.empty()) {
    std::vector<Lane*> targets;
    for (auto& lane : lanes) targets.push_back(lane.get());
    auto opened = Replayer::open(*environment.files, settings.input.dead_letters, settings.input,
                                 targets, on_done, *environment.clock);
    if (!opened) return std::move(opened).error();
    replayer = std::move(opened).value();
    return {};
  }
  Readers::Options options{settings.input,
                           {},
                           keeps_colors(settings.sinks),
                           !inputs.empty() && sees_prompts(settings.sinks)};
  for (std::size_t i = 0; i < std::max<std::size_t>(inputs.size(), 1); ++i) {
    auto chooser = Chooser::make(settings.filter, *environment.clock, random_seed());
    if (!chooser) return std::move(chooser).error();
    if (!chooser.value()->empty()) options.filters.push_back(chooser.value().get());
    choosers.push_back(std::move(chooser).value());
  }
  auto opened = Readers::open(
      options, std::move(inputs),
      [this](std::span<const Record> records) {
        for (auto& lane : lanes) lane->submit(records);
      },
      [this](std::string_view line, std::string_view reason) {
        if (dead_letters) dead_letters->post(line, reason);
      },
      on_done, *environment.clock);
  if (!opened) return std::move(opened).error();
  readers = std::move(opened).value();
  return {};
}

void Ship::State::start_input() { replayer ? replayer->start() : readers->start(); }

/// Takes what is already in the pipe, then no more.
void Ship::State::drain_input() { replayer ? replayer->stop() : readers->begin_drain(); }

void Ship::State::stop_input() { replayer ? replayer->stop() : readers->stop(); }

InputCounts Ship::State::input_counts() const {
  return replayer ? replayer->counts() : readers->counts();
}

/// Connects lanes to their fallbacks. Errors: config, for an unknown name or a circle.
Result<void> Ship::State::connect_fallbacks() {
  const auto find = [&](const std::string& name) -> Lane* {
    for (auto& lane : lanes) {
      if (lane->name() == name) return lane.get();
    }
    return nullptr;
  };
  for (auto& lane : lanes) {
    const std::string& name = lane->settings().fallback;
    if (name.empty()) continue;
    Lane* target = find(name);
    if (!target) {
      return Error{ErrorKind::config, "sink " + lane->name() + ": fallback \"" + name +
                                          "\" is no sink of this configuration"};
    }
    std::string way = lane->name();
    for (Lane* step = target; step; step = find(step->settings().fallback)) {
      way += " -> " + step->name();
      if (step == lane.get()) {
        return Error{ErrorKind::config, "fallbacks form a circle: " + way};
      }
      if (step->settings().fallback == step->name()) break;
    }
    lane->set_fallback(*target);
    fallback_sources[target].push_back(lane.get());
  }
  return {};
}

StatsSnapshot Ship::snapshot() const {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = std::chrono::duration<double>(state_->now() - state_->started).count();
  snapshot.preset = state_->settings.preset;
  snapshot.input = state_->input_counts();
  for (const auto& chooser : state_->choosers) merge_stages(snapshot.stages, chooser->counts());
  for (const auto& lane : state_->lanes) snapshot.sinks.push_back(lane->snapshot());
  return snapshot;
}

InputProgress Ship::progress() const {
  return state_->readers ? state_->readers->progress() : InputProgress{};
}

Ship::Ending Ship::finish() {
  State& state = *state_;
  state.stop_input();
  state.begin_drain({});
  for (auto& lane : state.lanes) lane->stop();
  const SteadyTime deadline = state.now() + kStopGrace;
  bool ended = state.wait_input_ended(deadline);
  ended = state.wait_lanes_ended(deadline) && ended;

  Ending ending;
  for (auto& lane : state.lanes) {
    lane->abandon();
    ending.undelivered +=
        lane->snapshot().counts.dropped[static_cast<std::size_t>(DropReason::shutdown)];
  }
  {
    const std::lock_guard lock(state.mutex);
    ending.input_failed = state.input_failed;
  }
  ending.stuck = !ended;
  if (state.dead_letters && !state.dead_letters->close(state.now() + kStopGrace)) {
    ending.stuck = true;
  }
  if (!ended) return ending;
  for (auto& worker : state.workers) worker->join();
  for (auto& spooler : state.spoolers) spooler->join();
  state.drainer.join();
  if (state.readers) state.readers->join();
  if (!state.replayer) return ending;
  state.replayer->join();
  if (ending.undelivered > 0) return ending;
  if (auto finished = state.replayer->finish(); !finished) {
    state.environment.log(LogLevel::error, finished.error().message);
    ending.input_failed = true;
  }
  return ending;
}

}  // namespace ship
