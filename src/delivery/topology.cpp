#include "delivery/topology.hpp"

#include <algorithm>
#include <iterator>
#include <random>

#include "base/hex.hpp"
#include "delivery/sink_ways.hpp"
#include "stage/choose/trace_position.hpp"

namespace ship {

using What = SinkChange::What;

namespace {

std::string random_batch_run() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 12; ++i) id += kHexDigits[random() % 16];
  return id;
}

std::string records_text(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " record" : " records");
}

/// Null if the sink has no spool.
Result<std::unique_ptr<Spool>> open_spool(const SinkSettings& sink,
                                          const SinkEnvironment& environment) {
  if (!sink.spool.wanted()) return std::unique_ptr<Spool>();
  SpoolOptions options;
  options.directory = spool_directory(sink.spool.dir, sink.name);
  options.max_bytes = sink.spool.max_bytes;
  options.mode = sink.spool.mode;
  options.drop = sink.queue.drop;
  options.keeps_batches = sink.makes_objects();
  auto opened = Spool::open(*environment.files, options);
  if (!opened) return std::move(opened).error().in("sink " + sink.name);
  const SpoolReport& report = opened.value().report;
  for (const std::string& message : report.messages) {
    environment.log(LogLevel::warning, "sink " + sink.name + ": spool: " + message);
  }
  if (report.counts.records > 0) {
    environment.log(LogLevel::info, "sink " + sink.name + ": " +
                                        records_text(report.counts.records) +
                                        " of an earlier run are in the spool, and are delivered "
                                        "first");
  }
  return std::move(opened.value().spool);
}

/// What a sink must filter itself if the intake applies `chosen`.
FilterSettings left_to_sink(const FilterSettings& filter, const FilterSettings& chosen) {
  return filter == chosen ? FilterSettings() : filter;
}

}  // namespace

Topology::Topology(const SinkEnvironment& environment, DeadLetters* dead_letters, Stages stages,
                   const std::function<void()>& on_change)
    : environment_(environment),
      dead_letters_(dead_letters),
      stages_(std::move(stages)),
      on_change_(on_change),
      run_id_(random_batch_run()),
      fan_out_(on_change) {}

SinkRunner* Topology::find(const std::string& name) const {
  for (const auto& runner : present_) {
    if (runner->name() == name) return runner.get();
  }
  return nullptr;
}

Lane* Topology::lane_of(const std::string& name) const {
  SinkRunner* const runner = find(name);
  return runner ? &runner->lane() : nullptr;
}

Result<void> Topology::plan_filter_chain(Plan::Part& part, const FilterSettings& before,
                                         const FilterSettings& after) const {
  if (before == after) return {};
  auto filter_chain = FilterChain::make(after, *environment_.clock, random_seed());
  if (!filter_chain) return std::move(filter_chain).error().in("sinks." + part.settings.name);
  part.filter_chain = filter_chain.value()->empty() ? nullptr : std::move(filter_chain).value();
  return {};
}

Result<Crew> Topology::make_crew(Lane& lane, const SinkSettings& sink,
                                 const std::shared_ptr<const Settings>& all) const {
  Crew crew;
  crew.more = [this, &lane, sink, all]() -> Result<std::unique_ptr<Worker>> {
    auto thread = ParkedThread::make();
    if (!thread) return std::move(thread).error();
    SinkEnvironment environment = environment_;
    environment.take_losses = [&lane] { return lane.take_losses(); };
    auto made = all->make_sink(sink, environment);
    if (!made) return std::move(made).error();
    return std::make_unique<Worker>(lane, std::move(made).value(), *environment_.clock, run_id_,
                                    dead_letters_, std::move(thread).value());
  };
  while (crew.workers.size() < sink.delivery.first_workers()) {
    auto made = crew.more();
    if (!made) return std::move(made).error();
    crew.workers.push_back(std::move(made).value());
  }
  return crew;
}

