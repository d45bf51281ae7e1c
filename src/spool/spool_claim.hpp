#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "spool/spool_format.hpp"

namespace ship {

/// Records of a spool that are one object at the destination, and its name there. Written down
/// before the object is sent, so that it is made of the same records under the same name however
/// often that is tried. The file is described in spool_format.md.
struct SpoolClaim {
  /// The records whose bytes are [from, to) of one segment.
  struct Range {
    std::uint64_t segment = 0;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint32_t records = 0;
    SpoolClass kind;
    friend bool operator==(const Range&, const Range&) = default;
  };

  std::uint64_t id = 0;  ///< of its file; the higher one was made later
  std::string name;
  std::vector<Range> ranges;  ///< disjoint
  /// Its records have their ending, and may not be acknowledged yet.
  bool done = false;

  std::uint64_t records() const;
  /// Appends a record, to the last range where it follows that.
  void add(const Range& range);
};

std::string encode_spool_claim(const SpoolClaim& claim);
/// None where the bytes are not a whole claim.
std::optional<SpoolClaim> decode_spool_claim(std::string_view bytes);

/// "000000000000002a.claim"; while it is being written, and worth nothing, with ".new" behind it.
std::string spool_claim_name(std::uint64_t id, bool fresh = false);
struct SpoolClaimName {
  std::uint64_t id = 0;
  bool fresh = false;
};
/// None for a name of something else.
std::optional<SpoolClaimName> parse_spool_claim_name(std::string_view name);

/// The claim files of one spool's directory: each call is one change that a crash leaves done or
/// undone. With `durable` it outlives a loss of power as well. Errors: those of Files.
class SpoolClaimFiles {
 public:
  SpoolClaimFiles(Files& files, std::string directory, bool durable)
      : files_(files), directory_(std::move(directory)), durable_(durable) {}

  /// Writes the claim, in the place of what its file said before.
  Result<void> write(const SpoolClaim& claim);
  /// Its records have their ending: notes that in the file, within one sector.
  Result<void> mark_done(std::uint64_t id);
  Result<void> remove(const SpoolClaimName& name);
  /// The same for one that is done with, whose file does no harm where it comes back.
  Result<void> forget(std::uint64_t id);
  /// What the file says. None: it cannot be read.
  std::optional<SpoolClaim> read(std::uint64_t id);

 private:
  std::string path_of(std::uint64_t id, bool fresh = false) const {
    return directory_ + "/" + spool_claim_name(id, fresh);
  }

  Files& files_;
  const std::string directory_;
  const bool durable_;
};

}  // namespace ship
