#include "process/child_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "A command after -- as the input"}, {
    {.key = "child.grace", .flag = "grace", .metavar = "DURATION",
     .sets = member<&ChildSettings::grace>(), .default_text = "0ms", .max = kDay,
     .help = "kill the command if it still runs this long after SIGTERM or SIGINT; 0 is never"},
    {.key = "child.forward_hup", .flag = "forward-hup",
     .sets = member<&ChildSettings::forward_hup>(), .default_text = "true",
     .help = "pass SIGHUP on to the command, too", .negatable = true},
    {.key = "child.signal_child_only", .flag = "signal-child-only",
     .sets = member<&ChildSettings::signal_child_only>(), .default_text = "false",
     .help = "send signals to the command alone, not to its process group", .negatable = true},
    {.key = "child.rewrite_signal", .flag = "rewrite-signal", .metavar = "FROM=TO",
     .sets = member<&ChildSettings::rewrite_signal>(), .example = "TERM=QUIT",
     .help = "pass on TO when FROM arrives, or nothing if TO is 0; may be repeated",
     .repeatable = true},
    {.key = "child.expect_exit", .flag = "expect-exit", .metavar = "CODE",
     .sets = member<&ChildSettings::expect_exit>(), .example = "143",
     .help = "an exit code of the command that counts as 0; may be repeated", .repeatable = true},
    {.key = "child.pdeathsig", .flag = "pdeathsig", .metavar = "SIGNAL",
     .sets = member<&ChildSettings::pdeathsig>(), .default_text = "TERM",
     .help = "the signal for the command if fapilog-ship dies first, or none"},
    {.key = "child.subreaper", .flag = "subreaper", .sets = member<&ChildSettings::subreaper>(),
     .default_text = "false", .help = "reap orphaned processes without being PID 1",
     .negatable = true},
});
// clang-format on

}  // namespace

std::span<const Setting> child_rows() { return kRows; }

}  // namespace ship
