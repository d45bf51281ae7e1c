#include "input/reading_options.hpp"

#include <utility>

namespace ship {

TimeZone time_zone_of(const InputSettings& input) {
  const auto zone = TimeZone::parse(input.time_zone);
  return zone ? zone.value() : TimeZone::local();
}

Probe::Options probe_options(const InputSettings& input, std::size_t block_bytes) {
  Probe::Options options;
  options.block_bytes = block_bytes;
  options.zone = time_zone_of(input);
  options.level_fields = input.level_fields;
  options.time_fields = input.time_fields;
  options.level_from_text = input.level_from_text;
  return options;
}

Multiline::Options multiline_options(const InputSettings& input) {
  Multiline::Options options;
  options.max_bytes = input.max_line_bytes;
  if (!input.multiline_start.empty()) {
    auto pattern = LinePattern::compile(input.multiline_start);
    if (pattern) options.start = std::move(pattern).value();
  }
  return options;
}

}  // namespace ship
