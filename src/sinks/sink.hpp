#pragma once

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "record/record.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What a sink may need to know of the attempt, beside the records.
struct SendContext {
  /// When it fires, the sink must return at once (well under 100 ms) with `retry`.
  std::stop_token stop;
  /// The same for each attempt at the same records; differs for other records. Printable, no
  /// blanks.
  std::string_view batch_id;
  /// An attempt before this one, in this run or an earlier one, may have stored some of the
  /// records.
  bool in_doubt = false;
};

/// What a sink has to say to its anchor: one record.
struct SinkNote {
  std::string line;  ///< one JSON object, without newline
  RecordId id = {};  ///< the same each time it is said, so that a receiver knows it again
};

/// A destination: turns records into bytes and the answer into a verdict. It knows its protocol and
/// nothing of retries, breakers, queues or dead letters. One Sink belongs to one worker thread, and
/// is only ever called from it; a sink with its own connection or file has one of each.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Sends all of `records` (at least one), in order, as one request or one write. The views live
  /// until send returns. Never throws. May be called again with the same records after `retry`.
  virtual Verdict send(std::span<const Record> records, const SendContext& context) = 0;

  /// The records that the last `send` did not get through will not be sent by this sink again: they
  /// go elsewhere, or are given up. What is left of them here is to go.
  virtual void abandon() {}

  /// Reaches the destination as `send` would, with its credentials, and says in one line what it
  /// found there. Sends no record, and makes nothing. Waits no longer than `send` may; returns
  /// within 100 ms of `stop`. Errors: transient for what cannot be reached, permanent for what is
  /// there and refuses or is something else, config. A sink without a peer says that it is ready.
  virtual Result<std::string> probe(const std::stop_token& stop) {
    static_cast<void>(stop);
    return std::string("ready");
  }

  /// Readable text of what `send` would send for these records, as far as it can be known without
  /// the destination; empty: the sink has nothing to show.
  virtual std::string payload(std::span<const Record> records) {
    static_cast<void>(records);
    return {};
  }

  /// Nothing that is sent will ever arrive any more, and no operator can change it: whoever read it
  /// has gone away.
  virtual bool is_lost() const { return false; }

  /// The operator asked to reopen files (SIGHUP), or a secret may have changed.
  virtual void reopen() {}

  /// What this sink has to say to the sink that its settings name as its anchor, and what was not
  /// taken yet. Asked after each call that may do something, and after `close`.
  virtual std::vector<SinkNote> take_notes() { return {}; }

  /// When this sink wants `wake()` although nothing arrives (rotation, fsync); none: never.
  virtual std::optional<SteadyTime> wake_at() const { return std::nullopt; }
  virtual void wake() {}

  /// No more records come: make durable what was sent (fsync, finish compression). Called once.
  /// When `stop` fires, what is not finished is given up at once, in a state the next run can take
  /// up.
  virtual void close(const std::stop_token& stop) { static_cast<void>(stop); }
};

}  // namespace ship
