#pragma once

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
#include "assembly/ship.hpp"
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

/// All that a running Ship is made of, and its one mutex.
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
  void begin_drain(std::chrono::milliseconds reading_on);
  Result<std::vector<SinkChange>> reload(const Settings& wanted);
  bool stop_all();
  bool close_records();
};

}  // namespace ship
