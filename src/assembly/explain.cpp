#include "assembly/explain.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "input/enveloped_line.hpp"
#include "input/intake.hpp"
#include "input/reading_options.hpp"
#include "record/dialect_keys.hpp"
#include "record/known_places.hpp"
#include "record/pretty_line.hpp"
#include "record/text_line.hpp"
#include "record/timestamp.hpp"
#include "sinks/sink.hpp"
#include "sinks/sink_environment.hpp"
#include "stage/choose/filter_chain.hpp"
#include "stage/pipeline.hpp"

namespace ship {
namespace {

struct OwnedRecord {
  std::string line;
  Record record;
};

std::string step(std::string_view name, std::string_view what) {
  constexpr std::size_t kColumn = 12;
  std::string text(name);
  text.resize(std::max(kColumn, text.size()), ' ');
  return text + " " + std::string(what) + "\n";
}

std::string shown(std::string_view line) { return "  " + std::string(line) + "\n"; }

/// Reaches nobody.
class OfflineClient final : public HttpClient {
 public:
  Result<HttpResponse> perform(const HttpRequest&, std::stop_token) override {
    return Error{ErrorKind::transient, "nobody is asked while a line is explained"};
  }
};

/// Goes the way of a line, as intake, lanes and workers do it, and writes down what
/// happens.
class Explainer {
 public:
  Explainer(const Settings& settings, Clock& clock) : settings_(settings), clock_(clock) {}

  Result<std::string> explain(std::string_view line) {
    auto plan = PipelinePlan::compile(settings_);
    if (!plan) return std::move(plan).error();
    pipeline_ = std::make_unique<Pipeline>(plan.value());
    if (settings_.enrich.cloud != EnrichSettings::Cloud::none) {
      text_ += step("enrich", "without the fields of the cloud: nobody is asked here");
    }
    const std::vector<OwnedRecord> records = take_in(line);
    for (const OwnedRecord& owned : records) {
      if (auto told = tell(owned); !told) return std::move(told).error();
    }
    return std::move(text_);
  }

 private:
  std::vector<OwnedRecord> take_in(std::string_view line) {
    std::vector<OwnedRecord> records;
    std::string invalid;
    Intake intake(
        {settings_.input, nullptr, Stream::standard_output},
        [&](std::span<const Record> batch) {
          for (const Record& record : batch) {
            records.push_back({std::string(record.line), record});
          }
        },
        [&](std::string_view, std::string_view reason, const RecordId&) { invalid = reason; },
        clock_);
    intake.feed(line);
    intake.end_input();
    input_ = taken_out(line);
    const InputCounts counts = intake.counts();
    if (counts.discarded > 0) {
      text_ +=
          step("input", invalid.empty() ? "not a JSON object: dropped (input.on_invalid)"
                                        : invalid + ": to the dead letters (input.on_invalid)");
    }
    if (counts.blank > 0) text_ += step("input", "blank: skipped");
    if (records.size() > 1) text_ += step("input", std::to_string(records.size()) + " records");
    return records;
  }

  /// The line, or the content of the envelope that intake strips.
  std::string taken_out(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    Unwrapper unwrapper(settings_.input.unwrap);
    const Finding finding = Probe(probe_options(settings_.input)).probe(line);
    const auto inside =
        finding.fault == Fault::none ? unwrapper.object(line, finding) : unwrapper.text(line);
    if (!inside) return std::string(line);
    around_ = inside->around;
    text_ += step("unwrap", inside->partial ? "a part of what the platform's envelopes hold"
                                            : "what the platform's envelope holds");
    return std::string(inside->text);
  }

  Result<void> tell(const OwnedRecord& owned) {
    Record record = owned.record;
    record.line = owned.line;
    const std::string level_and_time =
        ", level " + std::string(record.level_name()) + ", time " + format_rfc3339(record.time);
    const bool came_as_it_is = input_.find(record.line) != std::string_view::npos;
    text_ += step("input", (came_as_it_is ? "JSON" : "text, wrapped") + level_and_time);
    text_ += came_as_it_is ? found_in_object(record.line) : found_in_text(record.line);
    if (!came_as_it_is) text_ += shown(record.line);
    const FilterSettings intake = settings_.intake_filter();
    auto came_in = choose(intake, record, "");
    if (!came_in) return std::move(came_in).error();
    if (!came_in.value()) return {};
    Record changed = record;
    const bool goes_on = transform(changed);
    for (const SinkSettings& sink : settings_.sinks) {
      const std::string name = "sink " + sink.name;
      if (sink.filter != intake) {
        auto kept = choose(sink.filter, record, name + ": ");
        if (!kept) return std::move(kept).error();
        if (!kept.value()) continue;
      }
      const LevelSet levels(sink.levels, sink.levels_elsewhere);
      if (!levels.empty() && !levels.contains(record.level, record.level_name())) {
        text_ += step(name, "left out by levels");
      } else {
        text_ += step(name, goes_on ? "gets it" : "does not get it");
        if (goes_on) tell_payload(sink, changed);
      }
    }
    return {};
  }

