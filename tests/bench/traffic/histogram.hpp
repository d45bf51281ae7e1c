#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>

namespace bench {

/// Counts durations (ns) in buckets whose width is at most 1/64 of their value: an hour of them
/// takes no more memory than a second of them. A quantile is the upper edge of its bucket; the
/// maximum is exact. One thread.
class Histogram {
 public:
  void add(std::uint64_t value_ns) {
    ++counts_[bucket(value_ns)];
    ++total_;
    max_ns_ = std::max(max_ns_, value_ns);
  }

  std::uint64_t quantile_ns(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (counts_[i] > 0 && seen >= wanted) return std::min(max_ns_, upper_edge(i));
    }
    return max_ns_;
  }

  std::uint64_t total() const { return total_; }

  /// `"p50_us":…,"p99_us":…,"p999_us":…,"max_us":…`, to stand within a JSON object.
  std::string json() const {
    char text[160];
    const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1000; };
    std::snprintf(text, sizeof text, R"("p50_us":%.2f,"p99_us":%.2f,"p999_us":%.2f,"max_us":%.2f)",
                  us(quantile_ns(0.5)), us(quantile_ns(0.99)), us(quantile_ns(0.999)), us(max_ns_));
    return text;
  }

 private:
  static constexpr unsigned kBits = 6;
  static constexpr std::uint64_t kParts = 1U << kBits;

  static std::size_t bucket(std::uint64_t value) {
    if (value < kParts) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kBits;
    return (std::size_t{shift} + 1) * kParts + ((value >> shift) - kParts);
  }
  static std::uint64_t upper_edge(std::size_t index) {
    if (index < kParts) return index;
    const std::size_t shift = index / kParts - 1;
    return ((index % kParts + kParts + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kBits + 1) * kParts> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ns_ = 0;
};

}  // namespace bench
