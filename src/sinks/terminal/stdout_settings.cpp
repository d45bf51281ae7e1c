#include "sinks/terminal/stdout_settings.hpp"

#include <unistd.h>

#include "rows/member.hpp"
#include "sinks/sink_environment.hpp"
#include "sinks/terminal/stdout_format.hpp"
#include "sinks/terminal/stdout_sink.hpp"

namespace ship {
namespace {

using Color = StdoutSinkSettings::Color;
using Format = StdoutSinkSettings::Format;
using Time = StdoutSinkSettings::Time;

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "format",
     .sets = member<&StdoutSinkSettings::format>({{"json", Format::json}, {"pretty", Format::pretty}, {"logfmt", Format::logfmt}}),
     .default_text = "json", .help = "how records are written"},
    {.key = "color",
     .sets = member<&StdoutSinkSettings::color>({{"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}}),
     .default_text = "auto", .help = "colours of the pretty format"},
    {.key = "time",
     .sets = member<&StdoutSinkSettings::time>({{"local", Time::local}, {"utc", Time::utc}}),
     .default_text = "local", .help = "times of the pretty format"},
});
// clang-format on

}  // namespace

const SinkType& StdoutSinkSettings::type() {
  static const SinkType kType =
      describe_sink<StdoutSinkSettings>({.name = "stdout",
                                         .schemes = "stdout",
                                         .example = "stdout:",
                                         .help = "standard output, one record a line",
                                         .defaults = kLocalDefaults,
                                         .local = true,
                                         .one_worker = true,
                                         .to_standard_output = true},
                                        {{kRows, part<StdoutSinkSettings>}});
  return kType;
}

Result<std::unique_ptr<Sink>> StdoutSinkSettings::make(const Labels&,
                                                       const SinkEnvironment& environment) const {
  auto formatter = make_stdout_format(*this, STDOUT_FILENO, environment);
  return {
      std::make_unique<StdoutSink>(std::move(formatter), STDOUT_FILENO, environment.status_line)};
}

}  // namespace ship
