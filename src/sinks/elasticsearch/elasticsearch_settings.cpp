#include "sinks/elasticsearch/elasticsearch_settings.hpp"

#include <array>

#include "net/aws/aws_signer.hpp"
#include "net/connection_rows.hpp"
#include "rows/member.hpp"
#include "sinks/elasticsearch/elasticsearch_sink.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "index", .metavar = "NAME", .sets = member<&ElasticsearchSinkSettings::index>(),
     .example = "logs-{service}-%Y.%m.%d",
     .help = "index or data stream, the last part of the URL's path; strftime of the record's "
             "time, and fields of the record in braces"},
    {.key = "op",
     .sets = member<&ElasticsearchSinkSettings::op>({{"create", ElasticsearchSinkSettings::Op::create}, {"index", ElasticsearchSinkSettings::Op::index}}),
     .default_text = "create",
     .help = "create stores nothing twice, and is what data streams take; index replaces"},
    {.key = "id_field", .metavar = "PATH", .sets = member<&ElasticsearchSinkSettings::id_field>(),
     .example = "context.message_id",
     .help = "the field that is the document's _id, where records say one themselves; none: the "
             "record's own identity, which no other record has"},
    {.key = "api_key", .sets = member<&ElasticsearchSinkSettings::api_key>(),
     .example = "${API_KEY}", .help = "for Authorization: ApiKey, base64 of id:key"},
    {.key = "api_key_file", .metavar = "FILE",
     .sets = from_file<&ElasticsearchSinkSettings::api_key>(), .example = "/run/secrets/api-key",
     .help = "a file that holds the API key; read again when it changes"},
    {.key = "aws_service",
     .sets = one_of<&ElasticsearchSinkSettings::aws, &AwsSettings::service>({"es", "aoss"}),
     .example = "es",
     .help = "sign requests for Amazon OpenSearch Service or a serverless collection"},
    {.key = "region", .metavar = "NAME",
     .sets = member<&ElasticsearchSinkSettings::aws, &AwsSettings::region>(),
     .example = "eu-central-1", .help = "the AWS region that signatures are for"},
});

constexpr auto kCompression = section({.scope = Scope::sink}, {
    {.key = "compression",
     .sets = member<&HttpTransport::compression>({{"none", Compression::none}, {"gzip", Compression::gzip}}),
     .default_text = "none", .help = "compress request bodies"},
});
// clang-format on

/// Managed clusters accept 10 MB in a request, which includes actions and document ids between the
/// lines.
constexpr std::array<SinkDefault, 1> kDefaults = {{{"delivery.batch_max_bytes", "5 MB"}}};

}  // namespace

const SinkType& ElasticsearchSinkSettings::type() {
  static const SinkType kType = describe_sink<ElasticsearchSinkSettings>(
      {.name = "elasticsearch",
       .schemes = "elasticsearch+http|elasticsearch+https",
       .form = UrlForm::http,
       .path_key = "index",
       .example = "elasticsearch+http://host:9200/INDEX",
       .help = "Elasticsearch or OpenSearch",
       .defaults = kDefaults},
      http_family_rows<ElasticsearchSinkSettings>(
          {{kRows, part<ElasticsearchSinkSettings>},
           {aws_key_rows(), part<ElasticsearchSinkSettings, &ElasticsearchSinkSettings::aws>}},
          kCompression));
  return kType;
}

void ElasticsearchSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void ElasticsearchSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  aws.check(report);
  const auto beside = [&](bool given, const char* key, const char* what) {
    if (given) report(key, "given together with " + std::string(what) + "; keep one of the two");
  };
  const bool has_token = !transport.bearer_token.empty();
  if (!api_key.empty()) {
    beside(!transport.username.empty(), "username", "an API key");
    beside(has_token, "bearer_token", "an API key");
  }
  if (aws.service.empty()) {
    for (const auto& [key, text] :
         {std::pair("region", &aws.region), std::pair("access_key_id", &aws.access_key_id),
          std::pair("profile", &aws.profile)}) {
      if (!text->empty()) report(key, "needs aws_service, \"es\" or \"aoss\"");
    }
  } else {
    if (aws.region.empty()) report("aws_service", "needs a region");
    constexpr const char* kSigns = "aws_service, which signs";
    beside(!transport.username.empty(), "username", kSigns);
    beside(has_token, "bearer_token", kSigns);
    beside(!api_key.empty(), "api_key", kSigns);
  }
  if (index.empty()) {
    report("index", "no index is given; put it at the end of the URL, as in " +
                        std::string(type().example) + ", or set index");
  } else if (const auto pattern = NamePattern::parse(index); !pattern) {
    report("index", pattern.error().message);
  }
}

Result<std::unique_ptr<Sink>> ElasticsearchSinkSettings::make(
    const Labels&, const SinkEnvironment& environment) const {
  ElasticsearchSinkSettings settings = *this;
  if (!api_key.empty()) {
    settings.transport.bearer_token = api_key;
    settings.transport.token_scheme = "ApiKey";
  }
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(settings.transport);
  if (!client) return std::move(client).error();
  std::unique_ptr<AwsSigner> signer;
  if (!aws.service.empty()) signer = environment.make_signer(aws);
  return ElasticsearchSink::make(std::move(settings), std::move(client).value(), std::move(signer));
}

}  // namespace ship
