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

/// All sink runners of a run: those of the present settings, and those of removed sinks that still
/// drain. The counts of a runner that is gone stay, under its sink's name. Guarded by its owner's
/// lock, except where noted.
class Topology {
 public:
  /// The stages before every sink.
  struct Stages {
    FuturePlan pipeline;    ///< not valid: records are sent as they came
    FilterSettings chosen;  ///< the intake's filters; a sink with more applies them itself
  };

  /// `dead_letters` may be null. `on_change` is called, without any lock, when `keep_time` or
  /// `take_leavers` may have something to do.
  Topology(const SinkEnvironment& environment, DeadLetters* dead_letters, Stages stages,
           const std::function<void()>& on_change);

  /// Who is told what the lanes have brought to an end; it outlives this object. Before `plan`.
  void set_settled_input(SettledInput* settled_input) { settled_input_ = settled_input; }

  /// What it takes to run by other settings: made beside what runs, and nothing of it works yet.
  struct Plan {
    struct Part {
      SinkSettings settings;
      SinkChange::What what = SinkChange::What::kept;
      std::unique_ptr<SinkRunner> added;
      Crew crew;  ///< for a new generation; empty: the present one stays
      /// Set if the sink's filters change; holds null if it no longer filters.
      std::optional<std::unique_ptr<FilterChain>> filter_chain;
    };
    Settings settings;
    FilterSettings chosen;  ///< the intake's filters from then on
    std::vector<Part> parts;
  };
  /// Opens spools, makes sinks. A running sink keeps its spool, whatever the settings say.
  /// Needs no lock, but only one thread may plan and carry out. Errors: config, io.
  Result<Plan> plan(const Settings& settings) const;
  /// Switches to the plan; sinks that are no longer in it are retired.
  /// Calls `change_intake` once every record that it lets through will meet its sinks' own filters,
  /// and before the filters that it replaces are gone.
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

  /// True if no removed sink with one of these names has its spool open any more; stops those that
  /// do, so that what they hold is on disk for their successors.
  bool make_way_for(const Settings& settings);

  /// Starts the drain budget of every sink. None holds the reader back beyond three quarters of
  /// the shortest budget of the others: these get what it brings while they can still deliver it.
  void begin_drain();
  std::chrono::milliseconds shortest_drain_timeout() const;
  /// Does what is due, and returns when to call it next. Closes the lanes that no record can reach
  /// any more; with `input_ended`, none comes from the input.
  SteadyTime keep_time(bool input_ended);
  bool ended() const;
  /// Whether each runner has ended or spent its budget.
  bool ended_or_out_of_time() const;
  /// Whether no present sink will ever deliver anything again.
  bool all_lost() const;
  /// Nobody reads standard output any more: marks the sinks that write there as lost.
  void lose_standard_output();
  void stop();
  void abandon();

  /// Threads and runners that have ended, to be destroyed without the lock.
  struct Leavers {
    Workers workers;
    std::vector<std::unique_ptr<SinkRunner>> topology;
    std::vector<std::string> warnings;

    bool empty() const { return workers.empty() && topology.empty() && warnings.empty(); }
    void join();
  };
  Leavers take_leavers();
  /// Joins all threads. Call without the lock, once all have ended.
  void join();

  /// One for each present or former sink, those of the present settings first.
  std::vector<LaneSnapshot> snapshot() const;
  const std::string& preset() const { return settings_.preset; }

 private:
  SinkRunner* find(const std::string& name) const;
  /// Null if there is no such sink.
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
  SettledInput* settled_input_ = nullptr;
  mutable TapHub taps_;
  const TapPoint input_tap_ = taps_.input();
  bool started_ = false;
  Settings settings_;
  FanOut fan_out_;
  std::vector<std::unique_ptr<SinkRunner>> present_;  ///< in the order of the settings
  std::vector<std::unique_ptr<SinkRunner>> retired_;
  /// The counts of lanes that are gone, by their sink's name and their spool's directory.
  std::map<std::pair<std::string, std::string>, LaneSnapshot> departed_;
};

}  // namespace ship
