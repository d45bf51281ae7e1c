#include "stage/choose/filter_chain.hpp"

#include <algorithm>
#include <utility>

#include "stage/choose/dedup_filter.hpp"
#include "stage/choose/rate_limit_filter.hpp"
#include "stage/choose/sample_filter.hpp"
#include "stage/choose/where_filter.hpp"

namespace ship {

Result<std::unique_ptr<FilterChain>> FilterChain::make(const FilterSettings& settings, Clock& clock,
                                                       std::uint64_t seed) {
  std::unique_ptr<FilterChain> filter_chain(new FilterChain(clock));
  const LevelSet always(settings.always_pass_levels);
  if (settings.min_level) filter_chain->add(std::make_unique<MinLevelFilter>(*settings.min_level));
  if (!settings.where.empty()) {
    auto expression = Expression::compile(settings.where);
    if (!expression) return std::move(expression).error().in("filter.where");
    filter_chain->add(std::make_unique<WhereFilter>(std::move(expression).value()));
  }
  if (settings.dedup.window.count() > 0) {
    filter_chain->add(std::make_unique<DedupFilter>(settings.dedup, seed));
  }
  if (settings.sample.rate < 1) {
    filter_chain->add(std::make_unique<SampleFilter>(
        settings.sample.rate, TracePosition(settings.sample.trace_id_field, seed), always));
  }
  if (settings.rate_limit.refill_rate_per_sec > 0) {
    filter_chain->add(std::make_unique<RateLimitFilter>(settings.rate_limit, always, seed));
  }
  if (settings.adaptive.target_eps > 0) {
    filter_chain->add(std::make_unique<AdaptiveFilter>(
        settings.adaptive, TracePosition(settings.adaptive.trace_id_field, seed), always));
  }
  return filter_chain;
}

void FilterChain::add(std::unique_ptr<Filter> filter) {
  stages_.push_back({std::move(filter), std::make_unique<StageMeter>()});
}

std::uint64_t FilterChain::filter(std::vector<Record>& batch, bool end) {
  std::uint64_t left_out = 0;
  std::size_t kept = batch.size();
  released_.clear();
  SteadyTime before = clock_.steady();
  const SteadyTime now = before;
  for (Stage& stage : stages_) {
    const std::size_t came = kept;
    const std::uint64_t held_before = stage.filter->held();
    const std::size_t released_before = released_.size();
    stage.meter->add_in(came);
    kept = stage.filter->choose(std::span(batch.data(), kept), now);
    stage.filter->release(now, end, released_);
    const std::size_t released = released_.size() - released_before;
    // What was held before or came now either continues, was released, is still held, or was left
    // out.
    left_out += came + held_before - kept - released - stage.filter->held();
    stage.meter->add_out(kept + released);
    stage.meter->add_changed(released);
    const SteadyTime after = clock_.steady();
    if (came > 0) stage.meter->add_time(after - before, came);
    before = after;
  }
  batch.resize(kept);
  batch.insert(batch.end(), released_.begin(), released_.end());
  return left_out;
}

std::optional<SteadyTime> FilterChain::wake_at() const {
  std::optional<SteadyTime> at;
  for (const Stage& stage : stages_) {
    const auto wanted = stage.filter->release_at();
    if (wanted && (!at || *wanted < *at)) at = wanted;
  }
  return at;
}

std::vector<StageCounts> FilterChain::counts() const {
  std::vector<StageCounts> counts;
  counts.reserve(stages_.size());
  for (const Stage& stage : stages_) {
    counts.push_back(stage.meter->read(std::string(stage.filter->name())));
    counts.back().rate = stage.filter->rate();
  }
  return counts;
}

}  // namespace ship
