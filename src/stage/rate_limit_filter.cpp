#include "stage/rate_limit_filter.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "stage/field_path.hpp"
#include "stage/key_hash.hpp"

namespace ship {

Result<std::unique_ptr<RateLimitFilter>> RateLimitFilter::make(const RateLimitSettings& settings,
                                                               LevelSet always,
                                                               std::uint64_t seed) {
  std::unique_ptr<RateLimitFilter> filter(new RateLimitFilter(settings, std::move(always), seed));
  if (!settings.key_field.empty()) {
    auto names = parse_field_path(settings.key_field);
    if (!names) return std::move(names).error();
    filter->finder_.add(names.value());
  }
  return filter;
}

RateLimitFilter::RateLimitFilter(const RateLimitSettings& settings, LevelSet always,
                                 std::uint64_t seed)
    : rate_(settings.refill_rate_per_sec),
      capacity_(settings.capacity > 0 ? settings.capacity : std::max(1.0, rate_)),
      always_(std::move(always)),
      seed_(seed),
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
  if (finder_.size() > 0) key = hash_bytes(finder_.find(record.line)[0].text, seed_);
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
