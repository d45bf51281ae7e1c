#pragma once

#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "sinks/kafka/kafka_settings.hpp"

namespace ship {

/// Connects to the brokers with the settings' credentials, and reports how many there are, and the
/// topic's partitions. `topic` is a name, or empty if it depends on the record. Writes nothing, and
/// does not create a topic by asking about it. Errors: as Sink::probe.
Result<std::string> probe_kafka(const KafkaSinkSettings& settings, const std::string& topic,
                                const std::stop_token& stop);

}  // namespace ship
