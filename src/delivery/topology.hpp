#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/fan_out.hpp"
#include "delivery/sink_change.hpp"
#include "delivery/sink_runner.hpp"
#include "settings/settings.hpp"
#include "sinks/sink_environment.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// All topology of a run: those of the present settings, and those of sinks that were removed and
/// still drain. What an runner that is gone has counted stays in the books, under its sink's name.
/// Guarded by its owner's lock, except what says otherwise.
class Topology {
 public:
  /// The stages before every sink.
  struct Stages {
    FuturePlan pipeline;    ///< not valid: records go as they came
    FilterSettings chosen;  ///< what the intake does; a sink that wants more does it itself
  };

  /// `dead_letters` may be null. `on_change` is called, without any lock, when there may be
  /// something for `keep_time` or `take_leavers` to do.
  Topology(const SinkEnvironment& environment, DeadLetters* dead_letters, Stages stages,
           const std::function<void()>& on_change);

  /// What it takes to run by other settings: made beside what runs, and nothing of it works yet.
  struct Plan {
    struct Part {
      SinkSettings settings;
      SinkChange::What what = SinkChange::What::kept;
      std::unique_ptr<SinkRunner> added;
      Crew crew;  ///< for a new generation; nobody: the present one stays
      /// Set where the sink chooses otherwise than now; null in it: nothing any more.
      std::optional<std::unique_ptr<FilterChain>> filter_chain;
    };
    Settings settings;
    FilterSettings chosen;  ///< at the intake from then on
    std::vector<Part> parts;
  };
  /// Opens spools, makes sinks. A sink that runs keeps its spool, whatever the settings say.
  /// Needs no lock, but only one thread may plan and carry out. Errors: config, io.
  Result<Plan> plan(const Settings& settings) const;
  /// Runs by the plan from now on; sinks that are in it no more are retired.
  /// `change_intake` is called when each record that it lets through then meets its sinks' own
  /// filters, and before those that it stands in for are gone.
  std::vector<SinkChange> carry_out(Plan plan, const std::function<void()>& change_intake = {});
  void start();

  /// Hands records to every present lane. Needs no lock; for readers.
  void submit(std::span<const Record> records) {
    input_tap_.offer(records);
    fan_out_.submit(records);
  }
  /// Who looks at what passes. Needs no lock.
  TapHub& taps() { return taps_; }
  std::vector<Lane*> lanes() const;

  /// No removed sink of one of these names has its spool open any more; those that do are stopped,
  /// so that what they hold is on disk for their successors.
  bool make_way_for(const Settings& settings);

  void begin_drain();
  std::chrono::milliseconds shortest_drain_timeout() const;
  /// Does what is due, and returns when it is to be called next. Closes the lanes that no record
  /// can reach any more; with `input_ended` none comes from the input.
  SteadyTime keep_time(bool input_ended);
  bool ended() const;
  /// Each one has ended or spent its budget.
  bool ended_or_out_of_time() const;
  /// No present sink will ever deliver anything again.
  bool all_lost() const;
  /// Nobody reads standard output any more: the sinks that write there are lost.
  void lose_standard_output();
  void stop();
  void abandon();

  /// Threads and topology that have come to their end, to be destroyed without the lock.
  struct Leavers {
    Workers workers;
    std::vector<std::unique_ptr<SinkRunner>> topology;
    std::vector<std::string> warnings;

    bool empty() const { return workers.empty() && topology.empty() && warnings.empty(); }
    void join();
  };
  Leavers take_leavers();
  /// Waits for all threads. Without the lock, after `ended`.
  void join();

  /// One for each sink that there is or was, those of the present settings first.
  std::vector<LaneSnapshot> snapshot() const;
  const std::string& preset() const { return settings_.preset; }

 private:
  SinkRunner* find(const std::string& name) const;
  /// Null where there is no such sink.
  Lane* lane_of(const std::string& name) const;
  Result<void> plan_filter_chain(Plan::Part& part, const FilterSettings& before,
                                 const FilterSettings& after) const;
  Result<Crew> make_crew(Lane& lane, const SinkSettings& sink,
                         const std::shared_ptr<const Settings>& all) const;
  static void warn_of_losses(const SinkRunner& runner, Leavers& leavers);
  void continue_departed(const SinkRunner& runner);
  bool is_reachable(const SinkRunner& runner, bool by_input) const;

  SinkEnvironment environment_;
  DeadLetters* dead_letters_;
  Stages stages_;
  const std::function<void()> on_change_;
  const std::string run_id_;
  mutable TapHub taps_;
  const TapPoint input_tap_ = taps_.input();
  bool started_ = false;
  Settings settings_;
  FanOut fan_out_;
  std::vector<std::unique_ptr<SinkRunner>> present_;  ///< in the order of the settings
  std::vector<std::unique_ptr<SinkRunner>> retired_;
  /// What lanes that are gone have counted, by their sink's name and their spool's directory.
  std::map<std::pair<std::string, std::string>, LaneSnapshot> departed_;
};

}  // namespace ship
