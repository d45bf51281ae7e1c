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
  text += "\nbuilt with: " SHIP_LIBRARIES;
  // The portable program is made of the same objects, and leaves it out.
  if (find_scheme("postgres")->absent.empty()) text += SHIP_LIBPQ;
  return text + "\n";
}

}  // namespace ship
