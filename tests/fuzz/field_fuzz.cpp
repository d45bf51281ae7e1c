#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "record/field.hpp"

/// Any bytes as a line: what is found lies in the line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ship::FieldFinder finder(
      {"a", "a.b", "service", "log.level", "diagnostics.exception.error.type"});
  // Exactly as much memory as the line needs, so that a read behind it is seen.
  const std::string copy(reinterpret_cast<const char*>(data), size);
  const std::string_view line = copy;
  for (const ship::Field& field : finder.find(line)) {
    if (field.kind == ship::JsonKind::none) continue;
    const auto at = field.raw.data() - line.data();
    if (at < 0 || static_cast<std::size_t>(at) + field.raw.size() > line.size()) std::abort();
    if (field.text.size() > field.raw.size()) std::abort();
  }
  return 0;
}
