#include "spool/spool_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Spool and dead letters", .scope = Scope::shared}, {
    {.key = "spool.dir", .flag = "spool", .metavar = "DIR",
     .sets = member<&SpoolSettings::dir>(SettingType::path), .example = "/var/lib/fapilog-ship",
     .help = "keep overflow and undelivered records in this directory"},
    {.key = "spool.max_bytes", .flag = "spool-bytes", .metavar = "SIZE",
     .sets = member<&SpoolSettings::max_bytes>(SettingType::size), .default_text = "1 GB",
     .min = kMb, .max = 1024 * kTb, .help = "bytes that the spool may use"},
    {.key = "spool.mode", .flag = "spool-mode", .metavar = "MODE",
     .sets = member<&SpoolSettings::mode>({{"overflow", SpoolMode::overflow}, {"durable", SpoolMode::durable}, {"off", SpoolMode::off}}),
     .default_text = "overflow",
     .help = "overflow: what memory cannot hold; durable: on disk before delivery; off: no spool"},
    {.key = "spool.wait", .flag = "spool-wait", .metavar = "DURATION",
     .sets = member<&SpoolSettings::wait>(), .default_text = "1s", .max = kHour,
     .help = "longest time that the input waits without a byte reaching the disk"},
});
// clang-format on

}  // namespace

std::span<const Setting> spool_rows() { return kRows; }

}  // namespace ship
