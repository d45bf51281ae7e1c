#pragma once

#include <cstdint>
#include <stop_token>

#include "base/clock.hpp"

namespace ship {

class Lane;

/// Other lanes that a generation of workers uses; they outlive it. Null: none.
struct LaneTargets {
  Lane* fallback = nullptr;  ///< gets the records while the breaker is open
  Lane* anchor = nullptr;    ///< gets the sink's notes

  LaneTargets(Lane* fallback_lane = nullptr,  // NOLINT(google-explicit-constructor): often alone
              Lane* anchor_lane = nullptr)
      : fallback(fallback_lane), anchor(anchor_lane) {}
  bool has(const Lane& lane) const { return fallback == &lane || anchor == &lane; }
};

/// What a worker must know about its generation.
struct WorkerContext {
  std::uint64_t generation = 0;
  std::uint64_t reopen_seen = 0;
  LaneTargets targets;
  std::stop_token stop;  ///< fires when a send under way must end
};

/// The workers of one lane, generation after generation: when the sink's settings change, new
/// workers take over from the old ones, which have some time to finish the current attempt. Not
/// thread-safe: its lane's mutex guards it.
class WorkerGenerations {
 public:
  /// The first generation has `workers` workers.
  explicit WorkerGenerations(std::uint32_t workers) : running_(workers) {}

  /// The context for one worker of the present generation.
  WorkerContext context() const { return {generation_, reopens_, targets_, stop_.get_token()}; }
  /// Sets the targets of the workers that have not asked for their context yet.
  void set_targets(LaneTargets targets) { targets_ = targets; }

  /// `workers` new ones take over; they wait for the former ones at most until `until`. Returns
  /// what interrupts the former ones' sends.
  std::stop_source replace(std::uint32_t workers, LaneTargets targets, SteadyTime until);
  std::uint64_t present() const { return generation_; }
  bool is_present(const WorkerContext& context) const { return context.generation == generation_; }

  /// Whether present workers must not take records yet, because former ones may give back older
  /// ones.
  /// Lowers `look_again` to when that ends.
  bool must_wait(SteadyTime now, SteadyTime& look_again) const;

  /// One more in the present generation.
  void worker_added() { ++running_; }
  void worker_missing() { --running_; }
  void worker_ended(const WorkerContext& context);
  /// Running workers of all generations.
  std::uint32_t running() const { return running_; }
  std::uint32_t former_running() const { return former_running_; }
  std::uint32_t present_running() const { return running_ - former_running_; }

  /// A worker of the present generation took a batch; one of `generation` gave one back.
  void took() { ++batches_; }
  void gave_back(std::uint64_t generation) {
    if (generation == generation_) --batches_;
  }
  /// Batches that present workers have.
  std::uint32_t batches() const { return batches_; }

  /// The present generation's sink will never deliver anything again. False: already known, or
  /// reported by a former generation.
  bool lost(const WorkerContext& context);
  void mark_lost() { lost_ = true; }
  bool is_lost() const { return lost_; }

  void request_reopen() { ++reopens_; }
  /// True, once for each request, if the worker's sink must reopen its files.
  bool must_reopen(WorkerContext& context) const;

  /// What interrupts the present generation's sends.
  std::stop_source stop_source() const { return stop_; }

 private:
  std::uint64_t generation_ = 0;
  std::stop_source stop_;
  LaneTargets targets_;
  bool lost_ = false;
  std::uint32_t running_ = 0;
  std::uint32_t former_running_ = 0;  ///< of running_, those of earlier generations
  SteadyTime former_until_{};
  std::uint32_t batches_ = 0;
  std::uint64_t reopens_ = 0;
};

}  // namespace ship
