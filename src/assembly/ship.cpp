#include "assembly/ship.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include "assembly/dead_letter_file.hpp"
#include "assembly/followed_input.hpp"
#include "assembly/input_loop.hpp"
#include "assembly/open_tap.hpp"
#include "assembly/reader_options.hpp"
#include "assembly/stage_planner.hpp"
#include "base/event.hpp"
#include "base/parked_thread.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/replayer.hpp"
#include "delivery/topology.hpp"
#include "input/readers.hpp"
#include "stage/choose/replaceable_filter_chain.hpp"
#include "stage/choose/trace_position.hpp"

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a stopped thread may take to notice before it counts as stuck.
constexpr milliseconds kStopGrace{200};
/// How long a reload waits for the spool of a removed sink that comes back.
constexpr milliseconds kSpoolPatience{2000};

}  // namespace

struct Ship::State {
  State(Settings settings, SinkEnvironment environment);

  const Settings settings;  ///< as at the start; Topology tracks what a reload changes
  const SinkEnvironment environment;
  const SteadyTime started;
  RecordNumbers numbers;
  std::unique_ptr<DeadLetters> dead_letters;  ///< null: none
  std::unique_ptr<FollowedInput> followed;    ///< null: no file is followed
  StagePlanner planner;
  Topology::Stages stages;
  std::optional<Topology> topology;
  std::vector<std::unique_ptr<ReplaceableFilterChain>> filter_chains;  ///< one for each reader
  std::unique_ptr<Readers> readers;  ///< or, to send dead letters again:
  std::unique_ptr<Replayer> replayer;
  const Event done;
  std::optional<ParkedThread> supervisor;

  mutable std::mutex mutex;  ///< also guards topology
  std::condition_variable changed;
  bool drain_begun = false;
  std::optional<SteadyTime> reading_until;  ///< when the readers will be told to end
  std::optional<SteadyTime> silent_from;    ///< set: the readers end after a while without input
  bool input_ended = false;
  bool input_failed = false;
  bool output_lost = false;
  bool clearing_up = false;  ///< a removed sink's spool may still be open

  SteadyTime now() const { return environment.clock->steady(); }
  void notify() {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  }
  Result<void> make_stages();
  Result<void> open_dead_letters();
  Result<void> open_topology();
  Result<void> open_input(std::vector<OpenInput> inputs);
  Result<void> open_readers(std::vector<OpenInput> inputs, const Reader::OnDone& on_done);
  void start_input() { replayer ? replayer->start() : readers->start(); }
  /// Takes what is already in the pipe, then no more.
  void drain_input() { replayer ? replayer->stop() : readers->begin_drain(); }
  void stop_input() { replayer ? replayer->stop() : readers->stop(); }
  std::vector<InputReport> input_reports() const;
  void input_has_ended(const Result<void>& result);

  void supervise();
  SteadyTime end_reading();
  SteadyTime end_silence();
  bool is_over();
  void begin_drain(milliseconds reading_on);
  Result<std::vector<SinkChange>> reload(const Settings& wanted);
  bool stop_all();
};

Ship::State::State(Settings given, SinkEnvironment around)
    : settings(std::move(given)), environment(std::move(around)), started(now()) {}

Result<std::unique_ptr<Ship>> Ship::build(Settings settings, SinkEnvironment environment,
                                          std::vector<OpenInput> inputs) {
  if (auto checked = check_for_loop(settings); !checked) return std::move(checked).error();
  environment.message_fields = settings.input.message_fields;
  auto state = std::make_unique<State>(std::move(settings), std::move(environment));
  if (!state->done) return Error{ErrorKind::io, "cannot create an eventfd"};
  auto supervisor = ParkedThread::make();
  if (!supervisor) return std::move(supervisor).error();
  state->supervisor = std::move(supervisor).value();
  if (auto made = state->make_stages(); !made) return std::move(made).error();
  if (auto opened = state->open_dead_letters(); !opened) return std::move(opened).error();
  if (auto opened = state->open_topology(); !opened) return std::move(opened).error();
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
  state_->planner.start();
  state_->topology->start();
  state_->supervisor->run([state = state_.get()] { state->supervise(); });
  state_->start_input();
}

int Ship::done_fd() const { return state_->done.fd(); }

void Ship::begin_drain(milliseconds reading_on) { state_->begin_drain(reading_on); }

void Ship::read_to_end() {
  const std::lock_guard lock(state_->mutex);
  state_->silent_from = state_->now();
  state_->changed.notify_all();
}

void Ship::reopen() {
  if (state_->dead_letters) state_->dead_letters->reopen();
  if (state_->readers) state_->readers->look_again();
  const std::lock_guard lock(state_->mutex);
  for (Lane* lane : state_->topology->lanes()) lane->request_reopen();
}

void Ship::lose_standard_output() {
  const std::lock_guard lock(state_->mutex);
  state_->topology->lose_standard_output();
  state_->changed.notify_all();
}

