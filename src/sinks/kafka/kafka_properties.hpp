#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// The names of all librdkafka properties that can be set as text, sorted.
std::vector<std::string> kafka_property_names();

/// What is wrong with a property set by the operator: an unknown name, a value that librdkafka does
/// not accept, or a property that the sink sets itself or that would break its promises.
struct KafkaPropertyProblem {
  bool unknown = false;  ///< the name is unknown; the caller may look for a similar one
  std::string message;   ///< without the value if it may be a secret
};

/// None if the property can be passed on.
std::optional<KafkaPropertyProblem> check_kafka_property(std::string_view name,
                                                         std::string_view value);

}  // namespace ship
