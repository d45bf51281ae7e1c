#include "sinks/gelf/gelf_settings.hpp"

#include "net/connection_rows.hpp"
#include "net/stream_transport.hpp"
#include "rows/member.hpp"
#include "sinks/gelf/gelf_sink.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/stream_defaults.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "hostname", .metavar = "NAME", .sets = member<&GelfSinkSettings::hostname>(),
     .example = "web-01", .help = "the host of the messages; else this machine's name"},
    {.key = "bulk", .sets = member<&GelfSinkSettings::bulk>(), .default_text = "false",
     .help = "over HTTP, many messages in one request; the input must have bulk receiving enabled"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "over HTTP, compress request bodies"},
});
// clang-format on

}  // namespace

const SinkType& GelfSinkSettings::type() {
  static const SinkType kType = describe_sink<GelfSinkSettings>(
      {.name = "gelf",
       .schemes = "gelf+tcp|gelf+tls|gelf+http|gelf+https",
       .form = UrlForm::peer,
       .example = "gelf+tcp://host:12201",
       .help = "Graylog (GELF 1.1), also gelf+tls and gelf+http://host:12201/gelf",
       .defaults = kStreamDefaults,
       .takes_labels = true,
       .worker_bytes = kStreamBufferBytes},
      http_family_rows<GelfSinkSettings>({{kRows, part<GelfSinkSettings>}}, kCompression));
  return kType;
}

void GelfSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void GelfSinkSettings::check(const SettingReport& report) const { transport.check(report); }

Result<std::unique_ptr<Sink>> GelfSinkSettings::make(const Labels& labels,
                                                     const SinkEnvironment& environment) const {
  return make_gelf_sink(*this, labels, environment);
}

}  // namespace ship
