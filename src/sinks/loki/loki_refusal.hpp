#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "sinks/loki/loki_streams.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// The records that Loki's error text says were refused while all others were stored.
struct LokiRefusals {
  std::vector<Verdict::Item> items;  ///< ascending by index
  std::uint32_t unnamed = 0;         ///< refused too, but impossible to identify
};

/// Reads the body of a 400. Both members are empty if it is not about refused entries or streams.
/// Loki's distributor says "N errors like: entry for stream '{a="b"}' has timestamp too old: …; …",
/// one message per entry or stream; its ingester names up to ten entries by their time and gives
/// the total for a stream. Streams are identified by their labels; those that the server adds
/// (service_name, and names that start with two underscores) do not matter.
LokiRefusals read_loki_refusals(std::string_view body, const LokiStreams& streams,
                                std::span<const Record> records);

}  // namespace ship
