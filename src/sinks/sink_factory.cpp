#include "sinks/sink_factory.hpp"

#include <array>
#include <unistd.h>

#include "sinks/cloudwatch/cloudwatch_sink.hpp"
#include "sinks/elasticsearch/elasticsearch_sink.hpp"
#include "sinks/file/file_sink.hpp"
#include "sinks/http/http_sink.hpp"
#include "sinks/kafka/kafka_sink.hpp"
#include "sinks/loki/loki_sink.hpp"
#include "sinks/null/null_sink.hpp"
#include "sinks/otlp/otlp_sink.hpp"
#include "sinks/terminal/stdout_format.hpp"
#include "sinks/terminal/stdout_sink.hpp"

namespace ship {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// Makes the sink for each type of settings; one overload a type.
struct SinkMaker {
  const Settings& all;
  const SinkEnvironment& environment;

  using Made = Result<std::unique_ptr<Sink>>;

  std::unique_ptr<AwsSigner> make_signer(const AwsSettings& aws) const {
    return std::make_unique<AwsSigner>(aws, environment_variable, environment.make_http_client,
                                       *environment.clock);
  }

  Made operator()(const NullSinkSettings&) const { return {std::make_unique<NullSink>()}; }

  Made operator()(const StdoutSinkSettings& settings) const {
    auto format = make_stdout_format(settings, STDOUT_FILENO, *environment.clock);
    return {
        std::make_unique<StdoutSink>(std::move(format), STDOUT_FILENO, environment.status_line)};
  }

  Made operator()(const FileSinkSettings& settings) const {
    return {std::make_unique<FileSink>(settings, *environment.files, *environment.clock,
                                       environment.log)};
  }

  Made operator()(const HttpSinkSettings& settings) const {
    Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
    if (!client) return std::move(client).error();
    return {std::make_unique<HttpSink>(settings, std::move(client).value(), *environment.clock)};
  }

  Made operator()(const LokiSinkSettings& settings) const {
    Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
    if (!client) return std::move(client).error();
    return LokiSink::make(settings, all.labels, std::move(client).value(), *environment.clock,
                          environment.log);
  }

  Made operator()(ElasticsearchSinkSettings settings) const {
    if (!settings.api_key.empty()) {
      settings.transport.bearer_token = settings.api_key;
      settings.transport.token_scheme = "ApiKey";
    }
    Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
    if (!client) return std::move(client).error();
    std::unique_ptr<AwsSigner> signer;
    if (!settings.aws.service.empty()) signer = make_signer(settings.aws);
    return ElasticsearchSink::make(std::move(settings), std::move(client).value(),
                                   std::move(signer));
  }

  Made operator()(const CloudwatchSinkSettings& settings) const {
    Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
    if (!client) return std::move(client).error();
    return CloudwatchSink::make(settings, std::move(client).value(), make_signer(settings.aws),
                                {host_name(), std::to_string(::getpid())});
  }

  Made operator()(const OtlpSinkSettings& settings) const {
    Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
    if (!client) return std::move(client).error();
    return OtlpSink::make(settings, all.labels, std::move(client).value(), *environment.clock);
  }

  Made operator()(const KafkaSinkSettings& settings) const {
    return make_kafka_sink(settings, all.labels, environment.log);
  }
};

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(const SinkSettings& settings, const Settings& all,
                                        const SinkEnvironment& environment) {
  Result<std::unique_ptr<Sink>> sink = std::visit(SinkMaker{all, environment}, settings.kind);
  if (!sink) return std::move(sink).error().in("sink " + settings.name);
  return sink;
}

bool same_sink(const SinkSettings& a, const Settings& all_a, const SinkSettings& b,
               const Settings& all_b) {
  const bool has_labels = std::holds_alternative<LokiSinkSettings>(b.kind) ||
                          std::holds_alternative<OtlpSinkSettings>(b.kind) ||
                          std::holds_alternative<KafkaSinkSettings>(b.kind);
  return a.kind == b.kind && (!has_labels || all_a.labels == all_b.labels);
}

}  // namespace ship
