#include "sinks/loki/loki_settings.hpp"

#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/loki/loki_sink.hpp"
#include "sinks/loki/loki_streams.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "labels", .metavar = "K=V", .sets = member<&LokiSinkSettings::labels>(),
     .example = "team=shop", .help = "static labels, added to those at the top of the file"},
    {.key = "label_fields", .metavar = "LIST", .sets = member<&LokiSinkSettings::label_fields>(),
     .default_text = "level",
     .help = "fields that become labels; choose fields with few values"},
    {.key = "structured_metadata", .metavar = "LIST",
     .sets = member<&LokiSinkSettings::structured_metadata>(), .example = "trace_id",
     .help = "fields that become structured metadata"},
    {.key = "tenant_id", .metavar = "NAME", .sets = member<&LokiSinkSettings::tenant_id>(),
     .example = "shop", .help = "X-Scope-OrgID"},
    {.key = "encoding",
     .sets = member<&LokiSinkSettings::encoding>({{"protobuf", LokiSinkSettings::Encoding::protobuf}, {"json", LokiSinkSettings::Encoding::json}}),
     .default_text = "protobuf", .help = "protobuf is always compressed with snappy"},
    {.key = "max_streams", .metavar = "N", .sets = member<&LokiSinkSettings::max_streams>(),
     .default_text = "100", .min = 1, .max = 100'000,
     .help = "most label sets; beyond it, label_fields become structured metadata"},
    {.key = "max_age", .metavar = "DURATION", .sets = member<&LokiSinkSettings::max_age>(),
     .default_text = "0ms", .max = 3650 * kDay,
     .help = "leave out records older than this; 0 sends all of them"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "compress request bodies in JSON encoding"},
});
// clang-format on

}  // namespace

const SinkType& LokiSinkSettings::type() {
  static const SinkType kType = describe_sink<LokiSinkSettings>(
      {.name = "loki",
       .schemes = "loki+http|loki+https",
       .form = UrlForm::http,
       .example = "loki+http://host:3100",
       .help = "Grafana Loki",
       .takes_labels = true},
      http_family_rows<LokiSinkSettings>({{kRows, part<LokiSinkSettings>}}, kCompression));
  return kType;
}

void LokiSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void LokiSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  if (encoding == Encoding::protobuf && transport.compression == Compression::gzip) {
    report("compression",
           "\"gzip\" goes with encoding \"json\" only; protobuf is always compressed with snappy");
  }
}

std::vector<std::string> LokiSinkSettings::remarks(const Labels& all_labels) const {
  std::vector<std::string> remarks;
  const auto look = [&remarks](std::string_view what, std::string_view name) {
    const std::string sent = loki_label_name(name);
    if (sent != name) {
      remarks.push_back(std::string(what) + " \"" + std::string(name) + "\" is sent as " + sent +
                        ", because Loki allows only letters, digits and _ in names");
    }
  };
  for (const Labels* group : {&labels, &all_labels}) {
    for (const auto& [name, value] : *group) {
      look("label", name);
      if (value.empty()) {
        remarks.push_back("label \"" + name + "\" is empty, and Loki drops empty labels");
      }
    }
  }
  for (const std::string& field : label_fields) look("label", field.substr(0, field.find('=')));
  for (const std::string& field : structured_metadata) {
    look("structured metadata", field.substr(0, field.find('=')));
  }
  return remarks;
}

Result<std::unique_ptr<Sink>> LokiSinkSettings::make(const Labels& all_labels,
                                                     const SinkEnvironment& environment) const {
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(transport);
  if (!client) return std::move(client).error();
  return LokiSink::make(*this, all_labels, std::move(client).value(), *environment.clock,
                        environment.log);
}

}  // namespace ship
