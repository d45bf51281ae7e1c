#include "sinks/sink_types.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sinks/cloudwatch/cloudwatch_settings.hpp"
#include "sinks/elasticsearch/elasticsearch_settings.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/http/http_settings.hpp"
#include "sinks/kafka/kafka_settings.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "sinks/null/null_settings.hpp"
#include "sinks/otlp/otlp_settings.hpp"
#include "sinks/postgres/postgres_settings.hpp"
#include "sinks/terminal/stdout_settings.hpp"

namespace ship {

std::span<const SinkType* const> sink_types() {
  static const SinkType* const kTypes[] = {
      &StdoutSinkSettings::type(),        &FileSinkSettings::type(),
      &HttpSinkSettings::type(),          &LokiSinkSettings::type(),
      &ElasticsearchSinkSettings::type(), &CloudwatchSinkSettings::type(),
      &OtlpSinkSettings::type(),          &KafkaSinkSettings::type(),
      &PostgresSinkSettings::type(),      &NullSinkSettings::type()};
  return kTypes;
}

std::string_view SinkType::default_of(std::string_view key) const {
  for (const SinkDefault& own : defaults) {
    if (own.key == key) return own.text;
  }
  return {};
}

std::string other_defaults(const Setting& row) {
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> groups;
  for (const SinkType* type : sink_types()) {
    const std::string_view text = type->default_of(row.key);
    if (text.empty() || text == row.default_text) continue;
    const auto same = [&](const auto& group) { return group.first == text; };
    auto group = std::find_if(groups.begin(), groups.end(), same);
    if (group == groups.end()) group = groups.insert(group, {text, {}});
    group->second.push_back(type->name);
  }
  std::string all;
  for (const auto& [text, names] : groups) {
    all += (all.empty() ? "" : "; ") + std::string(text) + " for ";
    for (std::size_t i = 0; i < names.size(); ++i) {
      all += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + std::string(names[i]);
    }
  }
  return all;
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
