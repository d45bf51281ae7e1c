#pragma once

#include <memory>

#include "base/log.hpp"
#include "base/result.hpp"
#include "sinks/kafka/kafka_settings.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Sends each record as one message to Apache Kafka: the line is its value, the record's time its
/// timestamp, `key_field` its key, the labels its headers. The producer is idempotent unless `acks`
/// says otherwise, and librdkafka repeats what was not acknowledged: `send` returns `retry` when
/// the request timeout is over, and the same records sent again go on where they were. What the
/// brokers cannot be told of without the risk of storing it twice (a producer that is broken for
/// good, a restart) is sent again all the same: at least once.
///
/// With workers > 1 each has a producer, and order is kept for each alone. Errors: config, for a
/// topic that is no pattern, a property that librdkafka refuses, certificates that cannot be read,
/// and in a build without librdkafka.
Result<std::unique_ptr<Sink>> make_kafka_sink(const KafkaSinkSettings& settings,
                                              const Labels& labels, LogFunction log);

}  // namespace ship
