#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "record/envelope.hpp"
#include "record/probe.hpp"

namespace ship {

/// A line of a container's log file as Kubernetes' runtimes write it (CRI, "kubernetes.io: logging
/// format"): "2026-01-02T03:04:05.678901234Z stdout F text". Views live as long as the line.
struct CriLine {
  WallNanos time = 0;
  Stream stream = Stream::standard_output;
  bool partial = false;  ///< tag P: the text goes on in the next line of the stream
  std::string_view text;
};

/// None where the line is something else. Allocates nothing.
std::optional<CriLine> parse_cri_line(std::string_view line);

/// The parts of one line of a stream that came so far.
struct CriParts {
  bool waits = false;  ///< there are any
  Stream stream = Stream::standard_output;
  std::string text;
  WallNanos time = 0;  ///< of the first part
  std::uint64_t at = 0;
  Fault fault = Fault::none;

  /// Adds a part; whether it is the last. `part_at` is where it begins in the input, `part_fault`
  /// why its line is not an object: those of the first part count.
  bool add(const CriLine& part, std::uint64_t part_at, Fault part_fault);
};

}  // namespace ship
