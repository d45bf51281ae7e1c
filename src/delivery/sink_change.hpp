#pragma once

#include <cstdint>
#include <string>

namespace ship {

/// What a reload does to a sink.
struct SinkChange {
  enum class What : std::uint8_t { kept, changed, added, removed };
  std::string sink;
  What what = What::kept;
};

}  // namespace ship
