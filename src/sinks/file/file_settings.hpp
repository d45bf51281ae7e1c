#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "net/compression.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct FileSinkSettings {
  enum class Fsync : std::uint8_t { never, interval, always };
  std::string path;
  std::uint64_t rotate_size = 0;                 ///< bytes; 0: never by size
  std::chrono::milliseconds rotate_interval{0};  ///< 0: never by time
  std::uint32_t max_files = 0;                   ///< rotated files kept; 0: no limit
  std::uint64_t max_total_bytes = 0;             ///< of the rotated files; 0: no limit
  Compression compress = Compression::none;
  std::uint32_t mode = 0640;
  Fsync fsync = Fsync::never;
  bool seal = false;
  std::string seal_key_file;  ///< an Ed25519 private key
  std::string anchor;         ///< the name of another sink; empty: none

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const FileSinkSettings&) const = default;
};

}  // namespace ship
