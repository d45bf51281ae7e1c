#include "stage/choose/rate_limit_filter.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/hash.hpp"

namespace ship {

RateLimitFilter::RateLimitFilter(const RateLimitSettings& settings, LevelSet always,
                                 std::uint64_t seed)
    : rate_(settings.refill_rate_per_sec),
      capacity_(settings.capacity > 0 ? settings.capacity : std::max(1.0, rate_)),
      always_(std::move(always)),
      seed_(seed),
      finder_(settings.key_field.empty() ? std::vector<std::string>{}
                                         : std::vector<std::string>{settings.key_field}),
      buckets_(settings.max_keys) {}

std::size_t RateLimitFilter::choose(std::span<Record> records, SteadyTime now) {
  const auto end = std::remove_if(records.begin(), records.end(), [&](const Record& record) {
    Bucket& bucket = bucket_of(record, now);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return false;
    }
    return !always_.contains(record.level, record.level_name());
  });
  return static_cast<std::size_t>(end - records.begin());
}

RateLimitFilter::Bucket& RateLimitFilter::bucket_of(const Record& record, SteadyTime now) {
  std::uint64_t key = 0;
  if (!finder_.paths().empty()) key = hash_bytes(finder_.find(record.line)[0].text, seed_);
  Bucket* bucket = buckets_.find(key);
  if (bucket == nullptr) {
    if (buckets_.full()) buckets_.pop_front();
    bucket = &buckets_.add(key);
    *bucket = {capacity_, now};
    return *bucket;
  }
  buckets_.touch(key);
  const double seconds = std::chrono::duration<double>(now - bucket->filled).count();
  bucket->tokens = std::min(capacity_, bucket->tokens + seconds * rate_);
  bucket->filled = now;
  return *bucket;
}

}  // namespace ship
