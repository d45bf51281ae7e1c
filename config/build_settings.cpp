#include "config/build_settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "base/signal_name.hpp"
#include "config/build_stages.hpp"
#include "config/value_reader.hpp"
#include "record/level.hpp"

namespace ship {
namespace {

QueueSettings build_queue(const ValueReader& values) {
  QueueSettings queue;
  queue.size = values.number("queue.size");
  queue.max_bytes = values.number("queue.max_bytes");
  queue.drop_on_full = values.flag("queue.drop_on_full");
  queue.wait = values.duration("queue.wait");
  queue.drop = values.choice<DropPolicy>("queue.drop", {"newest", "oldest"});
  queue.protected_levels = values.list("queue.protected_levels");
  return queue;
}

DeliverySettings build_delivery(const ValueReader& values) {
  DeliverySettings delivery;
  delivery.workers = values.number32("delivery.workers");
  delivery.batch_size = values.number32("delivery.batch_size");
  delivery.batch_max_bytes = values.number("delivery.batch_max_bytes");
  delivery.batch_timeout = values.duration("delivery.batch_timeout");
  delivery.request_timeout = values.duration(
      values.has("request_timeout") ? "request_timeout" : "delivery.request_timeout");
  delivery.retry_base = values.duration("delivery.retry_base");
  delivery.retry_max = values.duration("delivery.retry_max");
  delivery.retry_max_elapsed = values.duration("delivery.retry_max_elapsed");
  delivery.breaker_failures = values.number32("delivery.breaker_failures");
  delivery.breaker_interval = values.duration("delivery.breaker_interval");
  delivery.drain_timeout = values.duration("delivery.drain_timeout");
  return delivery;
}

SpoolSettings build_spool(const ValueReader& values) {
  SpoolSettings spool;
  if (values.text("spool.mode") == "off") return spool;
  spool.dir = values.text("spool.dir");
  spool.max_bytes = values.number("spool.max_bytes");
  spool.mode = values.choice<SpoolMode>("spool.mode", {"overflow", "durable"});
  return spool;
}

HttpTransport build_transport(const SinkUrl& url, const ValueReader& values) {
  HttpTransport transport;
  transport.url = url.address;
  transport.headers = values.map("headers");
  transport.username = values.text("username");
  transport.password = values.secret("password");
  transport.bearer_token = values.secret("bearer_token");
  transport.ca_file = values.text("ca_file");
  transport.cert_file = values.text("cert_file");
  transport.key_file = values.text("key_file");
  transport.tls_verify = values.flag("tls_verify");
  transport.proxy = values.text("proxy");
  transport.compression = values.compression("compression");
  transport.request_timeout = build_delivery(values).request_timeout;
  return transport;
}

StdoutSinkSettings build_stdout(const ValueReader& values) {
  StdoutSinkSettings sink;
  sink.format = values.choice<StdoutSinkSettings::Format>("format", {"json", "pretty", "logfmt"});
  sink.color = values.choice<StdoutSinkSettings::Color>("color", {"auto", "always", "never"});
  sink.time = values.choice<StdoutSinkSettings::Time>("time", {"local", "utc"});
  return sink;
}

FileSinkSettings build_file(const SinkUrl& url, const ValueReader& values) {
  FileSinkSettings sink;
  sink.path = url.address;
  sink.rotate_size = values.number("rotate_size");
  sink.rotate_interval = values.duration("rotate_interval");
  sink.max_files = values.number32("max_files");
  sink.max_total_bytes = values.number("max_total_bytes");
  sink.compress = values.compression("compress");
  sink.mode = values.number32("mode");
  sink.fsync = values.choice<FileSinkSettings::Fsync>("fsync", {"never", "interval", "always"});
  return sink;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      result += c;
    } else {
      result += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return result;
}

HttpSinkSettings build_http(const SinkUrl& url, const ValueReader& values) {
  HttpSinkSettings sink;
  sink.transport = build_transport(url, values);
  char separator = '?';
  for (const auto& [name, text] : values.map("query")) {
    sink.transport.url += separator + percent_encoded(name) + "=" + percent_encoded(text);
    separator = '&';
  }
  sink.method = values.text("method");
  sink.body = values.choice<HttpSinkSettings::Body>("body", {"ndjson", "array", "wrapped"});
  sink.wrapper_key = values.text("wrapper_key");
  sink.signing_secret = values.secret("signing_secret");
  return sink;
}

LokiSinkSettings build_loki(const SinkUrl& url, const ValueReader& values) {
  LokiSinkSettings sink;
  sink.transport = build_transport(url, values);
  sink.labels = values.map("labels");
  sink.label_fields = values.list("label_fields");
  sink.structured_metadata = values.list("structured_metadata");
  sink.tenant_id = values.text("tenant_id");
  sink.encoding = values.choice<LokiSinkSettings::Encoding>("encoding", {"protobuf", "json"});
  sink.max_streams = values.number32("max_streams");
  sink.max_age = values.duration("max_age");
  return sink;
}

AwsSettings build_aws(const ValueReader& values) {
  AwsSettings aws;
  aws.service = values.text("aws_service");
  aws.region = values.text("region");
  aws.access_key_id = values.text("access_key_id");
  aws.secret_access_key = values.secret("secret_access_key");
  aws.session_token = values.secret("session_token");
  aws.profile = values.text("profile");
  return aws;
}

ElasticsearchSinkSettings build_elasticsearch(const SinkUrl& url, const ValueReader& values) {
  ElasticsearchSinkSettings sink;
  sink.transport = build_transport(url, values);
  sink.index = values.text("index");
  sink.op = values.choice<ElasticsearchSinkSettings::Op>("op", {"create", "index"});
  sink.id_field = values.text("id_field");
  sink.api_key = values.secret("api_key");
  sink.aws = build_aws(values);
  return sink;
}

/// The endpoint of the region, as AWS names them.
std::string cloudwatch_endpoint(const std::string& region) {
  return "https://logs." + region +
         (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

CloudwatchSinkSettings build_cloudwatch(const SinkUrl& url, const ValueReader& values) {
  CloudwatchSinkSettings sink;
  sink.transport = build_transport(url, values);
  sink.transport.url =
      values.has("endpoint_url") ? values.text("endpoint_url") : cloudwatch_endpoint(url.address);
  while (sink.transport.url.ends_with('/')) sink.transport.url.pop_back();
  sink.transport.url += '/';
  sink.aws = build_aws(values);
  sink.aws.service = "logs";
  sink.aws.region = url.address;
  sink.group = values.text("group");
  sink.stream = values.text("stream");
  sink.create_group = values.flag("create_group");
  sink.create_stream = values.flag("create_stream");
  sink.retention_days = values.number32("retention_days");
  return sink;
}

OtlpSinkSettings build_otlp(const SinkUrl& url, const ValueReader& values) {
  OtlpSinkSettings sink;
  sink.transport = build_transport(url, values);
  sink.resource_attributes = values.map("resource_attributes");
  return sink;
}

KafkaSinkSettings build_kafka(const SinkUrl& url, const ValueReader& values) {
  KafkaSinkSettings sink;
  sink.brokers = url.address;
  sink.topic = values.text("topic");
  sink.key_field = values.text("key_field");
  sink.acks = values.text("acks");
  sink.compression = values.text("compression");
  sink.tls = values.flag("tls");
  sink.ca_file = values.text("ca_file");
  sink.cert_file = values.text("cert_file");
  sink.key_file = values.text("key_file");
  sink.tls_verify = values.flag("tls_verify");
  sink.username = values.text("username");
  sink.password = values.secret("password");
  sink.sasl_mechanism = values.text("sasl_mechanism");
  sink.properties = values.map("properties");
  const DeliverySettings delivery = build_delivery(values);
  sink.request_timeout = delivery.request_timeout;
  sink.batch_size = delivery.batch_size;
  sink.batch_max_bytes = delivery.batch_max_bytes;
  return sink;
}

SinkSettings build_sink(const SinkValues& sink) {
  const ValueReader values(sink.values);
  SinkSettings settings;
  settings.name = sink.name;
  settings.queue = build_queue(values);
  settings.delivery = build_delivery(values);
  settings.spool = build_spool(values);
  settings.filter = build_filter(values);
  settings.levels = values.list("levels");
  settings.fallback = values.text("fallback");
  switch (sink.url.type->type) {
    case SinkType::stdout_:
      settings.kind = build_stdout(values);
      break;
    case SinkType::file:
      settings.kind = build_file(sink.url, values);
      break;
    case SinkType::http:
      settings.kind = build_http(sink.url, values);
      break;
    case SinkType::loki:
      settings.kind = build_loki(sink.url, values);
      break;
    case SinkType::elasticsearch:
      settings.kind = build_elasticsearch(sink.url, values);
      break;
    case SinkType::cloudwatch:
      settings.kind = build_cloudwatch(sink.url, values);
      break;
    case SinkType::otlp:
      settings.kind = build_otlp(sink.url, values);
      break;
    case SinkType::kafka:
      settings.kind = build_kafka(sink.url, values);
      break;
    case SinkType::null:
      settings.kind = NullSinkSettings{};
      break;
  }
  return settings;
}

/// Tells a sink that catches all which levels the other sinks name.
void resolve_catch_all(std::vector<SinkSettings>& sinks) {
  std::vector<std::string> named;
  for (const SinkSettings& sink : sinks) {
    std::copy_if(sink.levels.begin(), sink.levels.end(), std::back_inserter(named),
                 [](const std::string& level) { return !is_catch_all(level); });
  }
  for (SinkSettings& sink : sinks) {
    if (std::any_of(sink.levels.begin(), sink.levels.end(), is_catch_all)) {
      sink.levels_elsewhere = named;
    }
  }
}

ChildSettings build_child(const ValueReader& values) {
  ChildSettings child;
  child.grace = values.duration("child.grace");
  child.signal_child_only = values.flag("child.signal_child_only");
  for (const auto& [from, to] : values.map("child.rewrite_signal")) {
    child.rewrite_signal[parse_signal(from).value_or(0)] = parse_signal(to).value_or(0);
  }
  for (const std::string& code : values.list("child.expect_exit")) {
    child.expect_exit.push_back(std::atoi(code.c_str()));
  }
  child.pdeathsig = parse_signal(values.text("child.pdeathsig")).value_or(0);
  child.subreaper = values.flag("child.subreaper");
  return child;
}

}  // namespace

Settings build_settings(const Effective& effective) {
  const ValueReader values(effective.globals);
  Settings settings;
  settings.preset = values.text("preset");
  settings.input.paths = values.list("input.path");
  settings.input.format = values.choice<InputFormat>("input.format", {"auto", "json", "text"});
  settings.input.on_invalid =
      values.choice<OnInvalid>("input.on_invalid", {"wrap", "drop", "dead-letter"});
  settings.input.max_line_bytes = values.number("input.max_line_bytes");
  settings.input.multiline = values.flag("input.multiline");
  settings.input.multiline_start = values.text("input.multiline_start");
  settings.input.multiline_timeout = values.duration("input.multiline_timeout");
  settings.child = build_child(values);
  settings.filter = build_filter(values);
  settings.enrich = build_enrich(values);
  settings.redact = build_redact(values);
  settings.shape = build_shape(values);
  settings.size_guard = build_size_guard(values);
  settings.labels = values.map("labels");
  settings.dead_letter.path = values.text("dead_letter.path");
  settings.stats.format = values.choice<StatsSettings::Format>("stats.format", {"text", "json"});
  settings.stats.interval = values.duration("stats.interval");
  settings.stats.at_exit = values.flag("stats.at_exit");
  settings.stats.signal = values.text("stats.signal");
  settings.server.listen = values.text("server.listen");
  settings.server.bearer_token = values.secret("server.bearer_token");
  for (const SinkValues& sink : effective.sinks) settings.sinks.push_back(build_sink(sink));
  resolve_catch_all(settings.sinks);
  return settings;
}

}  // namespace ship
