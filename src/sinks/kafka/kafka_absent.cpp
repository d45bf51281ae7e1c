#include "sinks/kafka/kafka_properties.hpp"
#include "sinks/kafka/kafka_sink.hpp"

// In the place of the other kafka files where librdkafka was not found.

namespace ship {

std::vector<std::string> kafka_property_names() { return {}; }

std::optional<KafkaPropertyProblem> check_kafka_property(std::string_view, std::string_view) {
  return std::nullopt;
}

Result<std::unique_ptr<Sink>> make_kafka_sink(const KafkaSinkSettings&, const Labels&,
                                              LogFunction) {
  return Error{ErrorKind::config, "this build has no kafka sink: librdkafka was not found"};
}

}  // namespace ship
