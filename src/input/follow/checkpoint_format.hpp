#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "input/follow/file_place.hpp"

namespace ship {

/// The first bytes of a file, by which it is told from another one: its first line with its
/// newline, or kFingerprintBytes where that is longer.
struct FileHead {
  std::uint64_t size = 0;  ///< 0: not known yet
  std::uint64_t hash = 0;
  friend bool operator==(const FileHead&, const FileHead&) = default;
};

/// What is kept of a followed file.
struct FileEntry {
  RunId run;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t generation = 0;  ///< how many times it was seen cut to less, or replaced
  FileHead head;
  std::uint64_t offset = 0;  ///< all before it is done with
  std::string path;          ///< where it was last seen
  /// What is done with behind `offset`: where records begin, first and last, ascending.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> done;

  friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

// The lines of a checkpoint and of its journal, see checkpoint_format.md. Each ends with a check.

std::string header_line(std::string_view kind, std::uint64_t serial);
std::string entry_line(const FileEntry& entry);
std::string place_line(const FilePlace& place);
std::string range_line(const FileRange& range);
std::string removal_line(const RunId& run);
std::string end_line(std::size_t entries);

/// What one of these lines says.
struct CheckpointLine {
  enum class Kind : std::uint8_t { header, entry, place, range, removal, end };
  Kind kind = Kind::header;
  std::string name;          ///< of a header: "checkpoint" or "journal"
  std::uint64_t number = 0;  ///< of a header the serial, of an end how many entries there are
  std::uint64_t last = 0;    ///< of a range, whose first is entry.offset
  FileEntry entry;           ///< of a place `run` and `offset`, of a removal `run`
};

/// None: the line, given without its newline, is damaged.
std::optional<CheckpointLine> parse_checkpoint_line(std::string_view line);

}  // namespace ship
