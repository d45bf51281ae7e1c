#include "record/zone_name.hpp"

#include <algorithm>
#include <array>

#include "base/begins.hpp"

namespace ship {
namespace {

struct Zone {
  std::string_view name;
  int minutes;
};
constexpr std::array kZones = {
    Zone{"UTC", 0},    Zone{"GMT", 0},    Zone{"CET", 60},    Zone{"CEST", 120},  Zone{"EET", 120},
    Zone{"EEST", 180}, Zone{"WET", 0},    Zone{"WEST", 60},   Zone{"MSK", 180},   Zone{"JST", 540},
    Zone{"KST", 540},  Zone{"EST", -300}, Zone{"EDT", -240},  Zone{"CDT", -300},  Zone{"MDT", -360},
    Zone{"PST", -480}, Zone{"PDT", -420}, Zone{"AKST", -540}, Zone{"AKDT", -480}, Zone{"HST", -600},
    Zone{"AEST", 600}, Zone{"AEDT", 660}, Zone{"ACST", 570},  Zone{"AWST", 480},  Zone{"NZST", 720},
    Zone{"NZDT", 780}, Zone{"SAST", 120}, Zone{"HKT", 480},   Zone{"SGT", 480},   Zone{"UCT", 0}};

}  // namespace

std::optional<int> zone_minutes(std::string_view name) {
  const auto zone = std::find_if(kZones.begin(), kZones.end(), [name](const Zone& known) {
    return known.name.size() == name.size() && begins(name, known.name);
  });
  if (zone == kZones.end()) return std::nullopt;
  return zone->minutes;
}

}  // namespace ship
