#include "assembly/ship_state.hpp"

#include <algorithm>
#include <random>

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a stopped thread may take to notice before it counts as stuck.
constexpr milliseconds kStopGrace{200};
/// How long a reload waits for the spool of a removed sink that comes back.
constexpr milliseconds kSpoolPatience{2000};

}  // namespace

Ship::State::State(Settings given, SinkEnvironment around)
    : settings(std::move(given)), environment(std::move(around)), started(now()) {}

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

/// Whether dead letters and the checkpoint are on disk in time.
bool Ship::State::close_records() {
  const bool closed = !dead_letters || dead_letters->close(now() + kStopGrace);
  return (!followed || followed->finish(now() + kStopGrace)) && closed;
}

}  // namespace ship
