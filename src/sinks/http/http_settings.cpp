#include "sinks/http/http_settings.hpp"

#include "base/percent.hpp"
#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/http/http_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "method", .sets = one_of<&HttpSinkSettings::method>({"POST", "PUT", "PATCH"}),
     .default_text = "POST", .help = "the request's method"},
    {.key = "query", .metavar = "K=V", .sets = member<&HttpSinkSettings::query>(),
     .example = "stream=app", .help = "parameters to add to the request's URL; {batch_id} in one is the same at each "
             "attempt at a batch, and another for each batch", .masked = true},
    {.key = "body",
     .sets = member<&HttpSinkSettings::body>({{"ndjson", HttpSinkSettings::Body::ndjson}, {"array", HttpSinkSettings::Body::array}, {"wrapped", HttpSinkSettings::Body::wrapped}}),
     .default_text = "ndjson", .help = "lines, one JSON array, or an object that holds the array"},
    {.key = "wrapper_key", .metavar = "KEY", .sets = member<&HttpSinkSettings::wrapper_key>(),
     .default_text = "logs", .help = "the array's key in a wrapped body"},
    {.key = "signing_secret", .sets = member<&HttpSinkSettings::signing_secret>(),
     .example = "${SIGNING_SECRET}", .help = "sign requests as fapilog's webhooks are"},
    {.key = "signing_secret_file", .metavar = "FILE",
     .sets = from_file<&HttpSinkSettings::signing_secret>(), .example = "/run/secrets/signing",
     .help = "a file that holds the signing secret"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}, {"zstd", Compression::zstd}}),
     .default_text = "none", .help = "compress request bodies"},
});
// clang-format on

}  // namespace

const SinkType& HttpSinkSettings::type() {
  static const SinkType kType = describe_sink<HttpSinkSettings>(
      {.name = "http",
       .schemes = "http|https",
       .form = UrlForm::http,
       .example = "https://host/path",
       .help = "any HTTP endpoint that takes JSON"},
      http_family_rows<HttpSinkSettings>({{kRows, part<HttpSinkSettings>}}, kCompression));
  return kType;
}

void HttpSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
  char separator = '?';
  for (const auto& [name, text] : query) {
    transport.url += separator + percent_encoded(name) + "=" + percent_encoded(text);
    separator = '&';
  }
}

void HttpSinkSettings::check(const SettingReport& report) const { transport.check(report); }

Result<std::unique_ptr<Sink>> HttpSinkSettings::make(const Labels&,
                                                     const SinkEnvironment& environment) const {
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(transport);
  if (!client) return std::move(client).error();
  return {std::make_unique<HttpSink>(*this, std::move(client).value(), *environment.clock)};
}

}  // namespace ship
