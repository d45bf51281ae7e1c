#include "config/build_stages.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ship {
namespace {

constexpr std::array<std::string_view, 4> kActions = {"mask", "partial", "hash", "remove"};

std::optional<Severity> severity_of(const std::string& level) {
  Severity severity = 0;
  const auto [end, error] = std::from_chars(level.data(), level.data() + level.size(), severity);
  if (error == std::errc{} && end == level.data() + level.size()) return severity;
  const std::optional<Level> named = parse_level(level);
  return named ? std::optional(named->severity) : std::nullopt;
}

}  // namespace

std::optional<RedactAction> redact_action(std::string_view name) {
  const auto found = std::find(kActions.begin(), kActions.end(), name);
  if (found == kActions.end()) return std::nullopt;
  return static_cast<RedactAction>(found - kActions.begin());
}

FilterSettings build_filter(const ValueReader& values) {
  FilterSettings filter;
  const std::string level = values.text("filter.min_level");
  if (!level.empty()) filter.min_level = severity_of(level);
  filter.where = values.text("filter.where");
  filter.dedup.window = values.duration("filter.dedup.window");
  filter.dedup.key_fields = values.list("filter.dedup.key_fields");
  filter.dedup.max_keys = values.number32("filter.dedup.max_keys");
  filter.sample.rate = values.decimal("filter.sample.rate");
  filter.sample.trace_id_field = values.text("filter.sample.trace_id_field");
  filter.rate_limit.refill_rate_per_sec = values.decimal("filter.rate_limit.refill_rate_per_sec");
  filter.rate_limit.capacity = values.decimal("filter.rate_limit.capacity");
  filter.rate_limit.key_field = values.text("filter.rate_limit.key_field");
  filter.rate_limit.max_keys = values.number32("filter.rate_limit.max_keys");
  filter.adaptive.target_eps = values.decimal("filter.adaptive.target_eps");
  filter.adaptive.min_sample_rate = values.decimal("filter.adaptive.min_sample_rate");
  filter.adaptive.max_sample_rate = values.decimal("filter.adaptive.max_sample_rate");
  filter.adaptive.window = values.duration("filter.adaptive.window");
  filter.adaptive.trace_id_field = values.text("filter.adaptive.trace_id_field");
  filter.always_pass_levels = values.list("filter.always_pass_levels");
  return filter;
}

EnrichSettings build_enrich(const ValueReader& values) {
  EnrichSettings enrich;
  enrich.runtime = values.flag("enrich.runtime");
  enrich.kubernetes = values.flag("enrich.kubernetes");
  enrich.container = values.flag("enrich.container");
  enrich.fields = values.map("enrich.fields");
  enrich.environment = values.map("enrich.environment");
  enrich.label_file = values.text("enrich.label_file");
  enrich.cloud =
      values.choice<EnrichSettings::Cloud>("enrich.cloud", {"none", "auto", "aws", "gcp", "azure"});
  enrich.overwrite = values.flag("enrich.overwrite");
  return enrich;
}

RedactSettings build_redact(const ValueReader& values) {
  RedactSettings redact;
  redact.presets = values.list("redact.presets");
  redact.fields = values.list("redact.fields");
  redact.patterns = values.map("redact.patterns");
  redact.action = redact_action(values.text("redact.action")).value_or(RedactAction::mask);
  for (const auto& [name, action] : values.map("redact.actions")) {
    redact.actions.emplace_back(name, redact_action(action).value_or(RedactAction::mask));
  }
  redact.mask = values.text("redact.mask");
  redact.hash_key = values.secret("redact.hash_key");
  redact.on_error = values.choice<RedactSettings::OnError>("redact.on_error", {"drop", "pass"});
  return redact;
}

ShapeSettings build_shape(const ValueReader& values) {
  ShapeSettings shape;
  shape.keep = values.list("shape.keep");
  shape.remove = values.list("shape.remove");
  shape.rename = values.map("shape.rename");
  shape.levels = values.map("shape.levels");
  shape.timestamp = values.choice<ShapeSettings::Timestamp>(
      "shape.timestamp", {"keep", "rfc3339", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns"});
  shape.envelope =
      values.choice<ShapeSettings::Envelope>("shape.envelope", {"keep", "unwrap", "flatten"});
  return shape;
}

SizeGuardSettings build_size_guard(const ValueReader& values) {
  SizeGuardSettings guard;
  guard.max_bytes = values.number("size_guard.max_bytes");
  guard.action =
      values.choice<SizeGuardSettings::Action>("size_guard.action", {"truncate", "drop"});
  return guard;
}

}  // namespace ship
