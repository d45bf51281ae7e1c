#include "sinks/kafka/kafka_settings.hpp"

// Replaces the other kafka files if librdkafka was not found.

namespace ship {

const SinkType& KafkaSinkSettings::type() {
  static const SinkType kType = {
      .name = "kafka", .schemes = "kafka", .absent = "librdkafka was not found when it was made"};
  return kType;
}

}  // namespace ship
