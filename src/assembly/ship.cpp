#include <algorithm>

#include "assembly/ship_state.hpp"

namespace ship {

using std::chrono::milliseconds;

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

Result<void> Ship::check_named_inputs(const Settings& settings) {
  return settings.input.paths.empty() ? Result<void>{} : check_for_loop(settings);
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
  ending.stuck = !ended || !state.close_records();
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
