#include "queue/queue_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Queue, one for each sink", .scope = Scope::shared, .reloadable = true}, {
    {.key = "queue.size", .flag = "queue-size", .metavar = "N",
     .sets = member<&QueueSettings::size>(), .default_text = "10000", .min = 1, .max = 100'000'000,
     .help = "records that may wait"},
    {.key = "queue.max_bytes", .flag = "queue-bytes", .metavar = "SIZE",
     .sets = member<&QueueSettings::max_bytes>(SettingType::size), .default_text = "64 MB",
     .min = 4 * kKb, .max = kTb, .help = "bytes that may wait; a hard ceiling"},
    {.key = "queue.drop_on_full", .flag = "drop-on-full",
     .sets = member<&QueueSettings::drop_on_full>(), .default_text = "true",
     .help = "when the queue is full, drop instead of holding the input back; off if every input "
             "is a regular file", .negatable = true},
    {.key = "queue.wait", .flag = "wait", .metavar = "DURATION",
     .sets = member<&QueueSettings::wait>(), .default_text = "0ms", .max = kHour,
     .help = "how long a full queue may hold the input back before it drops"},
    {.key = "queue.drop", .flag = "drop", .metavar = "WHICH",
     .sets = member<&QueueSettings::drop>({{"newest", DropPolicy::newest}, {"oldest", DropPolicy::oldest}}),
     .default_text = "newest", .help = "which unprotected record gives way in a full queue"},
    {.key = "queue.protected_levels", .flag = "protected-levels", .metavar = "LIST",
     .sets = member<&QueueSettings::protected_levels>(),
     .default_text = "ERROR,CRITICAL,FATAL,AUDIT,SECURITY",
     .help = "levels to drop last, a comma list"},
});
// clang-format on

}  // namespace

std::span<const Setting> queue_rows() { return kRows; }

}  // namespace ship
