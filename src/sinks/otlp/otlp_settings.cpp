#include "sinks/otlp/otlp_settings.hpp"

#include <array>

#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/otlp/otlp_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "resource_attributes", .metavar = "K=V",
     .sets = member<&OtlpSinkSettings::resource_attributes>(), .example = "service.name=shop",
     .help = "attributes of the resource, added to the labels at the top of the file"},
    {.key = "append_path", .sets = member<&OtlpSinkSettings::append_path>(),
     .default_text = "true", .help = "send to /v1/logs below the URL; false: to the URL as it is"},
    {.key = "otel_environment", .sets = member<&OtlpSinkSettings::otel_environment>(),
     .default_text = "true",
     .help = "take what no setting says from OpenTelemetry's own variables, OTEL_SERVICE_NAME, "
             "OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_*"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "compress request bodies"},
});
// clang-format on

/// A collector accepts 4 MB in its usual configuration, and a record grows when encoded.
constexpr std::array<SinkDefault, 1> kDefaults = {{{"delivery.batch_max_bytes", "2 MB"}}};

}  // namespace

const SinkType& OtlpSinkSettings::type() {
  static const SinkType kType = describe_sink<OtlpSinkSettings>(
      {.name = "otlp",
       .schemes = "otlp+http|otlp+https",
       .form = UrlForm::http,
       .example = "otlp+http://host:4318",
       .help = "OpenTelemetry collectors",
       .defaults = kDefaults,
       .takes_labels = true},
      http_family_rows<OtlpSinkSettings>({{kRows, part<OtlpSinkSettings>}}, kCompression));
  return kType;
}

void OtlpSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void OtlpSinkSettings::check(const SettingReport& report) const { transport.check(report); }

Result<std::unique_ptr<Sink>> OtlpSinkSettings::make(const Labels& labels,
                                                     const SinkEnvironment& environment) const {
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(transport);
  if (!client) return std::move(client).error();
  return OtlpSink::make(*this, labels, std::move(client).value(), *environment.clock,
                        environment.message_fields);
}

}  // namespace ship
