#include "assembly/stage_planner.hpp"

#include <algorithm>
#include <utility>

#include "record/json_text.hpp"
#include "stage/enrich/cloud_instance.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kCloudPatience{1000};

/// Half of the time at the end is for delivery, even for an input that ends at once.
milliseconds cloud_patience(const Settings& settings) {
  milliseconds patience = kCloudPatience;
  for (const SinkSettings& sink : settings.sinks) {
    patience = std::min(patience, sink.delivery.drain_timeout / 2);
  }
  return patience;
}

std::vector<EnrichmentField> fields_of(const Labels& labels) {
  std::vector<EnrichmentField> fields;
  for (const auto& [name, text] : labels) {
    std::string json;
    append_json_string(json, text);
    fields.push_back({{name}, std::move(json), true});
  }
  return fields;
}

}  // namespace

Result<void> StagePlanner::prepare(const Settings& settings, const SinkEnvironment& environment) {
  auto prepared = PipelinePlan::prepare(settings);
  if (!prepared) return std::move(prepared).error();
  if (prepared.value()->empty()) return {};
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  thread_ = std::move(thread).value();
  settings_ = &settings;
  environment_ = &environment;
  prepared_ = std::move(prepared).value();
  plan_ = promise_.get_future().share();
  return {};
}

void StagePlanner::start() {
  if (!prepared_) return;
  thread_->run([this, plan = std::move(prepared_)] {
    make(*plan, stop_.get_token());
    promise_.set_value(plan);
  });
}

void StagePlanner::make(PipelinePlan& plan, const std::stop_token& stop) {
  std::vector<EnrichmentField> more;
  if (plan.more_enrichment) {
    CloudQuestion question{settings_->enrich.cloud, cloud_patience(*settings_),
                           environment_->make_http_client, environment_->clock};
    Result<Labels> answer = ask_cloud_instance(question, stop);
    if (answer) {
      more = fields_of(answer.value());
    } else {
      environment_->log(LogLevel::warning, "enrich.cloud: " + answer.error().message +
                                               "; records go on without the fields of the cloud");
    }
  }
  if (auto completed = plan.complete(std::move(more)); !completed) {
    environment_->log(LogLevel::error, completed.error().message);
  }
}

}  // namespace ship