Result<std::vector<SinkChange>> Ship::reload(const Settings& wanted) {
  return state_->reload(wanted);
}

Result<void> Ship::State::make_stages() {
  if (auto prepared = planner.prepare(settings, environment); !prepared) return prepared;
  stages.pipeline = planner.plan();
  stages.chosen = settings.intake_filter();
  return {};
}

Result<void> Ship::State::open_dead_letters() {
  auto opened = ship::open_dead_letters(settings, environment, stages.pipeline);
  if (!opened) return std::move(opened).error();
  dead_letters = std::move(opened).value();
  return {};
}

Result<void> Ship::State::open_topology() {
  topology.emplace(environment, dead_letters.get(), stages, [this] { notify(); });
  auto opened = FollowedInput::open(settings, environment);
  if (!opened) return std::move(opened).error();
  followed = std::move(opened).value();
  if (followed) topology->set_settled_input(&followed->settled());
  auto plan = topology->plan(settings);
  if (!plan) return std::move(plan).error();
  topology->carry_out(std::move(plan).value());
  return {};
}

Result<void> Ship::State::open_input(std::vector<OpenInput> inputs) {
  const auto on_done = [this](Result<void> result) { input_has_ended(result); };
  if (settings.input.dead_letters.empty()) return open_readers(std::move(inputs), on_done);
  auto opened = Replayer::open(*environment.files, settings.input.dead_letters, settings.input,
                               topology->lanes(), on_done, *environment.clock);
  if (!opened) return std::move(opened).error();
  replayer = std::move(opened).value();
  return {};
}

Result<void> Ship::State::open_readers(std::vector<OpenInput> inputs,
                                       const Reader::OnDone& on_done) {
  Readers::Options options = reader_options(settings, inputs, numbers);
  if (followed) options.follow = followed->options(settings, [this] { topology->submit({}); });
  for (std::size_t i = Readers::filters_needed(settings.input, inputs.size()); i > 0; --i) {
    auto filter_chain = FilterChain::make(stages.chosen, *environment.clock, random_seed());
    if (!filter_chain) return std::move(filter_chain).error();
    filter_chains.push_back(std::make_unique<ReplaceableFilterChain>());
    if (!filter_chain.value()->empty())
      filter_chains.back()->replace(std::move(filter_chain).value());
    options.filters.push_back(filter_chains.back().get());
  }
  auto opened = Readers::open(
      options, std::move(inputs),
      [this](std::span<const Record> records) { topology->submit(records); },
      [this](std::string_view line, std::string_view reason, const RecordId& id) {
        if (dead_letters) dead_letters->post(line, reason, id);
      },
      on_done, *environment.clock);
  if (!opened) return std::move(opened).error();
  readers = std::move(opened).value();
  return {};
}

std::vector<InputReport> Ship::State::input_reports() const {
  if (!replayer) return readers->reports();
  return {{"dead letters", "file", replayer->counts(), {}, 0, 0, 0, {}}};
}

void Ship::State::input_has_ended(const Result<void>& result) {
  if (!result) environment.log(LogLevel::error, result.error().message);
  const std::lock_guard lock(mutex);
  input_ended = true;
  input_failed = !result.ok();
  drain_begun = true;
  changed.notify_all();
}

void Ship::State::begin_drain(milliseconds reading_on) {
  const std::lock_guard lock(mutex);
  reading_on = std::min(reading_on, topology->shortest_drain_timeout() / 2);
  const SteadyTime until = now() + reading_on;
  if (!reading_until || until < *reading_until) reading_until = until;
  if (reading_on.count() == 0) drain_input();
  drain_begun = true;
  changed.notify_all();
}

/// Enforces all deadlines, from the start to the end of the drain.
void Ship::State::supervise() {
  std::unique_lock lock(mutex);
  while (true) {
    if (drain_begun) topology->begin_drain();
    const SteadyTime reading = std::min(end_reading(), end_silence());
    const SteadyTime next = std::min(reading, topology->keep_time(input_ended));
    if (is_over()) break;
    Topology::Leavers leavers = topology->take_leavers();
    if (!leavers.empty()) {
      clearing_up = true;
      lock.unlock();
      for (const std::string& text : leavers.warnings) environment.log(LogLevel::warning, text);
      leavers.join();
      leavers = {};
      lock.lock();
      clearing_up = false;
      changed.notify_all();
    } else if (next == SteadyTime::max()) {
      changed.wait(lock);
    } else {
      changed.wait_until(lock, next);
    }
  }
  done.set();
}

/// Tells the readers to end when it is time; returns when to ask again.
SteadyTime Ship::State::end_reading() {
  if (input_ended || !reading_until) return SteadyTime::max();
  if (now() < *reading_until) return *reading_until;
  drain_input();
  reading_until.reset();
  return SteadyTime::max();
}

