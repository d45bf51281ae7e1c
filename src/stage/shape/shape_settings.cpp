#include "stage/shape/shape_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

using Envelope = ShapeSettings::Envelope;
using Timestamp = ShapeSettings::Timestamp;

// clang-format off
constexpr auto kShape = section({.group = "Shape"}, {
    {.key = "shape.keep", .flag = "keep-field", .metavar = "LIST", .sets = member<&ShapeSettings::keep>(),
     .example = "level,timestamp,message,trace_id",
     .help = "keep only these fields; may be repeated", .repeatable = true},
    {.key = "shape.remove", .flag = "remove", .metavar = "LIST",
     .sets = member<&ShapeSettings::remove>(), .example = "diagnostics.python",
     .help = "remove these fields; may be repeated", .repeatable = true},
    {.key = "shape.timestamp", .flag = "timestamp", .metavar = "FORM",
     .sets = member<&ShapeSettings::timestamp>({{"keep", Timestamp::keep}, {"rfc3339", Timestamp::rfc3339}, {"epoch_s", Timestamp::epoch_s}, {"epoch_ms", Timestamp::epoch_ms}, {"epoch_us", Timestamp::epoch_us}, {"epoch_ns", Timestamp::epoch_ns}}),
     .default_text = "keep", .help = "write the record's time in this form"},
    {.key = "shape.envelope", .flag = "envelope", .metavar = "HOW",
     .sets = member<&ShapeSettings::envelope>({{"keep", Envelope::keep}, {"unwrap", Envelope::unwrap}, {"flatten", Envelope::flatten}}),
     .default_text = "keep",
     .help = "unwrap: remove fapilog's {\"log\":…}; flatten: also turn nested objects into "
             "context.user_id"},
    {.key = "shape.rename", .flag = "rename", .metavar = "FIELD=NAME",
     .sets = member<&ShapeSettings::rename>(), .example = "msg=message",
     .help = "rename a field, in place; may be repeated", .repeatable = true},
    {.key = "shape.levels", .flag = "level-name", .metavar = "LEVEL=NAME",
     .sets = member<&ShapeSettings::levels>(), .example = "WARNING=warn",
     .help = "write a level under another name; may be repeated", .repeatable = true},
});

constexpr auto kSizeGuard = section({.group = "Shape"}, {
    {.key = "size_guard.max_bytes", .flag = "max-record-bytes", .metavar = "SIZE",
     .sets = member<&SizeGuardSettings::max_bytes>(SettingType::size), .default_text = "0",
     .max = 64 * kMb, .help = "shorten the longest texts of records over this size; 0 is off"},
    {.key = "size_guard.action", .flag = "max-record-action", .metavar = "ACTION",
     .sets = member<&SizeGuardSettings::action>({{"truncate", SizeGuardSettings::Action::truncate}, {"drop", SizeGuardSettings::Action::drop}}),
     .default_text = "truncate", .help = "shorten them, or drop the record"},
});
// clang-format on

}  // namespace

std::span<const Setting> shape_rows() { return kShape; }
std::span<const Setting> size_guard_rows() { return kSizeGuard; }

}  // namespace ship
