#pragma once

#include <future>
#include <memory>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "record/record.hpp"
#include "stage/enrich/enrichment.hpp"
#include "stage/redact/redaction_plan.hpp"
#include "stage/stage_meter.hpp"
#include "stage/stage_settings.hpp"
#include "stage/transform.hpp"

namespace ship {

/// What the transforming stages need, compiled and looked up once; shared by the pipelines of all
/// workers.
struct PipelinePlan {
  std::vector<EnrichmentField> enrichment;
  bool more_enrichment = false;  ///< fields come with `complete`
  bool overwrite = false;
  std::shared_ptr<RedactionPlan> redaction;  ///< null if there is none
  RedactSettings::OnError on_redact_error = RedactSettings::OnError::drop;
  ShapeSettings shape;
  SizeGuardSettings size_guard;

  /// Whether no stage is set.
  bool empty() const {
    return enrichment.empty() && !more_enrichment && !redaction && shape.empty() &&
           size_guard.max_bytes == 0;
  }

  /// Prepares everything except what takes time: the fields from the cloud, and the scanner of the
  /// redaction. Errors: config, with the key of the setting.
  static Result<std::shared_ptr<PipelinePlan>> prepare(
      const StageSettings& settings, const EnvironmentLookup& environment = process_environment);
  /// Call once, before sharing the plan. Errors: those of RedactionPlan::compile_scanner; the plan
  /// is usable even then, but its redaction fails for every record.
  Result<void> complete(std::vector<EnrichmentField> more = {});
  /// Both steps.
  static Result<std::shared_ptr<const PipelinePlan>> compile(
      const StageSettings& settings, const EnvironmentLookup& environment = process_environment);
  /// Checks whether `compile` will succeed, without the time that many patterns take. Reads none of
  /// the settings' files. Returns the first error of each stage, as `compile` says it; empty: none.
  static std::vector<Error> check(const StageSettings& settings);
};

/// A plan that is made while the input is already being read.
using FuturePlan = std::shared_future<std::shared_ptr<const PipelinePlan>>;

/// The stages that change records, in their fixed order: enrich, redact, shape, size guard. Each
/// worker has its own, with its own scratch memory: nothing is locked. A record passes once, on its
/// way from the memory queue to a batch or to disk.
class Pipeline {
 public:
  enum class Outcome : std::uint8_t {
    unchanged,   ///< the record is unchanged, byte for byte
    changed,     ///< its line and its level's text are in the arena
    unredacted,  ///< it must not continue: redaction failed, and fails closed
    too_large    ///< it must not continue: the size guard is set to drop it
  };

  /// Never fails for a compiled plan.
  explicit Pipeline(const std::shared_ptr<const PipelinePlan>& plan);

  /// True if no stage is set, so there is nothing to do.
  bool empty() const { return stages_.empty(); }

  /// `record.line` must be one JSON object. The resulting line stays valid until `arena` is reset;
  /// the old one is no longer used.
  Outcome process(Record& record, Arena& arena);

  /// The counts of each stage that is set, in order. Any thread.
  std::vector<StageCounts> counts() const;

  /// The stages one by one, for explaining what they do.
  std::size_t size() const { return stages_.size(); }
  std::string_view stage_name(std::size_t index) const { return stages_[index].transform->name(); }
  Outcome process_stage(std::size_t index, Record& record, Arena& arena);
  /// As Transform::explain_to.
  void explain_stage_to(std::size_t index, std::vector<std::string>* notes) {
    stages_[index].transform->explain_to(notes);
  }

 private:
  struct Stage {
    std::unique_ptr<Transform> transform;
    std::unique_ptr<StageMeter> meter;
    bool fails_closed = false;
  };
  void add(std::unique_ptr<Transform> transform, bool fails_closed = false);

  std::shared_ptr<const PipelinePlan> plan_;
  std::vector<Stage> stages_;
  std::uint64_t processed_ = 0;
};

}  // namespace ship
