#include "sinks/postgres/postgres_settings.hpp"

// In the place of the other postgres files where libpq was not found.

namespace ship {

const SinkType& PostgresSinkSettings::type() {
  static const SinkType kType = {
      .name = "postgres", .schemes = "postgres|postgresql", .absent = "it was made without libpq"};
  return kType;
}

}  // namespace ship
