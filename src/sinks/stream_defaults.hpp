#pragma once

#include <array>

#include "sinks/sink_type.hpp"

namespace ship {

/// For what goes over a stream that nobody answers: one after the other, and as much at once as
/// suits a socket, for each batch waits for the acknowledgement of its last byte.
inline constexpr std::array<SinkDefault, 4> kStreamDefaults = {
    {{"delivery.workers", "1"},
     {"delivery.order", "keep"},
     {"delivery.batch_size", "4096"},
     {"delivery.batch_max_bytes", "1 MB"}}};

}  // namespace ship