Result<Topology::Plan> Topology::plan(const Settings& settings) const {
  if (auto checked = check_sink_ways(settings.sinks); !checked) return std::move(checked).error();
  Plan plan;
  plan.settings = settings;
  plan.chosen = settings.intake_filter();
  const auto all = std::make_shared<const Settings>(settings);
  for (SinkSettings sink : settings.sinks) {
    Plan::Part part;
    SinkRunner* runner = find(sink.name);
    FilterSettings own_filter;
    bool new_generation = true;
    if (runner) {
      const SinkSettings& before = runner->settings();
      sink.spool = before.spool;
      own_filter = left_to_sink(before.filter, stages_.chosen);
      const bool same = before.kind == sink.kind &&
                        (!sink.kind.type()->takes_labels || settings_.labels == settings.labels);
      part.what = same && before == sink ? What::kept : What::changed;
      new_generation = !same || before.fallback != sink.fallback ||
                       before.delivery.workers != sink.delivery.workers ||
                       before.delivery.max_in_flight != sink.delivery.max_in_flight;
    } else {
      auto spool = open_spool(sink, environment_);
      if (!spool) return std::move(spool).error();
      part.what = What::added;
      part.added = std::make_unique<SinkRunner>(sink, *environment_.clock, environment_.log,
                                                std::move(spool).value(), on_change_);
      if (auto ready = part.added->prepare(); !ready) return std::move(ready).error();
      runner = part.added.get();
      runner->lane().pipelines().set_plan(stages_.pipeline);
      runner->lane().set_settled_input(settled_input_);
      runner->lane().set_tap(taps_.sink(sink.name));
    }
    if (new_generation) {
      auto crew = make_crew(runner->lane(), sink, all);
      if (!crew) return std::move(crew).error();
      part.crew = std::move(crew).value();
    }
    part.settings = std::move(sink);
    const FilterSettings wanted = left_to_sink(part.settings.filter, plan.chosen);
    if (auto planned = plan_filter_chain(part, own_filter, wanted); !planned) {
      return std::move(planned).error();
    }
    plan.parts.push_back(std::move(part));
  }
  return plan;
}

std::vector<SinkChange> Topology::carry_out(Plan plan, const std::function<void()>& change_intake) {
  std::vector<SinkChange> changes;
  std::vector<std::unique_ptr<SinkRunner>> before = std::exchange(present_, {});
  for (Plan::Part& part : plan.parts) {
    changes.push_back({part.settings.name, part.what});
    if (part.added) {
      present_.push_back(std::move(part.added));
      continue;
    }
    const auto found = std::find_if(before.begin(), before.end(), [&part](const auto& runner) {
      return runner->name() == part.settings.name;
    });
    present_.push_back(std::move(*found));
    before.erase(found);
  }
  for (std::size_t i = 0; i < present_.size(); ++i) {
    Plan::Part& part = plan.parts[i];
    if (part.filter_chain && *part.filter_chain) {
      present_[i]->lane().set_filter_chain(*std::exchange(part.filter_chain, std::nullopt));
    }
    const LaneTargets targets(lane_of(part.settings.fallback),
                              lane_of(std::string(part.settings.kind.anchor())));
    if (part.what == What::added) {
      continue_departed(*present_[i]);
      present_[i]->start_workers(std::move(part.crew), targets);
      if (started_) present_[i]->start();
    } else if (!part.crew.workers.empty()) {
      present_[i]->replace_workers(part.settings, std::move(part.crew), targets);
    } else if (part.what == What::changed) {
      present_[i]->change(part.settings);
    }
  }
  fan_out_.replace(lanes());
  if (change_intake) change_intake();
  stages_.chosen = plan.chosen;
  for (std::size_t i = 0; i < present_.size(); ++i) {
    if (plan.parts[i].filter_chain) present_[i]->lane().set_filter_chain(nullptr);
  }
  for (auto& runner : before) {
    changes.push_back({runner->name(), What::removed});
    runner->retire();
    retired_.push_back(std::move(runner));
  }
  settings_ = std::move(plan.settings);
  return changes;
}

// A sink that comes back has its spool in its own ledger again.
void Topology::continue_departed(const SinkRunner& runner) {
  const auto former = departed_.find({runner.name(), runner.settings().spool.dir});
  if (former == departed_.end() || !runner.lane().spool()) return;
  const SpoolCounts found = runner.lane().spool()->counts();
  former->second.counts.hand_over_spool(found.records, found.protected_records);
}

void Topology::start() {
  started_ = true;
  for (auto& runner : present_) runner->start();
}

std::vector<Lane*> Topology::lanes() const {
  std::vector<Lane*> lanes;
  for (const auto& runner : present_) lanes.push_back(&runner->lane());
  return lanes;
}

bool Topology::make_way_for(const Settings& settings) {
  bool free = true;
  for (auto& runner : retired_) {
    const bool wanted =
        std::any_of(settings.sinks.begin(), settings.sinks.end(),
                    [&runner](const SinkSettings& sink) { return sink.name == runner->name(); });
    if (!wanted || !runner->lane().spool()) continue;
    runner->stop();
    free = false;
  }
  return free;
}

void Topology::begin_drain() {
  const SteadyTime now = environment_.clock->steady();
  for (auto& runner : present_) {
    SteadyTime hold_until = SteadyTime::max();
    for (const auto& other : present_) {
      if (other == runner) continue;
      hold_until = std::min(hold_until, now + other->settings().delivery.drain_timeout * 3 / 4);
    }
    runner->begin_drain(hold_until);
  }
}

