#include "sinks/kafka/kafka_settings.hpp"

// In the place of the other kafka files where librdkafka was not found.

namespace ship {

const SinkType& KafkaSinkSettings::type() {
  static const SinkType kType = {
      .name = "kafka", .schemes = "kafka", .absent = "librdkafka was not found when it was made"};
  return kType;
}

}  // namespace ship
