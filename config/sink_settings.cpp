#include <array>

#include "config/settings_table.hpp"

namespace ship {
namespace {

constexpr SinkTypes kHttpFamily = SinkType::http | SinkType::loki;
constexpr SinkTypes kAll =
    SinkType::stdout_ | SinkType::file | SinkType::http | SinkType::loki | SinkType::null;
constexpr std::uint64_t kTb = 1ull << 40;
constexpr std::uint64_t kMinute = 60'000;
constexpr std::uint64_t kDay = 1440 * kMinute;

// clang-format off
constexpr std::array kSettings = {
    Setting{.key = "fallback", .metavar = "NAME", .type = SettingType::text, .scope = Scope::sink,
            .sinks = kAll, .example = "local",
            .help = "the sink that takes the records while this one cannot be reached"},
    Setting{.key = "levels", .metavar = "LIST", .type = SettingType::list, .scope = Scope::sink,
            .sinks = kAll, .example = "ERROR,CRITICAL",
            .help = "only records of these levels go to this sink"},

    Setting{.key = "format", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::stdout_), .choices = "json|pretty|logfmt",
            .default_text = "json", .help = "how records are written"},
    Setting{.key = "color", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::stdout_), .choices = "auto|always|never",
            .default_text = "auto", .help = "colours of the pretty format"},
    Setting{.key = "time", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::stdout_), .choices = "local|utc",
            .default_text = "local", .help = "times of the pretty format"},

    Setting{.key = "rotate_size", .metavar = "SIZE", .type = SettingType::size,
            .scope = Scope::sink, .sinks = only(SinkType::file), .default_text = "0", .max = kTb,
            .help = "start a new file when this one would grow larger; 0 is never"},
    Setting{.key = "rotate_interval", .metavar = "DURATION", .type = SettingType::duration,
            .scope = Scope::sink, .sinks = only(SinkType::file), .default_text = "0ms",
            .max = 365 * kDay, .help = "start a new file this often; 0 is never"},
    Setting{.key = "max_files", .metavar = "N", .type = SettingType::integer, .scope = Scope::sink,
            .sinks = only(SinkType::file), .default_text = "0", .max = 1'000'000,
            .help = "rotated files to keep; 0 is all"},
    Setting{.key = "max_total_bytes", .metavar = "SIZE", .type = SettingType::size,
            .scope = Scope::sink, .sinks = only(SinkType::file), .default_text = "0",
            .max = 1024 * kTb, .help = "bytes of rotated files to keep; 0 is all"},
    Setting{.key = "compress", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::file), .choices = "none|gzip|zstd", .default_text = "none",
            .help = "compress rotated files"},
    Setting{.key = "mode", .type = SettingType::mode, .scope = Scope::sink,
            .sinks = only(SinkType::file), .default_text = "0640", .max = 0777,
            .help = "permissions of new files, in octal"},
    Setting{.key = "fsync", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::file), .choices = "never|interval|always",
            .default_text = "never", .help = "when to force written records to disk"},

    Setting{.key = "method", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::http), .choices = "POST|PUT|PATCH", .default_text = "POST",
            .help = "the request's method"},
    Setting{.key = "query", .metavar = "K=V", .type = SettingType::map, .scope = Scope::sink,
            .sinks = only(SinkType::http), .example = "stream=app",
            .help = "parameters to add to the request's URL", .masked = true},
    Setting{.key = "body", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::http), .choices = "ndjson|array|wrapped",
            .default_text = "ndjson",
            .help = "lines, one JSON array, or an object that holds the array"},
    Setting{.key = "wrapper_key", .metavar = "KEY", .type = SettingType::text, .scope = Scope::sink,
            .sinks = only(SinkType::http), .default_text = "logs",
            .help = "the array's key in a wrapped body"},
    Setting{.key = "signing_secret", .type = SettingType::secret, .scope = Scope::sink,
            .sinks = only(SinkType::http), .example = "${SIGNING_SECRET}",
            .help = "sign requests as fapilog's webhooks are"},
    Setting{.key = "signing_secret_file", .metavar = "FILE", .type = SettingType::path,
            .scope = Scope::sink, .sinks = only(SinkType::http), .example = "/run/secrets/signing",
            .help = "a file that holds the signing secret"},

    Setting{.key = "labels", .metavar = "K=V", .type = SettingType::map, .scope = Scope::sink,
            .sinks = only(SinkType::loki),
            .example = "team=shop",
            .help = "static labels, added to those at the top of the file"},
    Setting{.key = "label_fields", .metavar = "LIST", .type = SettingType::list,
            .scope = Scope::sink, .sinks = only(SinkType::loki), .default_text = "level",
            .help = "fields of a record that become labels; keep their values few"},
    Setting{.key = "structured_metadata", .metavar = "LIST", .type = SettingType::list,
            .scope = Scope::sink, .sinks = only(SinkType::loki), .example = "trace_id",
            .help = "fields of a record that become structured metadata"},
    Setting{.key = "tenant_id", .metavar = "NAME", .type = SettingType::text, .scope = Scope::sink,
            .sinks = only(SinkType::loki), .example = "shop", .help = "X-Scope-OrgID"},
    Setting{.key = "encoding", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::loki), .choices = "protobuf|json", .default_text = "protobuf",
            .help = "protobuf is always compressed with snappy"},
    Setting{.key = "max_streams", .metavar = "N", .type = SettingType::integer,
            .scope = Scope::sink, .sinks = only(SinkType::loki), .default_text = "100", .min = 1,
            .max = 100'000,
            .help = "label sets at most; past it label_fields become structured metadata"},
    Setting{.key = "max_age", .metavar = "DURATION", .type = SettingType::duration,
            .scope = Scope::sink, .sinks = only(SinkType::loki), .default_text = "0ms",
            .max = 3650 * kDay, .help = "leave out records older than this; 0 sends all"},

    Setting{.key = "username", .metavar = "NAME", .type = SettingType::text, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "shop", .help = "for basic authentication",
            .masked = true},
    Setting{.key = "password", .type = SettingType::secret, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "${PASSWORD}", .help = "for basic authentication"},
    Setting{.key = "password_file", .metavar = "FILE", .type = SettingType::path,
            .scope = Scope::sink, .sinks = kHttpFamily, .example = "/run/secrets/password",
            .help = "a file that holds the password"},
    Setting{.key = "bearer_token", .type = SettingType::secret, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "${TOKEN}", .help = "for Authorization: Bearer"},
    Setting{.key = "bearer_token_file", .metavar = "FILE", .type = SettingType::path,
            .scope = Scope::sink, .sinks = kHttpFamily, .example = "/run/secrets/token",
            .help = "a file that holds the token; read again when it changes"},
    Setting{.key = "headers", .metavar = "K=V", .type = SettingType::map, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "X-Team=shop", .help = "more request headers",
            .masked = true},
    Setting{.key = "compression", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::http), .choices = "none|gzip|zstd", .default_text = "none",
            .help = "compress request bodies"},
    Setting{.key = "compression", .type = SettingType::choice, .scope = Scope::sink,
            .sinks = only(SinkType::loki), .choices = "none|gzip", .default_text = "none",
            .help = "compress request bodies in JSON encoding"},
    Setting{.key = "ca_file", .metavar = "FILE", .type = SettingType::path, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "/etc/ssl/ca.pem",
            .help = "certificates to trust instead of the system's"},
    Setting{.key = "cert_file", .metavar = "FILE", .type = SettingType::path, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "/etc/ssl/client.pem",
            .help = "a client certificate, PEM"},
    Setting{.key = "key_file", .metavar = "FILE", .type = SettingType::path, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "/etc/ssl/client.key", .help = "its private key, PEM"},
    Setting{.key = "tls_verify", .type = SettingType::boolean, .scope = Scope::sink,
            .sinks = kHttpFamily, .default_text = "true",
            .help = "verify the server's certificate"},
    Setting{.key = "proxy", .metavar = "URL", .type = SettingType::text, .scope = Scope::sink,
            .sinks = kHttpFamily, .example = "http://proxy:3128", .help = "an HTTP proxy",
            .masked = true},
    Setting{.key = "request_timeout", .metavar = "DURATION", .type = SettingType::duration,
            .scope = Scope::sink, .sinks = kHttpFamily, .example = "10s", .min = 10,
            .max = 60 * kMinute, .help = "the same as delivery.request_timeout"},
};
// clang-format on

}  // namespace

std::span<const Setting> sink_settings_table() { return kSettings; }

}  // namespace ship
