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
/// the request timeout is over, and sending the same records again continues where they were. When
/// a record may already be stored and the brokers cannot tell (a producer that is broken for good,
/// a restart), it is sent again anyway: at least once.
///
/// With workers > 1 each has its own producer, and order is kept only within each. Errors: config,
/// for a topic that is not a valid pattern, a property that librdkafka refuses, certificates that
/// cannot be read, and in a build without librdkafka.
Result<std::unique_ptr<Sink>> make_kafka_sink(const KafkaSinkSettings& settings,
                                              const Labels& labels, LogFunction log);

}  // namespace ship