std::chrono::milliseconds Topology::shortest_drain_timeout() const {
  auto shortest = std::chrono::milliseconds::max();
  for (const auto& runner : present_) {
    shortest = std::min(shortest, runner->settings().delivery.drain_timeout);
  }
  return shortest;
}

bool Topology::is_reachable(const SinkRunner& runner, bool by_input) const {
  if (by_input && fan_out_.uses(runner.lane())) return true;
  const auto diverts = [&runner](const auto& other) { return other->diverts_to(runner.lane()); };
  return std::any_of(present_.begin(), present_.end(), diverts) ||
         std::any_of(retired_.begin(), retired_.end(), diverts);
}

SteadyTime Topology::keep_time(bool input_ended) {
  SteadyTime next = SteadyTime::max();
  for (auto* topology : {&present_, &retired_}) {
    for (auto& runner : *topology) {
      next = std::min(next, runner->keep_time());
      if (!is_reachable(*runner, !input_ended)) runner->lane().close();
    }
  }
  return next;
}

bool Topology::ended() const {
  const auto has_ended = [](const auto& runner) { return runner->lane().ended(); };
  return std::all_of(present_.begin(), present_.end(), has_ended) &&
         std::all_of(retired_.begin(), retired_.end(), has_ended);
}

bool Topology::ended_or_out_of_time() const {
  const auto is_over = [](const auto& runner) {
    return runner->lane().ended() || runner->out_of_time();
  };
  return std::all_of(present_.begin(), present_.end(), is_over) &&
         std::all_of(retired_.begin(), retired_.end(), is_over);
}

bool Topology::all_lost() const {
  return !present_.empty() && std::all_of(present_.begin(), present_.end(), [](const auto& runner) {
    return runner->lane().is_lost();
  });
}

void Topology::lose_standard_output() {
  for (auto& runner : present_) {
    if (const SinkType* type = runner->settings().kind.type(); type && type->to_standard_output) {
      runner->lane().mark_lost();
    }
  }
}

void Topology::stop() {
  for (auto& runner : present_) runner->stop();
  for (auto& runner : retired_) runner->stop();
}

void Topology::abandon() {
  for (auto& runner : present_) runner->lane().abandon();
  for (auto& runner : retired_) runner->lane().abandon();
}

void Topology::warn_of_losses(const SinkRunner& runner, Leavers& leavers) {
  const LaneCounts counts = runner.lane().snapshot().counts;
  const std::uint64_t lost = counts.dropped[static_cast<std::size_t>(Ending::shutdown)];
  if (lost == 0) return;
  leavers.warnings.push_back("sink " + runner.name() + " was removed, and " + records_text(lost) +
                             " could not be delivered within its drain_timeout");
}

Topology::Leavers Topology::take_leavers() {
  Leavers leavers;
  for (auto* topology : {&present_, &retired_}) {
    for (auto& runner : *topology) {
      Workers ended = runner->take_ended();
      std::move(ended.begin(), ended.end(), std::back_inserter(leavers.workers));
    }
  }
  for (auto next = retired_.begin(); next != retired_.end();) {
    SinkRunner& runner = **next;
    const bool gone = runner.lane().ended() && !is_reachable(runner, true);
    if ((gone || runner.out_of_time()) && runner.lane().abandon()) warn_of_losses(runner, leavers);
    if (!gone) {
      ++next;
      continue;
    }
    LaneSnapshot last = runner.lane().snapshot();
    const auto [before, is_first] =
        departed_.try_emplace({runner.name(), runner.settings().spool.dir}, last);
    if (!is_first) {
      last.add_former(before->second);
      before->second = std::move(last);
    }
    leavers.topology.push_back(std::move(*next));
    next = retired_.erase(next);
  }
  return leavers;
}

void Topology::Leavers::join() {
  for (auto& worker : workers) worker->join();
  for (auto& runner : topology) runner->join();
}

void Topology::join() {
  for (auto& runner : present_) runner->join();
  for (auto& runner : retired_) runner->join();
}

std::vector<LaneSnapshot> Topology::snapshot() const {
  std::vector<LaneSnapshot> snapshots;
  const auto add = [&snapshots](const LaneSnapshot& snapshot) {
    for (LaneSnapshot& known : snapshots) {
      if (known.name == snapshot.name) return known.add_former(snapshot);
    }
    snapshots.push_back(snapshot);
  };
  for (const auto& runner : present_) add(runner->lane().snapshot());
  for (const auto& runner : retired_) add(runner->lane().snapshot());
  for (const auto& [key, snapshot] : departed_) add(snapshot);
  return snapshots;
}

}  // namespace ship
