#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/identity.hpp"
#include "seal/seal_entry.hpp"

namespace ship {

/// What an anchor knows about a file's manifest.
struct SealAnchor {
  std::string chain;
  std::uint64_t file = 0;
  std::string root;
};

/// The record that informs an anchor of `manifest`, whose root is `root`, in the seal of the log
/// file `path`; see "Anchors" in packaging/doc/sealed-files.md.
std::string anchor_record(std::string_view path, std::string_view chain, const SealEntry& manifest,
                          std::string_view root);

/// The identity of that record, the same wherever and however often it is sent: the beginning of
/// the root and the file's number.
RecordId anchor_id(const SealEntry& manifest, std::string_view root);

/// The anchors among the lines of `text`, one anchor record on each such line; ignores other lines.
std::vector<SealAnchor> parse_anchors(std::string_view text);

}  // namespace ship