  /// What the sink would send, a line below the other.
  void tell_payload(const SinkSettings& settings, const Record& record) {
    SinkEnvironment environment;
    environment.clock = &clock_;
    environment.message_fields = settings_.input.message_fields;
    environment.make_http_client = [](const HttpTransport&) -> Result<std::unique_ptr<HttpClient>> {
      return {std::make_unique<OfflineClient>()};
    };
    const Result<std::unique_ptr<Sink>> sink = settings_.make_sink(settings, environment);
    if (!sink) {
      text_ += shown("what it would send cannot be told: " + sink.error().message);
      return;
    }
    const std::string payload = sink.value()->payload({&record, 1});
    for (std::string_view rest = payload; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      text_ += shown(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  /// Which logger's way of writing the object has, and where level, time and message stand in it.
  std::string found_in_object(std::string_view line) const {
    const Finding finding = Probe(probe_options(settings_.input)).probe(line);
    const KnownPlaces places(line, settings_.input.message_fields);
    const auto message = places.message();
    return step("logger", places.dialect() ? std::string(places.dialect()->name)
                                           : "not recognised; common field names are used") +
           step("level", place_text(finding.has_level, finding.level_place, "input.level_field",
                                    missing_level())) +
           step("time", place_text(finding.has_time, finding.time_place, "input.time_field",
                                   missing_time())) +
           step("message", message.found() ? "at " + std::string(message.path)
                                           : "not found; the whole line stands for it");
  }

  static std::string place_text(bool found, std::uint8_t place, std::string_view setting,
                                std::string_view missing) {
    if (!found) return std::string(missing);
    if (place == Finding::kConfigured) return "at a path of " + std::string(setting);
    if (place == Finding::kInside) return "in what the envelope holds";
    if (place == Finding::kNowhere) return "by the keys of the line";
    return "at " + DialectKeys::instance().slot(place).path;
  }

  /// The same for a line that was not an object and is now wrapped.
  std::string found_in_text(std::string_view line) const {
    TimeParser times;
    const std::string text = KnownPlaces(line).message().value.text();
    TextFinding told;
    if (settings_.input.level_from_text) told = read_text_line(text, times);
    return step("logger", is_pretty_head(input_) ? "fapilog's pretty output" : "plain text") +
           step("level", told.has_level ? "in the text" : missing_level()) +
           step("time", told.has_time ? "in the text" : missing_time());
  }

  std::string_view missing_level() const {
    return around_.level ? "in the platform's envelope" : "not found; INFO assumed";
  }
  std::string_view missing_time() const {
    return around_.time ? "in the platform's envelope" : "not found; time of arrival used";
  }

  /// Whether the record continues; notes what each filter does.
  Result<bool> choose(const FilterSettings& filter, const Record& record,
                      const std::string& prefix) {
    auto filter_chain = FilterChain::make(filter, clock_, 0);
    if (!filter_chain) return std::move(filter_chain).error();
    std::vector<Record> batch = {record};
    filter_chain.value()->filter(batch, false);
    for (const StageCounts& stage : filter_chain.value()->counts()) {
      std::string what = stage.out > 0 ? "kept" : "left out";
      if (stage.rate) what += ", at a rate of " + std::to_string(*stage.rate).substr(0, 5);
      text_ += step(prefix + stage.name, what);
      if (stage.out == 0) return false;
    }
    return true;
  }

  /// Whether the record continues; `record` is updated to the result.
  bool transform(Record& record) {
    for (std::size_t i = 0; i < pipeline_->size(); ++i) {
      std::vector<std::string> notes;
      pipeline_->explain_stage_to(i, &notes);
      const Pipeline::Outcome outcome = pipeline_->process_stage(i, record, arena_);
      pipeline_->explain_stage_to(i, nullptr);
      switch (outcome) {
        case Pipeline::Outcome::unchanged:
          text_ += step(pipeline_->stage_name(i), "unchanged");
          break;
        case Pipeline::Outcome::changed:
          text_ += step(pipeline_->stage_name(i), "changed");
          for (const std::string& note : notes) text_ += shown(note);
          text_ += shown(record.line);
          break;
        case Pipeline::Outcome::unredacted:
          text_ += step(pipeline_->stage_name(i), "failed: dropped (redact.on_error)");
          return false;
        case Pipeline::Outcome::too_large:
          text_ += step(pipeline_->stage_name(i), "too large: dropped (size_guard.action)");
          return false;
      }
    }
    return true;
  }

  const Settings& settings_;
  Clock& clock_;
  std::unique_ptr<Pipeline> pipeline_;
  Arena arena_;
  std::string input_;  ///< what is explained, without a platform's envelope
  Around around_;      ///< what that envelope says
  std::string text_;
};

}  // namespace

Result<std::string> explain_line(const Settings& settings, std::string_view line, Clock& clock) {
  return Explainer(settings, clock).explain(line);
}

}  // namespace ship
