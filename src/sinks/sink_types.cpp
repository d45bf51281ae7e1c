#include "sinks/sink_types.hpp"

#include <string>

#include "sinks/cloudwatch/cloudwatch_settings.hpp"
#include "sinks/elasticsearch/elasticsearch_settings.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/http/http_settings.hpp"
#include "sinks/kafka/kafka_settings.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "sinks/null/null_settings.hpp"
#include "sinks/otlp/otlp_settings.hpp"
#include "sinks/terminal/stdout_settings.hpp"

namespace ship {

std::span<const SinkType* const> sink_types() {
  static const SinkType* const kTypes[] = {
      &StdoutSinkSettings::type(),        &FileSinkSettings::type(),
      &HttpSinkSettings::type(),          &LokiSinkSettings::type(),
      &ElasticsearchSinkSettings::type(), &CloudwatchSinkSettings::type(),
      &OtlpSinkSettings::type(),          &KafkaSinkSettings::type(),
      &NullSinkSettings::type()};
  return kTypes;
}

const SinkType* find_scheme(std::string_view scheme) {
  if (scheme.find('|') != std::string_view::npos) return nullptr;
  const std::string wanted = "|" + std::string(scheme) + "|";
  for (const SinkType* type : sink_types()) {
    if (("|" + std::string(type->schemes) + "|").find(wanted) != std::string::npos) return type;
  }
  return nullptr;
}

}  // namespace ship
