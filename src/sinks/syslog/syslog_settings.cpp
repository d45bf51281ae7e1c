#include "sinks/syslog/syslog_settings.hpp"

#include "rows/member.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/stream_defaults.hpp"
#include "sinks/syslog/syslog_message.hpp"
#include "sinks/syslog/syslog_sink.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "facility", .metavar = "NAME", .sets = member<&SyslogSinkSettings::facility>(),
     .default_text = "user",
     .help = "what the records are of: user, daemon, auth, local0 to local7, …, or 0 to 23"},
    {.key = "app_name", .metavar = "NAME", .sets = member<&SyslogSinkSettings::app_name>(),
     .example = "shop", .help = "the application; else the record's service"},
    {.key = "hostname", .metavar = "NAME", .sets = member<&SyslogSinkSettings::hostname>(),
     .example = "web-01", .help = "the host; else this machine's name"},
    {.key = "structured_data", .metavar = "K=V",
     .sets = member<&SyslogSinkSettings::structured_data>(), .example = "env=prod",
     .help = "parameters of structured data, beside the labels at the top of the file"},
    {.key = "sd_id", .metavar = "NAME", .sets = member<&SyslogSinkSettings::sd_id>(),
     .default_text = "labels@32473",
     .help = "the element of structured data that holds them; behind the @ stands the number of "
             "your enterprise"},
    {.key = "framing",
     .sets = member<&SyslogSinkSettings::framing>({{"octet", SyslogSinkSettings::Framing::octet}, {"newline", SyslogSinkSettings::Framing::newline}}),
     .default_text = "octet",
     .help = "over TCP and TLS, how messages are told apart: by a count of bytes before each, or by "
             "a newline behind it"},
    {.key = "max_datagram_bytes", .metavar = "SIZE",
     .sets = member<&SyslogSinkSettings::max_datagram_bytes>(SettingType::size),
     .default_text = "2048", .min = 480, .max = 65'507,
     .help = "over UDP, where longer messages are cut"},
    {.key = "max_rate", .metavar = "N", .sets = member<&SyslogSinkSettings::max_rate>(),
     .default_text = "5000", .max = 10'000'000,
     .help = "over UDP, datagrams a second to a server on another machine; 0 is no limit"},
});
// clang-format on

}  // namespace

const SinkType& SyslogSinkSettings::type() {
  static const SinkType kType = describe_sink<SyslogSinkSettings>(
      {.name = "syslog",
       .schemes = "syslog+tcp|syslog+tls|syslog+udp|syslog+unix",
       .form = UrlForm::peer,
       .example = "syslog+tcp://host:514",
       .help = "syslog servers (RFC 5424), also syslog+tls, syslog+udp and syslog+unix:/dev/log",
       .defaults = kStreamDefaults,
       .takes_labels = true,
       .worker_bytes = kStreamBufferBytes},
      {{kRows, part<SyslogSinkSettings>},
       {stream_connection_rows(), part<SyslogSinkSettings, &SyslogSinkSettings::transport>}});
  return kType;
}

void SyslogSinkSettings::complete(const SinkContext& context) {
  transport.complete(context.address, context.request_timeout);
}

void SyslogSinkSettings::check(const SettingReport& report) const {
  transport.check(report);
  if (!syslog_facility(facility)) {
    report(
        "facility",
        "not a facility; expected kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, "
        "authpriv, ftp, ntp, audit, alert, clock, local0 to local7, or a number from 0 to 23");
  }
  if (sd_id.empty() || sd_id.size() > 32 || sd_id.find_first_of(" =]\"") != sd_id.npos) {
    report("sd_id", "expected at most 32 characters without blank, =, ] and \"");
  }
}

Result<std::unique_ptr<Sink>> SyslogSinkSettings::make(const Labels& labels,
                                                       const SinkEnvironment& environment) const {
  return make_syslog_sink(*this, labels, environment);
}

}  // namespace ship
