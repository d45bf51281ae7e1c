#include "config/sink_types.hpp"

#include <array>
#include <string>

namespace ship {
namespace {

constexpr bool kLocal = true;
constexpr bool kRemote = false;
#ifdef SHIP_KAFKA
constexpr bool kNoKafka = false;
#else
constexpr bool kNoKafka = true;
#endif

constexpr std::array<SinkTypeRow, 9> kSinkTypes = {{
    {SinkType::stdout_, "stdout", "stdout", UrlForm::nothing,
     "stdout:", "standard output, one record a line", kLocal},
    {SinkType::file, "file", "file", UrlForm::path, "file:///var/log/app.ndjson",
     "a file, with rotation; file:NAME is relative to the working directory", kLocal},
    {SinkType::http, "http", "http|https", UrlForm::http, "https://host/path",
     "any HTTP endpoint that takes JSON", kRemote},
    {SinkType::loki, "loki", "loki+http|loki+https", UrlForm::http, "loki+http://host:3100",
     "Grafana Loki", kRemote},
    {SinkType::elasticsearch, "elasticsearch", "elasticsearch+http|elasticsearch+https",
     UrlForm::http_with_index, "elasticsearch+http://host:9200/INDEX",
     "Elasticsearch or OpenSearch", kRemote},
    {SinkType::cloudwatch, "cloudwatch", "cloudwatch", UrlForm::log_group,
     "cloudwatch://REGION/GROUP/STREAM", "Amazon CloudWatch Logs", kRemote},
    {SinkType::otlp, "otlp", "otlp+http|otlp+https", UrlForm::http, "otlp+http://host:4318",
     "OpenTelemetry collectors", kRemote},
    {SinkType::kafka, "kafka", "kafka", UrlForm::brokers, "kafka://b1:9092,b2:9092/TOPIC",
     "Apache Kafka", kRemote, kNoKafka},
    {SinkType::null, "null", "null", UrlForm::nothing, "null:", "nowhere; for measuring", kLocal},
}};

}  // namespace

std::span<const SinkTypeRow> sink_types() { return kSinkTypes; }

const SinkTypeRow& sink_type(SinkType type) { return kSinkTypes[static_cast<std::size_t>(type)]; }

const SinkTypeRow* find_scheme(std::string_view scheme) {
  if (scheme.find('|') != std::string_view::npos) return nullptr;
  const std::string wanted = "|" + std::string(scheme) + "|";
  for (const SinkTypeRow& row : kSinkTypes) {
    if (("|" + std::string(row.schemes) + "|").find(wanted) != std::string::npos) return &row;
  }
  return nullptr;
}

}  // namespace ship
