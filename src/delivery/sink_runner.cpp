#include "delivery/sink_runner.hpp"

#include <algorithm>

namespace ship {

using std::chrono::milliseconds;

namespace {

/// How long a current attempt may take when another generation takes over.
constexpr milliseconds kLastAttempt{1000};
/// How long a stopped thread may take to notice before nobody waits for it any more.
constexpr milliseconds kStopGrace{200};
/// How long the spooler may take to save what the workers left behind.
constexpr milliseconds kSaveGrace{800};

bool all_ended(const Workers& workers) {
  return std::all_of(workers.begin(), workers.end(),
                     [](const auto& worker) { return worker->ended(); });
}

}  // namespace

SinkRunner::SinkRunner(const SinkSettings& settings, Clock& clock, const LogFunction& log,
                       std::unique_ptr<Spool> spool, std::function<void()> on_change)
    : settings_(settings),
      clock_(clock),
      log_(log),
      lane_(settings, clock, log, std::move(spool), std::move(on_change)) {}

Result<void> SinkRunner::prepare() {
  if (!lane_.spool()) return {};
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  spooler_ = std::make_unique<Spooler>(lane_, std::move(thread).value());
  return {};
}

void SinkRunner::start_workers(Crew crew, LaneTargets targets) {
  lane_.set_targets(targets);
  present_.workers = std::move(crew.workers);
  present_.more = std::move(crew.more);
  present_.targets = targets;
}

void SinkRunner::start() {
  for (auto& worker : present_.workers) worker->start();
  if (spooler_) spooler_->start();
}

void SinkRunner::change(const SinkSettings& settings) {
  settings_ = settings;
  lane_.change(settings);
}

void SinkRunner::replace_workers(const SinkSettings& settings, Crew crew, LaneTargets targets) {
  settings_ = settings;
  Generation former = std::move(present_);
  former.interrupt_at = clock_.steady() + std::min(kLastAttempt, settings.delivery.drain_timeout);
  former.sends = lane_.replace_workers(settings, targets, former.interrupt_at + kStopGrace);
  former_.push_back(std::move(former));
  present_ =
      Generation{std::move(crew.workers), std::move(crew.more), targets, {}, SteadyTime::max()};
  for (auto& worker : present_.workers) worker->start();
}

void SinkRunner::retire() {
  lane_.retire();
  begin_drain();
}

void SinkRunner::begin_drain(SteadyTime hold_until) {
  if (drain_until_ != SteadyTime::max()) return;
  drain_until_ = clock_.steady() + settings_.delivery.drain_timeout;
  lane_.begin_drain(drain_until_, hold_until);
}

void SinkRunner::add_workers() {
  while (present_.more && lane_.add_worker()) {
    auto made = present_.more();
    if (!made) {
      // The existing workers continue; nobody is waited for.
      lane_.worker_missing();
      log_(LogLevel::error, "sink " + name() + ": stays at " +
                                std::to_string(present_.workers.size()) +
                                " requests in flight: " + made.error().message);
      present_.more = nullptr;
      return;
    }
    present_.workers.push_back(std::move(made).value());
    present_.workers.back()->start();
  }
}

SteadyTime SinkRunner::keep_time() {
  add_workers();
  const SteadyTime now = clock_.steady();
  SteadyTime next = SteadyTime::max();
  for (Generation& generation : former_) {
    if (now >= generation.interrupt_at) {
      generation.sends.request_stop();
      generation.interrupt_at = SteadyTime::max();
    }
    next = std::min(next, generation.interrupt_at);
  }
  if (drain_until_ == SteadyTime::max() || lane_.ended()) return next;
  if (now < drain_until_) return std::min(next, drain_until_);
  stop();
  const SteadyTime given_up = drain_until_ + (spooler_ ? kSaveGrace : kStopGrace);
  return now < given_up ? std::min(next, given_up) : next;
}

bool SinkRunner::out_of_time() const {
  return drain_until_ != SteadyTime::max() &&
         clock_.steady() >= drain_until_ + (spooler_ ? kSaveGrace : kStopGrace);
}

void SinkRunner::stop() {
  if (stopped_) return;
  stopped_ = true;
  lane_.stop();
  for (Generation& generation : former_) generation.sends.request_stop();
}

bool SinkRunner::diverts_to(const Lane& lane) const {
  if (lane_.ended()) return false;
  return present_.targets.has(lane) ||
         std::any_of(former_.begin(), former_.end(), [&lane](const Generation& generation) {
           return generation.targets.has(lane) && !all_ended(generation.workers);
         });
}

Workers SinkRunner::take_ended() {
  Workers ended;
  std::erase_if(former_, [&ended](Generation& generation) {
    if (!all_ended(generation.workers)) return false;
    std::move(generation.workers.begin(), generation.workers.end(), std::back_inserter(ended));
    return true;
  });
  return ended;
}

void SinkRunner::join() {
  for (auto& worker : present_.workers) worker->join();
  for (Generation& generation : former_) {
    for (auto& worker : generation.workers) worker->join();
  }
  if (spooler_) spooler_->join();
}

}  // namespace ship
