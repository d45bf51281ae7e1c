#include "sinks/gcp/gcp_settings.hpp"

#include "net/connection_rows.hpp"
#include "net/google/google_token.hpp"
#include "rows/member.hpp"
#include "sinks/gcp/gcp_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "log", .metavar = "NAME", .sets = member<&GcpSinkSettings::log>(),
     .example = "shop", .help = "the log's name; in the URL what stands behind the project"},
    {.key = "credentials_file", .metavar = "FILE",
     .sets = member<&GcpSinkSettings::google, &GoogleSettings::credentials_file>(SettingType::path),
     .example = "/run/secrets/google-key.json",
     .help = "the key of a service account; read again for each token; none: "
             "GOOGLE_APPLICATION_CREDENTIALS, else the metadata server"},
    {.key = "resource", .metavar = "TYPE", .sets = member<&GcpSinkSettings::resource>(),
     .default_text = "global", .help = "the type of the monitored resource"},
    {.key = "resource_labels", .metavar = "K=V",
     .sets = member<&GcpSinkSettings::resource_labels>(), .example = "zone=europe-west3-a",
     .help = "labels of the monitored resource"},
    {.key = "retention_days", .metavar = "N", .sets = member<&GcpSinkSettings::retention_days>(),
     .default_text = "30", .max = 3650,
     .help = "how long the log's bucket keeps entries: of older records it is said that they are "
             "sent and not kept; 0 says nothing"},
    {.key = "endpoint_url", .metavar = "URL",
     .sets = member<&GcpSinkSettings::transport, &HttpTransport::url>(),
     .example = "https://logging.googleapis.com", .help = "another endpoint than Google's own"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "compress request bodies"},
});
// clang-format on

}  // namespace

const SinkType& GcpSinkSettings::type() {
  constexpr Part kTransport = part<GcpSinkSettings, &GcpSinkSettings::transport>;
  static const SinkType kType =
      describe_sink<GcpSinkSettings>({.name = "gcp",
                                      .schemes = "gcp",
                                      .form = UrlForm::name,
                                      .path_key = "log",
                                      .example = "gcp://PROJECT/LOG",
                                      .help = "Google Cloud Logging",
                                      .takes_labels = true},
                                     {{kRows, part<GcpSinkSettings>},
                                      {http_header_rows(), kTransport},
                                      {kCompression, kTransport},
                                      {http_connection_rows(), kTransport}});
  return kType;
}

void GcpSinkSettings::complete(const SinkContext& context) {
  project = context.address;
  std::string url = transport.url.empty() ? "https://logging.googleapis.com" : transport.url;
  while (url.ends_with('/')) url.pop_back();
  constexpr std::string_view kPath = "/v2/entries:write";
  if (!url.ends_with(kPath)) url += kPath;
  transport.complete(std::move(url), context.request_timeout);
}

void GcpSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  constexpr std::size_t kMaxLogName = 511;
  if (log.empty()) {
    report("log",
           "no log is given; write the URL as in " + std::string(type().example) + ", or set log");
  } else if (log.size() > kMaxLogName ||
             log.find_first_not_of(
                 "/-_.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
                 std::string::npos) {
    report("log", "found " + toml_string(log) +
                      ", expected at most 511 letters, digits and the characters / - _ .");
  }
  const std::string& endpoint = transport.url;
  if (!endpoint.empty() && !endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    // It may hold a key, so it is not shown.
    report("endpoint_url", "found another text, expected http:// or https://");
  }
}

Result<std::unique_ptr<Sink>> GcpSinkSettings::make(const Labels& labels,
                                                    const SinkEnvironment& environment) const {
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(transport);
  if (!client) return std::move(client).error();
  auto tokens = std::make_unique<GoogleTokenSource>(
      google, transport, environment_variable, environment.make_http_client, *environment.clock);
  return GcpSink::make(*this, labels, std::move(client).value(), std::move(tokens),
                       *environment.clock, environment.log);
}

}  // namespace ship
