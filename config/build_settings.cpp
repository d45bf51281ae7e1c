#include "config/build_settings.hpp"

#include <algorithm>
#include <iterator>

#include "record/level.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

/// Puts each value into the member that its row sets, if `whole` has it.
void fill(const Values& values, void* whole, Part Setting::*part) {
  for (const auto& [key, given] : values) {
    const Setting& row = *given.setting;
    if (row.sets.set == nullptr || row.*part == nullptr) continue;
    row.sets.set(row, (row.*part)(whole), map_entry(row, key), given.value);
  }
}

/// Fills in a sink's keys that replace a shared one.
void fill_aliases(const Values& values, SinkSettings& settings) {
  for (const auto& [key, given] : values) {
    if (given.setting->same_as.empty()) continue;
    const Setting& row = *find_global(given.setting->same_as);
    row.sets.set(row, row.in_sink(&settings), "", given.value);
  }
}

SinkSettings build_sink(const SinkValues& sink, Sources& sources) {
  const SinkType& type = *sink.url.type;
  SinkSettings settings;
  settings.name = sink.name;
  fill(sink.values, &settings, &Setting::in_sink);
  fill_aliases(sink.values, settings);
  const DeliverySettings& delivery = settings.delivery;
  const SinkContext context{sink.url.address, delivery.request_timeout, delivery.batch_size,
                            delivery.batch_max_bytes};
  settings.kind = SinkKind(type, [&](void* destination) {
    fill(sink.values, destination, &Setting::in_destination);
    type.check(destination, [&](std::string_view key, std::string message) {
      sources.report_in(sink, key, std::move(message));
    });
    type.complete(destination, context);
  });
  return settings;
}

/// Tells a catch-all sink which levels the other sinks name.
void resolve_catch_all(std::vector<SinkSettings>& sinks) {
  std::vector<std::string> named;
  for (const SinkSettings& sink : sinks) {
    std::copy_if(sink.levels.begin(), sink.levels.end(), std::back_inserter(named),
                 [](const std::string& level) { return !is_catch_all(level); });
  }
  for (SinkSettings& sink : sinks) {
    if (std::any_of(sink.levels.begin(), sink.levels.end(), is_catch_all)) {
      sink.levels_elsewhere = named;
    }
  }
}

}  // namespace

Settings build_settings(const Effective& effective, Sources& sources) {
  Settings settings;
  fill(effective.globals, &settings, &Setting::in_settings);
  for (const SinkValues& sink : effective.sinks) {
    settings.sinks.push_back(build_sink(sink, sources));
  }
  resolve_catch_all(settings.sinks);
  return settings;
}

}  // namespace ship
