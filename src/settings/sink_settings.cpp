#include "settings/sink_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "fallback", .metavar = "NAME", .sets = member<&SinkSettings::fallback>(),
     .example = "local",
     .help = "the sink that takes the records while this one cannot be reached"},
    {.key = "levels", .metavar = "LIST", .sets = member<&SinkSettings::levels>(),
     .example = "ERROR,CRITICAL",
     .help = "only records of these levels go to this sink; others: levels that no other sink "
             "names"},
});
// clang-format on

}  // namespace

Result<std::unique_ptr<Sink>> SinkSettings::make(const Labels& labels,
                                                 const SinkEnvironment& environment) const {
  Result<std::unique_ptr<Sink>> sink = kind.make(labels, environment);
  if (!sink) return std::move(sink).error().in("sink " + name);
  return sink;
}

std::span<const Setting> every_sink_rows() { return kRows; }

}  // namespace ship
