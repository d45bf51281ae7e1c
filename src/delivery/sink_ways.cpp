#include "delivery/sink_ways.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ship {
namespace {

/// The sinks that this one leads to; each must outlive it.
std::vector<std::pair<const char*, std::string>> ways_from(const SinkSettings& sink) {
  std::vector<std::pair<const char*, std::string>> ways;
  if (!sink.fallback.empty()) ways.emplace_back("fallback", sink.fallback);
  if (const std::string anchor(sink.kind.anchor()); !anchor.empty()) {
    ways.emplace_back("anchor", anchor);
  }
  return ways;
}

/// Follows all paths from the last sink of `way`. Errors: config, if one leads back to the first.
Result<void> check_ways(const std::vector<SinkSettings>& sinks, std::vector<std::string>& way) {
  const auto find = [&sinks](const std::string& name) {
    return std::find_if(sinks.begin(), sinks.end(),
                        [&name](const SinkSettings& sink) { return sink.name == name; });
  };
  for (const auto& [key, name] : ways_from(*find(way.back()))) {
    if (find(name) == sinks.end()) {
      return Error{ErrorKind::config, "sink " + way.back() + ": " + key + " \"" + name +
                                          "\" is not a sink of this configuration"};
    }
    const bool circle = name == way.front();
    if (!circle && std::find(way.begin(), way.end(), name) != way.end()) continue;
    way.push_back(name);
    if (circle) {
      std::string text;
      for (const std::string& step : way) text += (text.empty() ? "" : " -> ") + step;
      return Error{ErrorKind::config, "fallbacks form a circle: " + text};
    }
    if (auto checked = check_ways(sinks, way); !checked) return checked;
    way.pop_back();
  }
  return {};
}

}  // namespace

Result<void> check_sink_ways(const std::vector<SinkSettings>& sinks) {
  for (const SinkSettings& sink : sinks) {
    std::vector<std::string> way{sink.name};
    if (auto checked = check_ways(sinks, way); !checked) return checked;
  }
  return {};
}

}  // namespace ship