/// Stops reading from a writer that has gone silent; returns when to ask again. A reader blocked by
/// a full queue reads nothing either, so it ends too.
SteadyTime Ship::State::end_silence() {
  if (input_ended || drain_begun || !silent_from || !readers) return SteadyTime::max();
  const SteadyTime end =
      std::max(*silent_from, readers->last_read()) + topology->shortest_drain_timeout();
  if (now() < end) return end;
  silent_from.reset();
  drain_input();
  drain_begun = true;
  topology->begin_drain();
  return SteadyTime::max();
}

bool Ship::State::is_over() {
  // A command lives on even if nobody reads its output, as it would under any other init.
  output_lost = settings.child.command.empty() && topology->all_lost();
  return output_lost || (drain_begun && topology->ended_or_out_of_time());
}

Result<std::vector<SinkChange>> Ship::State::reload(const Settings& wanted) {
  const Error ending{ErrorKind::transient, "the run is ending"};
  Settings next = settings;
  next.preset = wanted.preset;
  next.filter = wanted.filter;
  next.labels = wanted.labels;
  next.sinks = wanted.sinks;
  if (auto checked = check_for_loop(next); !checked) return std::move(checked).error();
  {
    std::unique_lock lock(mutex);
    const bool free = changed.wait_until(lock, now() + kSpoolPatience, [&] {
      return drain_begun || (topology->make_way_for(next) && !clearing_up);
    });
    if (drain_begun) return ending;
    if (!free) {
      return Error{ErrorKind::transient,
                   "a sink that was removed hangs, and its spool is needed: try again later"};
    }
  }
  if (followed) followed->change(next);
  auto plan = topology->plan(next);
  if (!plan) return std::move(plan).error();
  const FilterSettings chosen = plan.value().chosen;
  std::vector<std::unique_ptr<FilterChain>> intake;
  while (chosen != stages.chosen && intake.size() < filter_chains.size()) {
    auto filter_chain = FilterChain::make(chosen, *environment.clock, random_seed());
    if (!filter_chain) return std::move(filter_chain).error();
    intake.push_back(std::move(filter_chain).value());
  }
  const std::lock_guard lock(mutex);
  if (drain_begun) return ending;
  auto changes = topology->carry_out(std::move(plan).value(), [&] {
    for (std::size_t i = 0; i < intake.size(); ++i) filter_chains[i]->replace(std::move(intake[i]));
  });
  stages.chosen = chosen;
  changed.notify_all();
  return changes;
}

StatsSnapshot Ship::snapshot() const {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = std::chrono::duration<double>(state_->now() - state_->started).count();
  snapshot.inputs = state_->input_reports();
  for (const InputReport& input : snapshot.inputs) snapshot.input += input.counts;
  if (state_->readers) snapshot.loop_seconds = state_->readers->loop_times();
  for (const auto& filter_chain : state_->filter_chains)
    merge_stages(snapshot.stages, filter_chain->counts());
  const std::lock_guard lock(state_->mutex);
  snapshot.preset = state_->topology->preset();
  snapshot.sinks = state_->topology->snapshot();
  return snapshot;
}

Result<std::unique_ptr<WebStream>> Ship::open_tap(const TapRequest& wanted) {
  std::vector<std::string> names;
  {
    const std::lock_guard lock(state_->mutex);
    for (const Lane* lane : state_->topology->lanes()) names.push_back(lane->name());
  }
  return ship::open_tap(state_->topology->taps(), wanted, names, state_->planner.plan(),
                        *state_->environment.clock);
}

InputProgress Ship::progress() const {
  return state_->readers ? state_->readers->progress() : InputProgress{};
}

/// Whether input and topology ended in time.
bool Ship::State::stop_all() {
  planner.hurry();
  stop_input();
  begin_drain({});
  std::unique_lock lock(mutex);
  topology->stop();
  const bool ended = changed.wait_until(lock, now() + kStopGrace,
                                        [&] { return input_ended && topology->ended(); });
  topology->abandon();
  return ended;
}

Ship::Ending Ship::finish() {
  State& state = *state_;
  const bool ended = state.stop_all();
  Ending ending;
  for (const LaneSnapshot& sink : snapshot().sinks) {
    ending.undelivered += sink.counts.dropped[static_cast<std::size_t>(ship::Ending::shutdown)];
    ending.lost = ending.lost || (sink.fail_on_loss && sink.counts.dropped_total() > 0);
  }
  {
    const std::lock_guard lock(state.mutex);
    ending.input_failed = state.input_failed;
    ending.output_lost = state.output_lost;
  }
  ending.stuck = !ended;
  if (state.dead_letters && !state.dead_letters->close(state.now() + kStopGrace)) {
    ending.stuck = true;
  }
  if (state.followed && !state.followed->finish(state.now() + kStopGrace)) ending.stuck = true;
  if (!ended) return ending;
  state.supervisor->join();
  state.topology->join();
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
