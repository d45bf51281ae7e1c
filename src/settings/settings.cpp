#include "settings/settings.hpp"

#include <algorithm>

namespace ship {

FilterSettings Settings::intake_filter() const {
  const bool common = std::all_of(sinks.begin(), sinks.end(),
                                  [&](const SinkSettings& sink) { return sink.filter == filter; });
  return common ? filter : FilterSettings();
}

bool Settings::writes_to_standard_output() const {
  return std::any_of(sinks.begin(), sinks.end(),
                     [](const SinkSettings& sink) { return sink.kind.type()->to_standard_output; });
}

}  // namespace ship
