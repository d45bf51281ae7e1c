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
  std::shared_ptr<RedactionPlan> redaction;  ///< null where there is none
  RedactSettings::OnError on_redact_error = RedactSettings::OnError::drop;
  ShapeSettings shape;
  SizeGuardSettings size_guard;

  /// No stage is set.
  bool empty() const {
    return enrichment.empty() && !more_enrichment && !redaction && shape.empty() &&
           size_guard.max_bytes == 0;
  }

  /// All but what takes time: the fields that the cloud knows, and the scanner of the redaction.
  /// Errors: config, with the key of the setting.
  static Result<std::shared_ptr<PipelinePlan>> prepare(
      const StageSettings& settings, const EnvironmentLookup& environment = process_environment);
  /// Once, before anybody has it. Errors: those of RedactionPlan::compile_scanner; the plan may be
  /// used then, too: its redaction fails for every record.
  Result<void> complete(std::vector<EnrichmentField> more = {});
  /// Both.
  static Result<std::shared_ptr<const PipelinePlan>> compile(
      const StageSettings& settings, const EnvironmentLookup& environment = process_environment);
  /// Whether `compile` will do, without the time that many patterns take. Reads no file of the
  /// settings. Errors: as there.
  static Result<void> check(const StageSettings& settings);
};

/// A plan that is made while the input is being read already.
using FuturePlan = std::shared_future<std::shared_ptr<const PipelinePlan>>;

/// The stages that change records, in their fixed order: enrich, redact, shape, size guard. Each
/// worker has its own, with its own scratch memory: nothing is locked. A record passes once, on its
/// way out of the memory queue to a batch or to disk.
class Pipeline {
 public:
  enum class Outcome : std::uint8_t {
    unchanged,   ///< the record is as it was, byte for byte
    changed,     ///< its line is in the arena, its level is found there
    unredacted,  ///< it must not go on: redaction failed, and fails closed
    too_large    ///< it must not go on: the size guard is set to drop it
  };

  /// Never fails for a plan that was compiled.
  explicit Pipeline(const std::shared_ptr<const PipelinePlan>& plan);

  /// No stage is set: nothing need be asked of it.
  bool empty() const { return stages_.empty(); }

  /// `record.line` must be one JSON object; it stays valid as long as `arena` is not reset, and
  /// what it was before is not looked at any more.
  Outcome process(Record& record, Arena& arena);

  /// Each stage that is set, in order. Any thread.
  std::vector<StageCounts> counts() const;

  /// The stages one by one, for those who explain what they do.
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
