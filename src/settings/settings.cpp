#include "settings/settings.hpp"

#include <algorithm>

namespace ship {

FilterSettings Settings::intake_filter() const {
  const bool common = std::all_of(sinks.begin(), sinks.end(),
                                  [&](const SinkSettings& sink) { return sink.filter == filter; });
  return common ? filter : FilterSettings();
}

}  // namespace ship
