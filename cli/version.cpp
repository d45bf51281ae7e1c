#include "cli/version.hpp"

#include "sinks/sink_types.hpp"

namespace ship {

std::string version_text() {
  std::string text = "fapilog-ship " SHIP_VERSION "\nsinks:";
  for (const SinkType* type : sink_types()) {
    if (type->absent.empty()) text += " " + std::string(type->name);
  }
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) text += "\nwithout: " + std::string(type->name);
  }
  text += "\nfeatures:" SHIP_FEATURES;
  return text + "\nbuilt with: " SHIP_LIBRARIES "\n";
}

}  // namespace ship
