#include "input/input_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Input"}, {
    {.key = "input.path", .flag = "input", .short_flag = 'i', .metavar = "PATH",
     .sets = member<&InputSettings::paths>(SettingType::paths), .example = "app.log",
     .help = "read these files instead of standard input, or listen on unix:PATH, tcp://ADDR:PORT "
             "or what systemd passes (systemd:, systemd:NAME); may be repeated", .repeatable = true},
    {.key = "input.follow", .flag = "follow", .sets = member<&InputSettings::follow>(),
     .default_text = "false",
     .help = "go on reading files that grow, through rotation; --input takes patterns such as "
             "'/var/log/app/*.log', too", .negatable = true},
    {.key = "input.checkpoint", .flag = "checkpoint", .metavar = "FILE",
     .sets = member<&InputSettings::checkpoint>(SettingType::path),
     .example = "/var/lib/fapilog-ship/checkpoint",
     .help = "of followed files: where it is kept how far each was shipped, so that the next run "
             "goes on there"},
    {.key = "input.start", .flag = "start", .metavar = "WHERE",
     .sets = member<&InputSettings::start>({{"checkpoint", FollowStart::checkpoint}, {"end", FollowStart::end}, {"beginning", FollowStart::beginning}}),
     .default_text = "checkpoint",
     .help = "of followed files: where the checkpoint says (else at the beginning), at the end of "
             "those that it does not know, or all from the beginning"},
    {.key = "input.fifo", .flag = "fifo", .metavar = "WHAT",
     .sets = member<&InputSettings::fifo>({{"end", FifoEnd::end}, {"keep", FifoEnd::keep}, {"make", FifoEnd::make}}),
     .default_text = "end",
     .help = "when the last writer of a FIFO is gone: end with it, or keep it open for the next; "
             "make also makes one that is not there"},
    {.key = "input.socket_mode", .sets = member<&InputSettings::socket_mode>(SettingType::mode),
     .default_text = "0660", .max = 0777,
     .help = "permissions of a Unix socket's path, and of a FIFO that is made"},
    {.key = "input.socket_owner", .sets = member<&InputSettings::socket_owner>(), .example = "root",
     .help = "who owns that path: a name or a number"},
    {.key = "input.socket_group", .sets = member<&InputSettings::socket_group>(), .example = "app",
     .help = "its group: a name or a number"},
    {.key = "input.max_connections", .flag = "max-connections", .metavar = "N",
     .sets = member<&InputSettings::max_connections>(), .default_text = "1024", .min = 1,
     .max = 100'000,
     .help = "connections of all sockets together; those beyond are closed at once and counted"},
    {.key = "input.pending_bytes", .sets = member<&InputSettings::pending_bytes>(SettingType::size),
     .default_text = "8 MB", .min = 256 * kKb, .max = kTb,
     .help = "memory for what connections sent without a newline yet, in all; beyond it the "
             "longest line is cut, marked _truncated and counted"},
    {.key = "input.idle_timeout", .flag = "idle-timeout", .metavar = "DURATION",
     .sets = member<&InputSettings::idle_timeout>(), .default_text = "0ms", .max = 7 * kDay,
     .help = "a connection that sends nothing for so long is closed; 0: never"},
    {.key = "input.format", .flag = "format", .metavar = "FORMAT",
     .sets = member<&InputSettings::format>({{"auto", InputFormat::automatic}, {"json", InputFormat::json}, {"text", InputFormat::text}}),
     .default_text = "auto", .help = "what a line is: JSON objects, plain text, or both"},
    {.key = "input.on_invalid", .flag = "on-invalid", .metavar = "WHAT",
     .sets = member<&InputSettings::on_invalid>({{"wrap", OnInvalid::wrap}, {"drop", OnInvalid::drop}, {"dead-letter", OnInvalid::dead_letter}}),
     .default_text = "wrap", .help = "what happens to a line that is not a JSON object"},
    {.key = "input.max_line_bytes", .flag = "max-line-bytes", .metavar = "SIZE",
     .sets = member<&InputSettings::max_line_bytes>(SettingType::size), .default_text = "1 MB",
     .min = kKb, .max = 64 * kMb, .help = "longer lines are cut, marked _truncated and counted"},
    {.key = "input.multiline", .flag = "multiline", .sets = member<&InputSettings::multiline>(),
     .default_text = "true", .help = "join tracebacks and other continuation lines of plain text",
     .negatable = true},
    {.key = "input.multiline_start", .flag = "multiline-start", .metavar = "REGEX",
     .sets = member<&InputSettings::multiline_start>(), .example = "^\\[",
     .help = "a line of plain text that matches this (RE2) starts a message, and all others join "
             "the one before; replaces the built-in rules"},
    {.key = "input.multiline_timeout", .flag = "multiline-timeout", .metavar = "DURATION",
     .sets = member<&InputSettings::multiline_timeout>(), .default_text = "200ms", .min = 1,
     .max = 60'000, .help = "how long plain text waits for continuation lines"},
    {.key = "input.level_field", .flag = "level-field", .metavar = "LIST",
     .sets = member<&InputSettings::level_fields>(), .example = "meta.severity",
     .help = "dotted paths to look for the level, before the places of known loggers"},
    {.key = "input.time_field", .flag = "time-field", .metavar = "LIST",
     .sets = member<&InputSettings::time_fields>(), .example = "meta.at",
     .help = "the same for the time"},
    {.key = "input.message_field", .flag = "message-field", .metavar = "LIST",
     .sets = member<&InputSettings::message_fields>(), .example = "meta.text",
     .help = "the same for the message, as pretty, logfmt and OTLP show it"},
    {.key = "input.unwrap", .flag = "unwrap", .metavar = "WHAT",
     .sets = member<&InputSettings::unwrap>({{"none", Unwrap::none}, {"docker", Unwrap::docker}, {"cri", Unwrap::cri}, {"journald", Unwrap::journald}, {"auto", Unwrap::automatic}}),
     .default_text = "none",
     .help = "ship what a platform's envelope holds: Docker's json-file, journalctl -o json; "
             "lines of a container's log (CRI) are always unwrapped"},
    {.key = "input.level_from_text", .flag = "level-from-text",
     .sets = member<&InputSettings::level_from_text>(), .default_text = "true",
     .help = "find level and time in plain text, too", .negatable = true},
    {.key = "input.time_zone", .flag = "time-zone", .metavar = "ZONE",
     .sets = member<&InputSettings::time_zone>(), .default_text = "local",
     .help = "for times without a zone: local, UTC, or an offset from UTC such as +02:00"},
});
// clang-format on

}  // namespace

std::span<const Setting> input_rows() { return kRows; }

}  // namespace ship
