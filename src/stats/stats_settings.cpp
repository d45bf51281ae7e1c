#include "stats/stats_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Statistics"}, {
    {.key = "stats.format", .flag = "stats-format", .metavar = "FORMAT",
     .sets = member<&StatsSettings::format>({{"text", StatsSettings::Format::text}, {"json", StatsSettings::Format::json}}),
     .default_text = "text", .help = "the format of statistics, which always go to standard error",
     .reloadable = true},
    {.key = "stats.interval", .flag = "stats-interval", .metavar = "DURATION",
     .sets = member<&StatsSettings::interval>(), .default_text = "0ms", .max = 365 * kDay,
     .help = "print them regularly; 0 is never", .reloadable = true},
    {.key = "stats.at_exit", .flag = "stats-at-exit", .sets = member<&StatsSettings::at_exit>(),
     .default_text = "false", .help = "print them at the end", .negatable = true,
     .reloadable = true},
    {.key = "stats.signal", .flag = "stats-signal", .metavar = "NAME",
     .sets = one_of<&StatsSettings::signal>({"USR1", "USR2", "QUIT", "WINCH", "none"}, SettingType::signal),
     .default_text = "USR1", .help = "the signal that asks for them"},
});
// clang-format on

}  // namespace

std::span<const Setting> stats_rows() { return kRows; }

}  // namespace ship
