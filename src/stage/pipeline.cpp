#include "stage/pipeline.hpp"

#include <utility>

#include "stage/enrich/enricher.hpp"
#include "stage/redact/redactor.hpp"
#include "stage/shape/shaper.hpp"
#include "stage/shape/size_guard.hpp"

namespace ship {
namespace {

// One in this many records is timed: reading a clock costs as much as a cheap stage.
constexpr std::uint64_t kTimedEvery = 32;

}  // namespace

Result<std::shared_ptr<PipelinePlan>> PipelinePlan::prepare(const StageSettings& settings,
                                                            const EnvironmentLookup& environment) {
  auto plan = std::make_shared<PipelinePlan>();
  auto enrichment = gather_enrichment(settings.enrich, environment);
  if (!enrichment) return std::move(enrichment).error();
  plan->enrichment = std::move(enrichment).value();
  plan->more_enrichment = settings.enrich.cloud != EnrichSettings::Cloud::none;
  plan->overwrite = settings.enrich.overwrite;
  auto redaction = RedactionPlan::prepare(settings.redact);
  if (!redaction) return std::move(redaction).error();
  if (!redaction.value()->empty()) plan->redaction = std::move(redaction).value();
  plan->on_redact_error = settings.redact.on_error;
  plan->shape = settings.shape;
  if (auto shaper = Shaper::make(settings.shape); !shaper) return std::move(shaper).error();
  plan->size_guard = settings.size_guard;
  return plan;
}

Result<void> PipelinePlan::complete(std::vector<EnrichmentField> more) {
  for (EnrichmentField& field : more) enrichment.push_back(std::move(field));
  return redaction ? redaction->compile_scanner() : Result<void>();
}

Result<std::shared_ptr<const PipelinePlan>> PipelinePlan::compile(
    const StageSettings& settings, const EnvironmentLookup& environment) {
  auto plan = prepare(settings, environment);
  if (!plan) return std::move(plan).error();
  if (auto completed = plan.value()->complete(); !completed) return std::move(completed).error();
  return std::shared_ptr<const PipelinePlan>(std::move(plan).value());
}

std::vector<Error> PipelinePlan::check(const StageSettings& settings) {
  std::vector<Error> errors;
  EnrichSettings enrich = settings.enrich;
  enrich.label_file.clear();
  auto enrichment = gather_enrichment(enrich, process_environment);
  if (!enrichment) errors.push_back(std::move(enrichment).error());
  if (auto redaction = RedactionPlan::check(settings.redact); !redaction) {
    errors.push_back(std::move(redaction).error());
  }
  auto shaper = Shaper::make(settings.shape);
  if (!shaper) errors.push_back(std::move(shaper).error());
  return errors;
}

Pipeline::Pipeline(const std::shared_ptr<const PipelinePlan>& plan) : plan_(plan) {
  if (!plan_->enrichment.empty())
    add(std::make_unique<Enricher>(plan_->enrichment, plan_->overwrite));
  if (plan_->redaction) {
    add(std::make_unique<Redactor>(plan_->redaction),
        plan_->on_redact_error == RedactSettings::OnError::drop);
  }
  if (!plan_->shape.empty()) add(std::move(Shaper::make(plan_->shape)).value());
  if (plan_->size_guard.max_bytes > 0) add(std::make_unique<SizeGuard>(plan_->size_guard));
}

void Pipeline::add(std::unique_ptr<Transform> transform, bool fails_closed) {
  stages_.push_back({std::move(transform), std::make_unique<StageMeter>(), fails_closed});
}

Pipeline::Outcome Pipeline::process(Record& record, Arena& arena) {
  Outcome outcome = Outcome::unchanged;
  const bool timed = processed_++ % kTimedEvery == 0;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const auto before = timed ? StageMeter::Clock::now() : StageMeter::Clock::time_point{};
    const Outcome one = process_stage(i, record, arena);
    if (timed) stages_[i].meter->add_time(StageMeter::Clock::now() - before, 1);
    if (one == Outcome::unredacted || one == Outcome::too_large) return one;
    if (one == Outcome::changed) outcome = one;
  }
  return outcome;
}

Pipeline::Outcome Pipeline::process_stage(std::size_t index, Record& record, Arena& arena) {
  Stage& stage = stages_[index];
  stage.meter->add_in(1);
  switch (stage.transform->apply(record, arena)) {
    case Transform::Outcome::unchanged:
      break;
    case Transform::Outcome::changed:
      stage.meter->add_changed(1);
      stage.meter->add_out(1);
      return Outcome::changed;
    case Transform::Outcome::drop:
      return Outcome::too_large;
    case Transform::Outcome::failed:
      stage.meter->add_error();
      if (stage.fails_closed) return Outcome::unredacted;
      break;
  }
  stage.meter->add_out(1);
  return Outcome::unchanged;
}

std::vector<StageCounts> Pipeline::counts() const {
  std::vector<StageCounts> counts;
  counts.reserve(stages_.size());
  for (const Stage& stage : stages_) {
    counts.push_back(stage.meter->read(std::string(stage.transform->name())));
    counts.back().rules = stage.transform->rule_counts();
  }
  return counts;
}

}  // namespace ship
