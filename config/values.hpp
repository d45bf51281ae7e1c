#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/origin.hpp"
#include "config/sink_url.hpp"
#include "config/value.hpp"

namespace ship {

/// One value with its row and where it came from.
struct Given {
  const Setting* setting =
      nullptr;  ///< never null in a Values; its row lives as long as the program
  Value value;
  Origin origin;
  bool inherited = false;  ///< in a sink: the top-level value, not the sink's own
};

/// Values by key ("queue.size"); the entries of a map by theirs ("labels.app").
using Values = std::map<std::string, Given, std::less<>>;

/// A sink with everything known about it except the typed struct.
struct SinkValues {
  std::string name;
  Origin origin;  ///< origin of its URL
  SinkUrl url;
  Values values;
};

/// The effective configuration: every setting that has a value, defaults included, and its origin.
struct Effective {
  Values globals;
  std::vector<SinkValues> sinks;
};

}  // namespace ship
