#include "delivery/outlets.hpp"

#include <algorithm>
#include <iterator>
#include <random>

#include "stage/choose/trace_position.hpp"

namespace ship {

using What = SinkChange::What;

namespace {

std::string random_run_id() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 12; ++i) id += kHex[random() % 16];
  return id;
}

std::string records_text(std::uint64_t n) {
  return std::to_string(n) + (n == 1 ? " record" : " records");
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
  if (!opened) return std::move(opened).error().in("sink " + sink.name);
  const SpoolReport& report = opened.value().report;
  for (const std::string& message : report.messages) {
    environment.log(LogLevel::warning, "sink " + sink.name + ": spool: " + message);
  }
  if (report.counts.records > 0) {
    environment.log(LogLevel::info, "sink " + sink.name + ": " +
                                        records_text(report.counts.records) +
                                        " of an earlier run in the spool: these go first");
  }
  return std::move(opened.value().spool);
}

/// What a sink has to choose by itself where the intake does `chosen`.
FilterSettings left_to_sink(const FilterSettings& filter, const FilterSettings& chosen) {
  return filter == chosen ? FilterSettings() : filter;
}

/// Errors: config, for an unknown name or a circle.
Result<void> check_fallbacks(const std::vector<SinkSettings>& sinks) {
  const auto find = [&sinks](const std::string& name) {
    return std::find_if(sinks.begin(), sinks.end(),
                        [&name](const SinkSettings& sink) { return sink.name == name; });
  };
  for (const SinkSettings& sink : sinks) {
    std::string way = sink.name;
    auto step = find(sink.name);
    for (std::size_t steps = 0; !step->fallback.empty() && steps < sinks.size(); ++steps) {
      const auto next = find(step->fallback);
      if (next == sinks.end()) {
        return Error{ErrorKind::config, "sink " + step->name + ": fallback \"" + step->fallback +
                                            "\" is no sink of this configuration"};
      }
      way += " -> " + next->name;
      if (next->name == sink.name) {
        return Error{ErrorKind::config, "fallbacks form a circle: " + way};
      }
      step = next;
    }
  }
  return {};
}

}  // namespace

Outlets::Outlets(const SinkEnvironment& environment, DeadLetters* dead_letters, Stages stages,
                 const std::function<void()>& on_change)
    : environment_(environment),
      dead_letters_(dead_letters),
      stages_(std::move(stages)),
      on_change_(on_change),
      run_id_(random_run_id()),
      roster_(on_change) {}

Outlet* Outlets::find(const std::string& name) const {
  for (const auto& outlet : present_) {
    if (outlet->name() == name) return outlet.get();
  }
  return nullptr;
}

Result<void> Outlets::plan_chooser(Plan::Part& part, const FilterSettings& before,
                                   const FilterSettings& after) const {
  if (before == after) return {};
  auto chooser = Chooser::make(after, *environment_.clock, random_seed());
  if (!chooser) return std::move(chooser).error().in("sinks." + part.settings.name);
  part.chooser = chooser.value()->empty() ? nullptr : std::move(chooser).value();
  return {};
}

Result<Workers> Outlets::make_workers(Lane& lane, const SinkSettings& sink,
                                      const Settings& all) const {
  Workers workers;
  for (std::uint32_t i = 0; i < sink.delivery.workers; ++i) {
    auto made = make_sink(sink, all, environment_);
    if (!made) return std::move(made).error();
    workers.push_back(std::make_unique<Worker>(lane, std::move(made).value(), *environment_.clock,
                                               run_id_, dead_letters_));
  }
  return workers;
}

