#include "sinks/postgres/postgres_settings.hpp"

// In the place of the other postgres files where libpq was not found.

namespace ship {

const SinkType& PostgresSinkSettings::type() {
  static const SinkType kType = {.name = "postgres",
                                 .schemes = "postgres|postgresql",
                                 .absent = "libpq was not found when it was made"};
  return kType;
}

}  // namespace ship
