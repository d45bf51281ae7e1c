#include "settings/delivery_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kDelivery = section({.group = "Delivery", .scope = Scope::shared, .reloadable = true}, {
    {.key = "delivery.workers", .flag = "workers", .metavar = "N",
     .sets = member<&DeliverySettings::workers>(), .default_text = "auto", .zero = "auto",
     .min = 1, .max = 64,
     .help = "requests in flight to each remote sink; auto: as many as latency, refusals and "
             "backlog call for", .remote_only = true},
    {.key = "delivery.max_in_flight", .flag = "max-in-flight", .metavar = "N",
     .sets = member<&DeliverySettings::max_in_flight>(), .default_text = "16", .min = 1, .max = 64,
     .help = "the limit for workers = auto"},
    {.key = "delivery.order", .flag = "order", .metavar = "ORDER",
     .sets = member<&DeliverySettings::order>({{"keep", DeliveryOrder::keep},
                                               {"any", DeliveryOrder::any}}),
     .default_text = "any",
     .help = "keep: lines arrive in the order they were read, one request at a time; any: "
             "requests go side by side",
     .remote_only = true},
    {.key = "delivery.batch_size", .flag = "batch-size", .metavar = "N",
     .sets = member<&DeliverySettings::batch_size>(), .default_text = "10000", .min = 1,
     .max = 100'000, .help = "records in one batch"},
    {.key = "delivery.batch_max_bytes", .flag = "batch-bytes", .metavar = "SIZE",
     .sets = member<&DeliverySettings::batch_max_bytes>(SettingType::size),
     .default_text = "960 KB", .min = kKb, .max = 64 * kMb,
     .help = "bytes of lines in one batch; at most an eighth of queue.max_bytes"},
    {.key = "delivery.batch_timeout", .flag = "batch-timeout", .metavar = "DURATION",
     .sets = member<&DeliverySettings::batch_timeout>(), .default_text = "250ms",
     .max = kHour, .help = "how long a batch waits to fill up"},
    {.key = "delivery.request_timeout", .flag = "request-timeout", .metavar = "DURATION",
     .sets = member<&DeliverySettings::request_timeout>(), .default_text = "10s", .min = 10,
     .max = kHour, .help = "how long one request may take"},
    {.key = "delivery.retry_base", .flag = "retry-base", .metavar = "DURATION",
     .sets = member<&DeliverySettings::retry_base>(), .default_text = "500ms", .min = 1,
     .max = kHour, .help = "first wait before a retry; doubles each time, with full jitter"},
    {.key = "delivery.retry_max", .flag = "retry-max", .metavar = "DURATION",
     .sets = member<&DeliverySettings::retry_max>(), .default_text = "30s", .min = 1, .max = kDay,
     .help = "longest wait between retries"},
    {.key = "delivery.retry_max_elapsed", .flag = "retry-max-elapsed", .metavar = "DURATION",
     .sets = member<&DeliverySettings::retry_max_elapsed>(), .default_text = "0ms",
     .max = 365 * kDay, .help = "give up on a batch after this long; 0 is never"},
    {.key = "delivery.breaker_failures", .flag = "breaker-failures", .metavar = "N",
     .sets = member<&DeliverySettings::breaker_failures>(), .default_text = "5", .max = 1'000'000,
     .help = "after this many failures in a row, only probe the sink; 0 is never"},
    {.key = "delivery.breaker_interval", .flag = "breaker-interval", .metavar = "DURATION",
     .sets = member<&DeliverySettings::breaker_interval>(), .default_text = "2s", .min = 1,
     .max = kDay, .help = "time between probes"},
    {.key = "delivery.drain_timeout", .flag = "drain-timeout", .metavar = "DURATION",
     .sets = member<&DeliverySettings::drain_timeout>(), .default_text = "8s", .max = kDay,
     .help = "time to deliver what is left, at end of input or SIGTERM"},
    {.key = "delivery.fail_on_loss", .flag = "fail-on-loss",
     .sets = member<&DeliverySettings::fail_on_loss>(), .default_text = "false",
     .help = "exit with 75 if any record was dropped", .negatable = true},
});

constexpr auto kDeadLetter = section({.group = "Spool and dead letters"}, {
    {.key = "dead_letter.path", .flag = "dead-letter", .metavar = "FILE",
     .sets = member<&DeadLetterSettings::path>(SettingType::path),
     .example = "/var/lib/fapilog-ship/dead.ndjson",
     .help = "write what a sink refuses for good to this file"},
});
// clang-format on

}  // namespace

std::span<const Setting> delivery_rows() { return kDelivery; }
std::span<const Setting> dead_letter_rows() { return kDeadLetter; }

}  // namespace ship