Result<Outlets::Plan> Outlets::plan(const Settings& settings) const {
  if (auto checked = check_fallbacks(settings.sinks); !checked) return std::move(checked).error();
  Plan plan;
  plan.settings = settings;
  plan.chosen = intake_filter(settings);
  for (SinkSettings sink : settings.sinks) {
    Plan::Part part;
    Outlet* outlet = find(sink.name);
    FilterSettings own_filter;
    bool new_shift = true;
    if (outlet) {
      const SinkSettings& before = outlet->settings();
      sink.spool = before.spool;
      own_filter = left_to_sink(before.filter, stages_.chosen);
      const bool same = same_sink(before, settings_, sink, settings);
      part.what = same && before == sink ? What::kept : What::changed;
      new_shift = !same || before.fallback != sink.fallback ||
                  before.delivery.workers != sink.delivery.workers;
    } else {
      auto spool = open_spool(sink, environment_);
      if (!spool) return std::move(spool).error();
      part.what = What::added;
      part.added = std::make_unique<Outlet>(sink, *environment_.clock, environment_.log,
                                            std::move(spool).value(), on_change_);
      outlet = part.added.get();
      outlet->lane().set_pipeline(stages_.pipeline);
    }
    if (new_shift) {
      auto workers = make_workers(outlet->lane(), sink, settings);
      if (!workers) return std::move(workers).error();
      part.workers = std::move(workers).value();
    }
    part.settings = std::move(sink);
    const FilterSettings wanted = left_to_sink(part.settings.filter, plan.chosen);
    if (auto planned = plan_chooser(part, own_filter, wanted); !planned) {
      return std::move(planned).error();
    }
    plan.parts.push_back(std::move(part));
  }
  return plan;
}

std::vector<SinkChange> Outlets::carry_out(Plan plan, const std::function<void()>& change_intake) {
  std::vector<SinkChange> changes;
  std::vector<std::unique_ptr<Outlet>> before = std::exchange(present_, {});
  for (Plan::Part& part : plan.parts) {
    changes.push_back({part.settings.name, part.what});
    if (part.added) {
      present_.push_back(std::move(part.added));
      continue;
    }
    const auto found = std::find_if(before.begin(), before.end(), [&part](const auto& outlet) {
      return outlet->name() == part.settings.name;
    });
    present_.push_back(std::move(*found));
    before.erase(found);
  }
  for (std::size_t i = 0; i < present_.size(); ++i) {
    Plan::Part& part = plan.parts[i];
    if (part.chooser && *part.chooser) {
      present_[i]->lane().set_chooser(*std::exchange(part.chooser, std::nullopt));
    }
    Outlet* const target = find(part.settings.fallback);
    Lane* const fallback = target ? &target->lane() : nullptr;
    if (part.what == What::added) {
      present_[i]->employ(std::move(part.workers), fallback);
      if (started_) present_[i]->start();
    } else if (!part.workers.empty()) {
      present_[i]->relieve(part.settings, std::move(part.workers), fallback);
    } else if (part.what == What::changed) {
      present_[i]->change(part.settings);
    }
  }
  roster_.replace(lanes());
  if (change_intake) change_intake();
  stages_.chosen = plan.chosen;
  for (std::size_t i = 0; i < present_.size(); ++i) {
    if (plan.parts[i].chooser) present_[i]->lane().set_chooser(nullptr);
  }
  for (auto& outlet : before) {
    changes.push_back({outlet->name(), What::removed});
    outlet->retire();
    retired_.push_back(std::move(outlet));
  }
  settings_ = std::move(plan.settings);
  return changes;
}

void Outlets::start() {
  started_ = true;
  for (auto& outlet : present_) outlet->start();
}

std::vector<Lane*> Outlets::lanes() const {
  std::vector<Lane*> lanes;
  for (const auto& outlet : present_) lanes.push_back(&outlet->lane());
  return lanes;
}

bool Outlets::make_way_for(const Settings& settings) {
  bool free = true;
  for (auto& outlet : retired_) {
    const bool wanted =
        std::any_of(settings.sinks.begin(), settings.sinks.end(),
                    [&outlet](const SinkSettings& sink) { return sink.name == outlet->name(); });
    if (!wanted || !outlet->lane().spool()) continue;
    outlet->stop();
    free = false;
  }
  return free;
}

void Outlets::begin_drain() {
  for (auto& outlet : present_) outlet->begin_drain();
}

std::chrono::milliseconds Outlets::shortest_drain_timeout() const {
  auto shortest = std::chrono::milliseconds::max();
  for (const auto& outlet : present_) {
    shortest = std::min(shortest, outlet->settings().delivery.drain_timeout);
  }
  return shortest;
}

bool Outlets::is_reachable(const Outlet& outlet, bool by_input) const {
  if (by_input && roster_.uses(outlet.lane())) return true;
  const auto diverts = [&outlet](const auto& other) { return other->diverts_to(outlet.lane()); };
  return std::any_of(present_.begin(), present_.end(), diverts) ||
         std::any_of(retired_.begin(), retired_.end(), diverts);
}

