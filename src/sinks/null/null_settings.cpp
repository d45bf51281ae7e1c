#include "sinks/null/null_settings.hpp"

#include "sinks/null/null_sink.hpp"
#include "sinks/sink_environment.hpp"

namespace ship {

const SinkType& NullSinkSettings::type() {
  static const SinkType kType = describe_sink<NullSinkSettings>({.name = "null",
                                                                 .schemes = "null",
                                                                 .example = "null:",
                                                                 .help = "nowhere; for measuring",
                                                                 .defaults = kLocalDefaults,
                                                                 .local = true},
                                                                {});
  return kType;
}

Result<std::unique_ptr<Sink>> NullSinkSettings::make(const Labels&, const SinkEnvironment&) const {
  return {std::make_unique<NullSink>()};
}

}  // namespace ship
