#include "sinks/kafka/kafka_settings.hpp"

#include <array>

#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "rows/nearest.hpp"
#include "sinks/kafka/kafka_properties.hpp"
#include "sinks/kafka/kafka_sink.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

/// One librdkafka client: its threads, connections, and what it knows about the cluster.
constexpr std::uint64_t kClientBytes = 4u << 20;
/// What librdkafka and the sink store for a message in addition to its bytes.
constexpr std::uint64_t kMessageBytes = 640;

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "topic", .metavar = "NAME", .sets = member<&KafkaSinkSettings::topic>(),
     .example = "logs-{service}",
     .help = "the topic, the URL's path; strftime of the record's time, and fields of the record "
             "in braces"},
    {.key = "key_field", .metavar = "PATH", .sets = member<&KafkaSinkSettings::key_field>(),
     .example = "context.correlation_id",
     .help = "the field that is the message's key; records with the same key stay in order"},
    {.key = "acks", .sets = one_of<&KafkaSinkSettings::acks>({"all", "1", "0"}),
     .default_text = "all",
     .help = "brokers that must have a record; only all is idempotent, and 0 may lose some"},
    {.key = "compression",
     .sets = one_of<&KafkaSinkSettings::compression>({"none", "gzip", "snappy", "lz4", "zstd"}),
     .default_text = "none", .help = "compress batches of messages"},
    {.key = "tls", .sets = member<&KafkaSinkSettings::tls>(), .default_text = "false",
     .help = "speak TLS with the brokers"},
    {.key = "sasl_mechanism",
     .sets = one_of<&KafkaSinkSettings::sasl_mechanism>({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}),
     .default_text = "PLAIN", .help = "how username and password are proved to the brokers"},
    {.key = "properties", .metavar = "K=V", .sets = member<&KafkaSinkSettings::properties>(),
     .example = "linger.ms=5", .help = "any other property of librdkafka, see its CONFIGURATION.md",
     .masked = true},
});
// clang-format on

/// One producer, which keeps the order itself and manages its own requests in flight.
constexpr std::array<SinkDefault, 2> kDefaults = {
    {{"delivery.order", "keep"}, {"delivery.batch_max_bytes", "1 MB"}}};

}  // namespace

const SinkType& KafkaSinkSettings::type() {
  static const SinkType kType =
      describe_sink<KafkaSinkSettings>({.name = "kafka",
                                        .schemes = "kafka",
                                        .form = UrlForm::hosts,
                                        .path_key = "topic",
                                        .example = "kafka://b1:9092,b2:9092/TOPIC",
                                        .help = "Apache Kafka",
                                        .defaults = kDefaults,
                                        .takes_labels = true,
                                        .worker_bytes = kClientBytes,
                                        .record_bytes = kMessageBytes},
                                       {{kRows, part<KafkaSinkSettings>},
                                        {kUserRows<KafkaSinkSettings>, part<KafkaSinkSettings>},
                                        {kTlsRows<KafkaSinkSettings>, part<KafkaSinkSettings>},
                                        {kTimeoutRow, part<KafkaSinkSettings>}});
  return kType;
}

void KafkaSinkSettings::complete(const SinkContext& context) {
  brokers = context.address;
  request_timeout = context.request_timeout;
  batch_size = context.batch_size;
  batch_max_bytes = context.batch_max_bytes;
}

void KafkaSinkSettings::check(const SettingReport& report) const {
  if (!password.empty() && username.empty()) report("password", "needs a username");
  if (!key_file.empty() && cert_file.empty()) report("key_file", "needs a cert_file");
  if (topic.empty()) {
    report("topic",
           "no topic is given; add it at the end of the URL, as in kafka://HOST:9092/TOPIC, or set "
           "topic");
  } else if (const auto pattern = NamePattern::parse(topic); !pattern) {
    report("topic", pattern.error().message);
  }
  for (const auto& [key, path] :
       {std::pair("ca_file", &ca_file), std::pair("cert_file", &cert_file),
        std::pair("key_file", &key_file)}) {
    if (!path->empty() && !tls) report(key, "needs tls = true");
  }
  if (!username.empty() && password.empty()) report("username", "needs a password");
  for (const auto& [name, value] : properties) check_property(name, value, report);
}

void KafkaSinkSettings::check_property(const std::string& name, const std::string& value,
                                       const SettingReport& report) const {
  const std::string key = "properties." + name;
  if (const auto problem = check_kafka_property(name, value)) {
    report(key, problem->message + (problem->unknown ? did_you_mean(name, kafka_property_names())
                                                     : std::string()));
  } else if (name == "security.protocol" && (tls || !username.empty())) {
    report(key, "cannot be set together with tls or username, which decide it");
  } else if (name.starts_with("sasl.mechanism") && !username.empty()) {
    report(key, "cannot be set together with username; set sasl_mechanism of the sink");
  } else if (name == "enable.idempotence" && acks != "all" && value != "false") {
    report(key, "needs acks = \"all\"");
  }
}

Result<std::unique_ptr<Sink>> KafkaSinkSettings::make(const Labels& labels,
                                                      const SinkEnvironment& environment) const {
  return make_kafka_sink(*this, labels, environment.log);
}

}  // namespace ship
