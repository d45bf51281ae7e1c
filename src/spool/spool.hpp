#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "queue/queue_settings.hpp"
#include "spool/spool_batch.hpp"
#include "spool/spool_format.hpp"
#include "spool/spool_settings.hpp"

namespace ship {

struct SpoolOptions {
  std::string directory;  ///< this sink's own; see `spool_directory`
  std::uint64_t max_bytes = 1ull << 30;
  /// durable: `append` returns once the records are on stable storage. overflow: once the kernel
  /// has them.
  SpoolMode mode = SpoolMode::overflow;
  /// What a newcomer may replace when the spool is full; see queue/eviction_policy.hpp.
  DropPolicy drop = DropPolicy::newest;
  /// Bytes of one file, the unit of eviction. 0: max_bytes / 256, between 64 KB and 16 MB.
  std::uint64_t segment_bytes = 0;
  /// What `claim` said of an earlier run's batches still holds, and no segment gives way while some
  /// of its records are in flight.
  bool keeps_batches = false;
};

/// Records that left the spool without being taken, for the ledger.
struct SpoolLoss {
  enum class Reason : std::uint8_t { evicted, damaged };
  SpoolClass kind;
  std::uint64_t records = 0;
  Reason reason = Reason::evicted;
};

/// What else happened during a call. The caller counts losses and logs messages once (plain
/// English, with the path; the caller prefixes whose spool it is). An error is always transient:
/// the same call works again once the disk does.
struct SpoolEvents {
  std::vector<SpoolLoss> lost;
  std::vector<std::string> messages;
  std::optional<Error> error;
};

/// The result of an `append`; every record is stored, refused or failed. Indexes are ascending.
struct SpoolAppend {
  std::uint64_t stored = 0;            ///< those that newer ones evicted again are in events.lost
  std::vector<std::uint32_t> refused;  ///< no room by the policy: drop them
  std::vector<std::uint32_t>
      failed;  ///< the disk failed, see events.error: keep them and try again
  SpoolEvents events;
};

/// A consistent snapshot of what is on disk and not acknowledged. In-flight records are still part
/// of it.
struct SpoolCounts {
  std::uint64_t records = 0;
  std::uint64_t protected_records = 0;
  std::uint64_t in_flight = 0;      ///< taken, neither released nor given back
  std::uint64_t waiting_again = 0;  ///< of those in flight: in batches that can be taken again
  std::uint64_t unread_bytes = 0;   ///< of the lines that are not in flight; about
  std::uint64_t bytes = 0;          ///< of the segments' files; at most max_bytes
  std::uint64_t segments = 0;
  friend bool operator==(const SpoolCounts&, const SpoolCounts&) = default;
};

struct SpoolTakeLimits {
  std::uint64_t max_records = 256;
  std::uint64_t max_bytes = 1u << 20;  ///< of lines; the first record is taken whatever its size
  /// Only records with a lower sequence, for a caller that merges them with a queue in memory.
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
  /// Protected records first, each group in order of arrival: for the end of the drain budget.
  bool protected_first = false;
};

/// What was found when the spool was opened, for the log.
struct SpoolReport {
  SpoolCounts counts;
  std::vector<std::string> messages;  ///< a line for each file that was cut, set aside or not
                                      ///< understood
};

/// Records on disk: one chain of segment files for each class (protected or not, severity), merged
/// by sequence number when read. Files hold sorted runs, so late records with low numbers still
/// come in order. Records that were taken come again after a restart until they are released: at
/// least once. The format is spool_format.md.
///
/// Threads: `append` from one thread at a time, `take` and `settle` from any number, counts from
/// any; counts never wait for the disk. Memory: one small object for each segment file, one read
/// buffer for each class.
class Spool {
 public:
  struct Opened {
    std::unique_ptr<Spool> spool;
    SpoolReport report;
  };

  /// Makes the directory (0700) if it is missing, locks it, and loads what is there. Damage is
  /// never an error: torn tails are cut, what cannot be read is set aside as *.bad, foreign files
  /// are left alone, and the report names each. Errors: config (another process has the directory,
  /// it is a link or a file), io and transient (it cannot be made, listed or locked). `files` must
  /// outlive the spool.
  static Result<Opened> open(Files& files, SpoolOptions options);
  /// The same without a lock and without changing a byte: only `take` works, and it starts after
  /// what was acknowledged. For inspecting a directory that no shipper uses.
  static Result<Opened> open_read_only(Files& files, const std::string& directory);
  /// Does not seal; as after a crash, the next `open` scans the last segments. See `close`.
  ~Spool();

  /// Stores records, which need not be in order. If there is no room, segments give way to them as
  /// a whole, by the policy of queue/eviction_policy.hpp, also when the disk fills up before
  /// max_bytes is reached. A failed write leaves no trace. Files that someone else removed are
  /// lost: `events` counts them as damaged, and new ones are made. Does not keep the views.
  SpoolAppend append(std::span<const SpoolRecord> records);

  /// Moves the next records into `batch`, whose former content must be settled. An empty batch
  /// means that there are none, or `events.error` says why they cannot be read now.
  SpoolEvents take(const SpoolTakeLimits& limits, SpoolBatch& batch);

  /// Writes down that the records [begin, end) of the batch become one object of this name; what an
  /// earlier claim said of them ends. Until they are settled these records come together, in this
  /// order, after a crash as well, in a batch that has the name. Errors: transient; then the object
  /// must not be sent.
  Result<void> claim(SpoolBatch& batch, std::size_t begin, std::size_t end, std::string name);

  /// Ends a batch: its first `acknowledged` records are done with (delivered, or counted otherwise)
  /// and never come again; the others come again at the next `take`, except those whose segment was
  /// evicted meanwhile, which are in `lost`. Empties the batch. After an error, a crash may lose
  /// the acknowledgement.
  SpoolEvents settle(SpoolBatch& batch, std::size_t acknowledged);
  SpoolEvents release(SpoolBatch& batch) { return settle(batch, batch.size()); }
  SpoolEvents give_back(SpoolBatch& batch) { return settle(batch, 0); }

  SpoolCounts counts() const;
  /// Appended bytes that the disk has taken since the spool was opened; grows during an append.
  /// Never waits. Any thread.
  std::uint64_t written_bytes() const;
  /// Whether there is something to take.
  bool has_unread() const;
  /// Above every sequence that was ever found or appended here; 1 for an empty spool.
  std::uint64_t next_sequence() const;

  /// Seals the last segments, so that the next `open` need not scan them, and removes those that
  /// are done. In durable mode it also makes the acknowledgements durable. Only `counts` may be
  /// called afterwards.
  SpoolEvents close();

 private:
  struct State;
  static Result<Opened> open_directory(Files& files, SpoolOptions options, bool read_only);
  explicit Spool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Where the sink of this name keeps its spool below `base`: letters, digits, '-', '_' and inner
/// dots stay, everything else becomes %XX, so that two names never share a directory.
std::string spool_directory(std::string_view base, std::string_view sink);

}  // namespace ship
