#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// Every property that librdkafka knows by a name that can be set as text, sorted.
std::vector<std::string> kafka_property_names();

/// What is wrong with one property as an operator gives it: a name that is unknown, a value that
/// librdkafka does not take, or a property that the sink sets itself or that would break what it
/// promises.
struct KafkaPropertyProblem {
  bool unknown = false;  ///< the name; the caller may look for a near one
  std::string message;   ///< nothing of the value where it may be a secret
};

/// None where the property can be passed on.
std::optional<KafkaPropertyProblem> check_kafka_property(std::string_view name,
                                                         std::string_view value);

}  // namespace ship
