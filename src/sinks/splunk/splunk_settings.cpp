#include "sinks/splunk/splunk_settings.hpp"

#include <array>

#include "base/host_name.hpp"
#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/splunk/splunk_sink.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "token", .sets = member<&SplunkSinkSettings::token>(), .example = "${SPLUNK_TOKEN}",
     .help = "of the HTTP Event Collector"},
    {.key = "token_file", .metavar = "FILE", .sets = from_file<&SplunkSinkSettings::token>(),
     .example = "/run/secrets/splunk-token",
     .help = "a file that holds the token; read again when it changes"},
    {.key = "index", .metavar = "NAME", .sets = member<&SplunkSinkSettings::index>(),
     .example = "app-{service}",
     .help = "index; strftime of the record's time, and fields of the record in braces; none: the "
             "token's default"},
    {.key = "source", .metavar = "NAME", .sets = member<&SplunkSinkSettings::source>(),
     .example = "shop", .help = "source of every event; none: the token's default"},
    {.key = "sourcetype", .metavar = "NAME", .sets = member<&SplunkSinkSettings::sourcetype>(),
     .example = "_json", .help = "sourcetype of every event; none: the token's default"},
    {.key = "id_field", .metavar = "NAME", .sets = member<&SplunkSinkSettings::id_field>(),
     .default_text = "fapilog_ship_id",
     .help = "indexed field with the record's identity, by which a search knows one that came "
             "twice; empty: none"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "compress request bodies"},
});
// clang-format on

/// Splunk Cloud takes 1 MB in a request, and a record grows on the way.
constexpr std::array<SinkDefault, 1> kDefaults = {{{"delivery.batch_max_bytes", "768 KB"}}};

}  // namespace

const SinkType& SplunkSinkSettings::type() {
  constexpr Part kTransport = part<SplunkSinkSettings, &SplunkSinkSettings::transport>;
  static const SinkType kType =
      describe_sink<SplunkSinkSettings>({.name = "splunk",
                                         .schemes = "splunk+http|splunk+https",
                                         .form = UrlForm::http,
                                         .example = "splunk+https://host:8088",
                                         .help = "Splunk's HTTP Event Collector",
                                         .defaults = kDefaults,
                                         .takes_labels = true},
                                        {{kRows, part<SplunkSinkSettings>},
                                         {http_header_rows(), kTransport},
                                         {kCompression, kTransport},
                                         {http_connection_rows(), kTransport}});
  return kType;
}

void SplunkSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void SplunkSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  if (token.empty()) report("token", "no token is given; set token or token_file");
  if (const auto pattern = NamePattern::parse(index); !pattern) {
    report("index", pattern.error().message);
  }
}

Result<std::unique_ptr<Sink>> SplunkSinkSettings::make(const Labels& labels,
                                                       const SinkEnvironment& environment) const {
  SplunkSinkSettings settings = *this;
  settings.transport.bearer_token = token;
  settings.transport.token_scheme = "Splunk";
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
  if (!client) return std::move(client).error();
  return SplunkSink::make(std::move(settings), labels, host_name(), std::move(client).value());
}

}  // namespace ship
