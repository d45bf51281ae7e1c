#pragma once

#include <cstdint>

#include "record/field.hpp"
#include "stage/choose/filter.hpp"
#include "stage/choose/filter_settings.hpp"
#include "stage/choose/key_table.hpp"

namespace ship {

/// A token bucket for each value of a field: each record takes a token, tokens come back at a
/// steady rate up to the capacity. Records whose level always passes also take tokens, but continue
/// without one. With more than max_keys values, the least recently used ones are forgotten, which
/// refills their buckets.
class RateLimitFilter : public Filter {
 public:
  RateLimitFilter(const RateLimitSettings& settings, LevelSet always, std::uint64_t seed);

  std::string_view name() const override { return "rate_limit"; }
  std::size_t choose(std::span<Record> records, SteadyTime now) override;

 private:
  struct Bucket {
    double tokens = 0;
    SteadyTime filled{};
  };
  Bucket& bucket_of(const Record& record, SteadyTime now);

  double rate_;
  double capacity_;
  LevelSet always_;
  std::uint64_t seed_;
  FieldFinder finder_;
  KeyTable<Bucket> buckets_;
};

}  // namespace ship
