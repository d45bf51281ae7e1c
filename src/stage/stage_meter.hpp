#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ship {

/// How often a rule of a stage applied, such as a redaction pattern.
struct RuleCount {
  std::string rule;
  std::uint64_t hits = 0;
};

/// What one stage has done so far. in == out + what it left out, dropped or holds back.
struct StageCounts {
  std::string name;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  std::uint64_t changed = 0;
  std::uint64_t errors = 0;
  double nanoseconds_each = 0;  ///< the mean time per record
  std::optional<double> rate;   ///< sampling: the share of unprotected records that continues, 0 to
                                ///< 1
  std::vector<RuleCount> rules = {};  ///< the rules that applied, each once

  /// Adds the counts of the same stage in another worker.
  void merge(const StageCounts& other) {
    const std::uint64_t both = in + other.in;
    if (both > 0) {
      nanoseconds_each = (nanoseconds_each * static_cast<double>(in) +
                          other.nanoseconds_each * static_cast<double>(other.in)) /
                         static_cast<double>(both);
    }
    in = both;
    out += other.out;
    changed += other.changed;
    errors += other.errors;
    if (other.rate) rate = other.rate;
    for (const RuleCount& more : other.rules) {
      const auto known = std::find_if(rules.begin(), rules.end(), [&](const RuleCount& count) {
        return count.rule == more.rule;
      });
      if (known == rules.end())
        rules.push_back(more);
      else
        known->hits += more.hits;
    }
  }
};

/// Adds the counts of stages with the same name elsewhere; a new stage comes last.
inline void merge_stages(std::vector<StageCounts>& sums, const std::vector<StageCounts>& others) {
  for (const StageCounts& other : others) {
    const auto known = std::find_if(sums.begin(), sums.end(),
                                    [&](const StageCounts& sum) { return sum.name == other.name; });
    if (known == sums.end())
      sums.push_back(other);
    else
      known->merge(other);
  }
}

/// Counts for one stage of one thread. Only that thread adds; any thread may read.
class StageMeter {
 public:
  using Clock = std::chrono::steady_clock;

  void add_in(std::uint64_t records) { add(in_, records); }
  void add_out(std::uint64_t records) { add(out_, records); }
  void add_changed(std::uint64_t records) { add(changed_, records); }
  void add_error() { add(errors_, 1); }
  /// `records` records took `time`. Not every record needs to be timed.
  void add_time(Clock::duration time, std::uint64_t records) {
    add(nanoseconds_, static_cast<std::uint64_t>(
                          std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()));
    add(timed_, records);
  }

  StageCounts read(std::string name) const {
    StageCounts counts;
    counts.name = std::move(name);
    counts.out = out_.load(std::memory_order_acquire);
    counts.in = in_.load(std::memory_order_acquire);
    counts.changed = changed_.load(std::memory_order_relaxed);
    counts.errors = errors_.load(std::memory_order_relaxed);
    const auto timed = timed_.load(std::memory_order_relaxed);
    if (timed > 0) {
      counts.nanoseconds_each = static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) /
                                static_cast<double>(timed);
    }
    return counts;
  }

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter, std::uint64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_release);
  }

  Counter in_{0}, out_{0}, changed_{0}, errors_{0}, nanoseconds_{0}, timed_{0};
};

}  // namespace ship
