#pragma once

#include "sinks/sink.hpp"

namespace ship {

/// Discards everything and calls it delivered; for measuring.
class NullSink final : public Sink {
 public:
  Verdict send(std::span<const Record> records, const SendContext& context) override;
};

}  // namespace ship