SteadyTime Outlets::keep_time(bool input_ended) {
  SteadyTime next = SteadyTime::max();
  for (auto* outlets : {&present_, &retired_}) {
    for (auto& outlet : *outlets) {
      next = std::min(next, outlet->keep_time());
      if (!is_reachable(*outlet, !input_ended)) outlet->lane().close();
    }
  }
  return next;
}

bool Outlets::ended() const {
  const auto has_ended = [](const auto& outlet) { return outlet->lane().ended(); };
  return std::all_of(present_.begin(), present_.end(), has_ended) &&
         std::all_of(retired_.begin(), retired_.end(), has_ended);
}

bool Outlets::ended_or_out_of_time() const {
  const auto is_over = [](const auto& outlet) {
    return outlet->lane().ended() || outlet->out_of_time();
  };
  return std::all_of(present_.begin(), present_.end(), is_over) &&
         std::all_of(retired_.begin(), retired_.end(), is_over);
}

bool Outlets::all_lost() const {
  return !present_.empty() && std::all_of(present_.begin(), present_.end(), [](const auto& outlet) {
    return outlet->lane().is_lost();
  });
}

void Outlets::lose_standard_output() {
  for (auto& outlet : present_) {
    if (std::holds_alternative<StdoutSinkSettings>(outlet->settings().kind)) {
      outlet->lane().mark_lost();
    }
  }
}

void Outlets::stop() {
  for (auto& outlet : present_) outlet->stop();
  for (auto& outlet : retired_) outlet->stop();
}

void Outlets::abandon() {
  for (auto& outlet : present_) outlet->lane().abandon();
  for (auto& outlet : retired_) outlet->lane().abandon();
}

void Outlets::warn_of_losses(const Outlet& outlet, Leavers& leavers) {
  const LaneCounts counts = outlet.lane().snapshot().counts;
  const std::uint64_t lost = counts.dropped[static_cast<std::size_t>(DropReason::shutdown)];
  if (lost == 0) return;
  leavers.warnings.push_back("sink " + outlet.name() + " was removed, and " + records_text(lost) +
                             " could not be delivered within its drain_timeout");
}

Outlets::Leavers Outlets::take_leavers() {
  Leavers leavers;
  for (auto* outlets : {&present_, &retired_}) {
    for (auto& outlet : *outlets) {
      Workers ended = outlet->take_ended();
      std::move(ended.begin(), ended.end(), std::back_inserter(leavers.workers));
    }
  }
  for (auto next = retired_.begin(); next != retired_.end();) {
    Outlet& outlet = **next;
    const bool gone = outlet.lane().ended() && !is_reachable(outlet, true);
    if ((gone || outlet.out_of_time()) && outlet.lane().abandon()) warn_of_losses(outlet, leavers);
    if (!gone) {
      ++next;
      continue;
    }
    LaneSnapshot last = outlet.lane().snapshot();
    const auto before = departed_.find(outlet.name());
    if (before != departed_.end()) last.add_former(before->second);
    departed_.insert_or_assign(outlet.name(), std::move(last));
    leavers.outlets.push_back(std::move(*next));
    next = retired_.erase(next);
  }
  return leavers;
}

void Outlets::Leavers::join() {
  for (auto& worker : workers) worker->join();
  for (auto& outlet : outlets) outlet->join();
}

void Outlets::join() {
  for (auto& outlet : present_) outlet->join();
  for (auto& outlet : retired_) outlet->join();
}

std::vector<LaneSnapshot> Outlets::snapshot() const {
  std::vector<LaneSnapshot> snapshots;
  const auto add = [&snapshots](const LaneSnapshot& snapshot) {
    for (LaneSnapshot& known : snapshots) {
      if (known.name == snapshot.name) return known.add_former(snapshot);
    }
    snapshots.push_back(snapshot);
  };
  for (const auto& outlet : present_) add(outlet->lane().snapshot());
  for (const auto& outlet : retired_) add(outlet->lane().snapshot());
  for (const auto& [name, snapshot] : departed_) add(snapshot);
  return snapshots;
}

}  // namespace ship
