#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/field.hpp"
#include "record/record.hpp"

namespace ship {

/// Gives each record a position from 0 to 2^56 - 1, evenly spread: a sampler of rate p keeps those
/// at or above (1 - p) * 2^56. Records of one trace share a position, so a trace stays whole, in
/// every shipper. The position is the last 56 bits of a trace id of 32 hex digits, as
/// OpenTelemetry's consistent probability sampling takes them (W3C Trace Context level 2), or a
/// hash of any other id. Records without a trace id get a random one.
class TracePosition {
 public:
  static constexpr std::uint64_t kEnd = std::uint64_t{1} << 56;

  /// `trace_id_field`: a path as FieldFinder reads it, or empty for `trace_id`, `traceId`,
  /// `trace.id`, `dd.trace_id`.
  TracePosition(std::string_view trace_id_field, std::uint64_t seed);

  std::uint64_t of(const Record& record);
  /// The lowest position that is kept at `rate`, 0 to 1.
  static std::uint64_t threshold(double rate);

 private:
  FieldFinder finder_;
  std::uint64_t random_;
};

/// The seed of this run: from the kernel.
std::uint64_t random_seed();

}  // namespace ship
