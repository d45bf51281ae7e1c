#include "sinks/datadog/datadog_settings.hpp"

#include <array>

#include "base/host_name.hpp"
#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/datadog/datadog_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "api_key", .sets = member<&DatadogSinkSettings::api_key>(), .example = "${DD_API_KEY}",
     .help = "of the account, for DD-API-KEY"},
    {.key = "api_key_file", .metavar = "FILE", .sets = from_file<&DatadogSinkSettings::api_key>(),
     .example = "/run/secrets/datadog-key",
     .help = "a file that holds the API key; read again when it changes"},
    {.key = "service", .metavar = "NAME", .sets = member<&DatadogSinkSettings::service>(),
     .example = "shop", .help = "service of every log; none: the record's own service"},
    {.key = "source", .metavar = "NAME", .sets = member<&DatadogSinkSettings::source>(),
     .example = "python", .help = "ddsource of every log, which chooses its pipeline"},
    {.key = "tags", .metavar = "LIST", .sets = member<&DatadogSinkSettings::tags>(),
     .example = "env:prod,team:shop", .help = "tags, beside those of the labels"},
    {.key = "endpoint_url", .metavar = "URL",
     .sets = member<&DatadogSinkSettings::transport, &HttpTransport::url>(),
     .example = "https://http-intake.logs.datadoghq.eu",
     .help = "another endpoint than the site's own"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "compress request bodies"},
});
// clang-format on

/// The intake takes 1,000 logs and 5 MB at once, and a record grows on the way.
constexpr std::array<SinkDefault, 2> kDefaults = {
    {{"delivery.batch_size", "1000"}, {"delivery.batch_max_bytes", "2 MB"}}};

}  // namespace

const SinkType& DatadogSinkSettings::type() {
  constexpr Part kTransport = part<DatadogSinkSettings, &DatadogSinkSettings::transport>;
  static const SinkType kType =
      describe_sink<DatadogSinkSettings>({.name = "datadog",
                                          .schemes = "datadog",
                                          .form = UrlForm::name,
                                          .example = "datadog://datadoghq.eu",
                                          .help = "Datadog's log intake of that site",
                                          .defaults = kDefaults,
                                          .takes_labels = true},
                                         {{kRows, part<DatadogSinkSettings>},
                                          {http_header_rows(), kTransport},
                                          {kCompression, kTransport},
                                          {http_connection_rows(), kTransport}});
  return kType;
}

void DatadogSinkSettings::complete(const SinkContext& context) {
  std::string url =
      transport.url.empty() ? "https://http-intake.logs." + context.address : transport.url;
  while (url.ends_with('/')) url.pop_back();
  constexpr std::string_view kPath = "/api/v2/logs";
  if (!url.ends_with(kPath)) url += kPath;
  transport.complete(std::move(url), context.request_timeout);
}

void DatadogSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  if (api_key.empty()) report("api_key", "no API key is given; set api_key or api_key_file");
  const std::string& endpoint = transport.url;
  if (!endpoint.empty() && !endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    // It may hold a key, so it is not shown.
    report("endpoint_url", "found another text, expected http:// or https://");
  }
}

Result<std::unique_ptr<Sink>> DatadogSinkSettings::make(const Labels& labels,
                                                        const SinkEnvironment& environment) const {
  DatadogSinkSettings settings = *this;
  settings.transport.bearer_token = api_key;
  settings.transport.token_header = "DD-API-KEY";
  settings.transport.token_scheme.clear();
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
  if (!client) return std::move(client).error();
  return DatadogSink::make(std::move(settings), labels, host_name(), std::move(client).value(),
                           *environment.clock, environment.log);
}

}  // namespace ship
