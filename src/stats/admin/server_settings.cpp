#include "stats/admin/server_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Statistics"}, {
    {.key = "server.listen", .flag = "listen", .metavar = "ADDR:PORT",
     .sets = member<&ServerSettings::listen>(), .example = "127.0.0.1:9464",
     .help = "serve /metrics, /healthz, /readyz, /stats and, for a browser, a live page; without "
             "ADDR on 127.0.0.1; or unix:PATH"},
    {.key = "server.bearer_token", .flag = "server-token", .metavar = "TOKEN",
     .sets = member<&ServerSettings::bearer_token>(), .example = "${STATS_TOKEN}",
     .help = "the token that clients of --listen must send, except for /healthz and /readyz; top "
             "sends it"},
    {.key = "server.bearer_token_file", .flag = "server-token-file", .metavar = "FILE",
     .sets = from_file<&ServerSettings::bearer_token>(), .example = "/run/secrets/stats-token",
     .help = "the same, from a file that is read again when it changes"},
    {.key = "server.tap", .flag = "server-tap", .metavar = "WHAT",
     .sets = member<&ServerSettings::tap>({{"on", ServerSettings::Tap::on}, {"off", ServerSettings::Tap::off}, {"raw", ServerSettings::Tap::raw}}),
     .default_text = "on",
     .help = "let tap show records, where --listen is loopback, a Unix socket or has a token; raw: "
             "also as they are before the redaction"},
});
// clang-format on

}  // namespace

std::span<const Setting> server_rows() { return kRows; }

}  // namespace ship
