#include "delivery/concurrency_limit.hpp"

namespace ship {
namespace {

constexpr double kSteady = 1.5;
constexpr double kRising = 2;
/// The share of the difference between its latency and the least one that a round adds to the
/// latter.
constexpr double kForget = 0.03;
/// Answers needed to conclude that latency has risen.
constexpr std::uint32_t kEvidence = 8;

}  // namespace

ConcurrencyLimit ConcurrencyLimit::fixed(std::uint32_t requests) {
  ConcurrencyLimit limit(requests);
  limit.limit_ = limit.round_size_ = requests;
  limit.fixed_ = true;
  return limit;
}

void ConcurrencyLimit::answered(std::uint64_t round, Verdict::Health health,
                                std::chrono::duration<double> latency, bool backlog) {
  if (fixed_ || health == Verdict::Health::unknown) return;
  // Requests that were under way when the limit changed say nothing about the present.
  if (round != round_) return;
  if (health != Verdict::Health::good) {
    slow_start_ = false;
    return set(limit_ / 2);
  }
  if (!backlog) return;
  ++answers_;
  seconds_ += latency.count();
  // Each answer makes room for one more, so a round trip doubles the limit, and a queue that fills
  // up during the first one gets help before it ends.
  const bool is_steady = least_ == 0 || latency.count() <= kSteady * least_;
  if (slow_start_ && is_steady) limit_ = std::min(limit_ + 1, most_);
  if (answers_ >= round_size_) round_trip_ended(seconds_ / answers_);
}

void ConcurrencyLimit::round_trip_ended(double mean) {
  const bool is_steady = least_ == 0 || mean <= kSteady * least_;
  // Two or three slow answers are as likely to be jitter as congestion.
  if (!is_steady && answers_ < kEvidence) return;
  if (least_ == 0 || mean < least_) {
    least_ = mean;
  } else {
    least_ += (mean - least_) * kForget;
  }
  if (is_steady) return set(slow_start_ ? limit_ : limit_ + 1);
  slow_start_ = false;
  set(mean > kRising * least_ ? limit_ / 2 : limit_);
}

void ConcurrencyLimit::opened() {
  if (fixed_) return;
  slow_start_ = true;
  least_ = 0;
  set(1);
}

void ConcurrencyLimit::set(std::uint32_t limit) {
  limit_ = std::clamp<std::uint32_t>(limit, 1, most_);
  ++round_;
  round_size_ = limit_;
  answers_ = 0;
  seconds_ = 0;
}

}  // namespace ship
