#include "stage/choose/filter_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.group = "Filters", .scope = Scope::shared, .reloadable = true}, {
    {.key = "filter.min_level", .flag = "min-level", .metavar = "LEVEL",
     .sets = member<&FilterSettings::min_level>(), .example = "WARNING",
     .help = "leave out records below this level"},
    {.key = "filter.where", .flag = "where", .metavar = "EXPR",
     .sets = member<&FilterSettings::where>(),
     .example = "status >= 500 and not path starts_with '/health'",
     .help = "keep only records that match: fields, == != < <= > >=, in (…), contains, "
             "starts_with, ends_with, matches (RE2), exists, and, or, not"},
    {.key = "filter.dedup.window", .flag = "dedup", .metavar = "DURATION",
     .sets = member<&FilterSettings::dedup, &DedupSettings::window>(), .default_text = "0ms",
     .max = 24 * kHour,
     .help = "of equal records within this time, keep the first and one that says how often it "
             "was repeated; 0 is off"},
    {.key = "filter.dedup.key_fields", .flag = "dedup-keys", .metavar = "LIST",
     .sets = member<&FilterSettings::dedup, &DedupSettings::key_fields>(),
     .default_text = "level,logger,message,msg,event",
     .help = "the fields that make records equal"},
    {.key = "filter.dedup.max_keys", .flag = "dedup-max-keys", .metavar = "N",
     .sets = member<&FilterSettings::dedup, &DedupSettings::max_keys>(), .default_text = "10000",
     .min = 1, .max = 10'000'000, .help = "how many different records to remember"},
    {.key = "filter.sample.rate", .flag = "sample", .metavar = "RATE",
     .sets = member<&FilterSettings::sample, &SampleSettings::rate>(), .default_text = "1",
     .max = 1,
     .help = "keep this share of records, 0 to 1; a trace is kept or left out as a whole"},
    {.key = "filter.sample.trace_id_field", .flag = "sample-trace-field", .metavar = "FIELD",
     .sets = member<&FilterSettings::sample, &SampleSettings::trace_id_field>(),
     .example = "request_id",
     .help = "the field that names the trace, instead of trace_id, traceId, trace.id and "
             "dd.trace_id"},
    {.key = "filter.rate_limit.refill_rate_per_sec", .flag = "rate-limit", .metavar = "N",
     .sets = member<&FilterSettings::rate_limit, &RateLimitSettings::refill_rate_per_sec>(),
     .default_text = "0", .max = 1'000'000'000,
     .help = "let this many records a second through, for each key; 0 is off"},
    {.key = "filter.rate_limit.capacity", .flag = "rate-limit-capacity", .metavar = "N",
     .sets = member<&FilterSettings::rate_limit, &RateLimitSettings::capacity>(),
     .default_text = "0", .max = 1'000'000'000,
     .help = "records that may come in one burst; 0 is the records of one second"},
    {.key = "filter.rate_limit.key_field", .flag = "rate-limit-key", .metavar = "FIELD",
     .sets = member<&FilterSettings::rate_limit, &RateLimitSettings::key_field>(),
     .example = "logger", .help = "limit each value of this field separately"},
    {.key = "filter.rate_limit.max_keys", .flag = "rate-limit-max-keys", .metavar = "N",
     .sets = member<&FilterSettings::rate_limit, &RateLimitSettings::max_keys>(),
     .default_text = "10000", .min = 1, .max = 10'000'000, .help = "how many values to remember"},
    {.key = "filter.adaptive.target_eps", .flag = "adaptive", .metavar = "N",
     .sets = member<&FilterSettings::adaptive, &AdaptiveSettings::target_eps>(),
     .default_text = "0", .max = 1'000'000'000,
     .help = "sample so that about this many records a second remain; 0 is off"},
    {.key = "filter.adaptive.min_sample_rate", .flag = "adaptive-min", .metavar = "RATE",
     .sets = member<&FilterSettings::adaptive, &AdaptiveSettings::min_sample_rate>(),
     .default_text = "0.01", .max = 1, .help = "the smallest share to keep"},
    {.key = "filter.adaptive.max_sample_rate", .flag = "adaptive-max", .metavar = "RATE",
     .sets = member<&FilterSettings::adaptive, &AdaptiveSettings::max_sample_rate>(),
     .default_text = "1", .max = 1, .help = "the largest share to keep"},
    {.key = "filter.adaptive.window", .flag = "adaptive-window", .metavar = "DURATION",
     .sets = member<&FilterSettings::adaptive, &AdaptiveSettings::window>(), .default_text = "10s",
     .min = 100, .max = 24 * kHour, .help = "how long to remember a burst"},
    {.key = "filter.adaptive.trace_id_field", .flag = "adaptive-trace-field", .metavar = "FIELD",
     .sets = member<&FilterSettings::adaptive, &AdaptiveSettings::trace_id_field>(),
     .example = "request_id", .help = "as --sample-trace-field"},
    {.key = "filter.always_pass_levels", .flag = "always-pass-levels", .metavar = "LIST",
     .sets = member<&FilterSettings::always_pass_levels>(),
     .default_text = "ERROR,CRITICAL,FATAL,AUDIT,SECURITY",
     .help = "levels that sampling and rate limits never drop"},
});
// clang-format on

}  // namespace

std::span<const Setting> filter_rows() { return kRows; }

}  // namespace ship
