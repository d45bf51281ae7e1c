#include "settings/log_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Statistics"}, {
    {.key = "log.format", .flag = "log-format", .metavar = "FORMAT",
     .sets = member<&LogSettings::format>({{"auto", LogSettings::Format::automatic},
                                           {"text", LogSettings::Format::text},
                                           {"json", LogSettings::Format::json},
                                           {"journal", LogSettings::Format::journal}}),
     .default_text = "auto",
     .help = "the format of the program's own messages; auto: journal under systemd, else text, "
             "with the time unless a terminal shows it"},
    {.key = "log.level", .flag = "log-level", .metavar = "LEVEL",
     .sets = member<&LogSettings::level>({{"debug", LogLevel::debug}, {"info", LogLevel::info},
                                          {"warning", LogLevel::warning},
                                          {"error", LogLevel::error}}),
     .default_text = "info", .help = "the lowest level of its own messages to show"},
});
// clang-format on

}  // namespace

std::span<const Setting> log_rows() { return kRows; }

}  // namespace ship
