#include "sinks/cloudwatch/cloudwatch_settings.hpp"

#include <algorithm>
#include <unistd.h>

#include "base/host_name.hpp"
#include "net/aws/aws_signer.hpp"
#include "rows/member.hpp"
#include "sinks/cloudwatch/cloudwatch_sink.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {
namespace {

/// The endpoint of the region, as AWS names them.
std::string endpoint_of(const std::string& region) {
  return "https://logs." + region +
         (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "group", .metavar = "NAME", .sets = member<&CloudwatchSinkSettings::group>(),
     .example = "/shop/web",
     .help = "log group; in the URL, the part between the region and the last slash"},
    {.key = "stream", .metavar = "NAME", .sets = member<&CloudwatchSinkSettings::stream>(),
     .default_text = "{host}-{pid}",
     .help = "log stream, the last part of the URL; {host}, {pid}, strftime of the record's time, "
             "and other fields of the record in braces"},
    {.key = "create_group", .sets = member<&CloudwatchSinkSettings::create_group>(),
     .default_text = "true", .help = "make the log group where it is missing"},
    {.key = "create_stream", .sets = member<&CloudwatchSinkSettings::create_stream>(),
     .default_text = "true", .help = "make the log stream where it is missing"},
    {.key = "retention_days", .metavar = "N",
     .sets = member<&CloudwatchSinkSettings::retention_days>(), .default_text = "0", .max = 3653,
     .help = "how long a log group that is made keeps its events; 0 keeps them"},
    {.key = "endpoint_url", .metavar = "URL",
     .sets = member<&CloudwatchSinkSettings::transport, &HttpTransport::url>(),
     .example = "https://logs.eu-central-1.amazonaws.com",
     .help = "another endpoint than the region's own"},
});
// clang-format on

}  // namespace

const SinkType& CloudwatchSinkSettings::type() {
  static const SinkType kType = describe_sink<CloudwatchSinkSettings>(
      {.name = "cloudwatch",
       .schemes = "cloudwatch",
       .form = UrlForm::log_group,
       .example = "cloudwatch://REGION/GROUP/STREAM",
       .help = "Amazon CloudWatch Logs"},
      {{kRows, part<CloudwatchSinkSettings>},
       {aws_key_rows(), part<CloudwatchSinkSettings, &CloudwatchSinkSettings::aws>},
       {http_header_rows(), part<CloudwatchSinkSettings, &CloudwatchSinkSettings::transport>},
       {http_connection_rows(), part<CloudwatchSinkSettings, &CloudwatchSinkSettings::transport>}});
  return kType;
}

void CloudwatchSinkSettings::complete(const SinkContext& context) {
  std::string url = transport.url.empty() ? endpoint_of(context.address) : transport.url;
  while (url.ends_with('/')) url.pop_back();
  transport.complete(url + '/', context.request_timeout);
  aws.service = "logs";
  aws.region = context.address;
}

void CloudwatchSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  aws.check(report);
  if (group.empty()) {
    report("group", "no log group is given; write the URL as in " + std::string(type().example) +
                        ", or set group");
  } else if (group.size() > 512 ||
             group.find_first_not_of(
                 ".-_/#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
                 std::string::npos) {
    report("group", "found " + toml_string(group) +
                        ", expected at most 512 letters, digits and the characters . - _ / #");
  }
  if (const auto pattern = NamePattern::parse(stream); !pattern) {
    report("stream", pattern.error().message);
  }
  // What PutRetentionPolicy accepts.
  constexpr std::uint32_t kDays[] = {0,    1,    3,    5,    7,    14,   30,  60,
                                     90,   120,  150,  180,  365,  400,  545, 731,
                                     1096, 1827, 2192, 2557, 2922, 3288, 3653};
  if (std::find(std::begin(kDays), std::end(kDays), retention_days) == std::end(kDays)) {
    report("retention_days",
           "found " + std::to_string(retention_days) +
               ", expected 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, "
               "545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, or 0 to keep them");
  }
  const std::string& endpoint = transport.url;
  if (!endpoint.empty() && !endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    // It may hold a key, so it is not shown.
    report("endpoint_url", "found another text, expected http:// or https://");
  }
}

Result<std::unique_ptr<Sink>> CloudwatchSinkSettings::make(
    const Labels&, const SinkEnvironment& environment) const {
  Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(transport);
  if (!client) return std::move(client).error();
  return CloudwatchSink::make(*this, std::move(client).value(), environment.make_signer(aws),
                              {host_name(), std::to_string(::getpid())});
}

}  // namespace ship
