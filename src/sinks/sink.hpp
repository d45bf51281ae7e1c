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

/// What a sink may need to know about the attempt, in addition to the records.
struct SendContext {
  /// When it fires, the sink must return at once (well under 100 ms) with `retry`.
  std::stop_token stop;
  /// The same for every attempt at the same records; different for other records. Printable, no
  /// spaces.
  std::string_view batch_id;
  /// An earlier attempt, in this run or a previous one, may have stored some of the records.
  bool in_doubt = false;
};

/// A sink's message to its anchor: one record.
struct SinkNote {
  std::string line;  ///< one JSON object, without a newline
  RecordId id = {};  ///< the same each time it is sent, so that a receiver recognises it
};

/// A destination: turns records into bytes and the answer into a verdict. It knows its protocol and
/// nothing about retries, breakers, queues or dead letters. One Sink belongs to one worker thread
/// and is only ever called from it, so each has its own connection or file.
class Sink {
 public:
  virtual ~Sink() = default;

  /// Sends all of `records` (at least one), in order, as one request or one write. The views live
  /// until send returns. Never throws. May be called again with the same records after `retry`.
  virtual Verdict send(std::span<const Record> records, const SendContext& context) = 0;

  /// This sink will not send again the records that the last `send` did not get through: they go
  /// elsewhere, or are given up. It must drop what it still holds of them.
  virtual void abandon() {}

  /// Reaches the destination as `send` would, with its credentials, and reports in one line what it
  /// found there. Sends no record and creates nothing. Waits no longer than `send` may; returns
  /// within 100 ms of `stop`. Errors: transient if the destination cannot be reached, permanent if
  /// it refuses or is something else, config. A sink without a peer reports that it is ready.
  virtual Result<std::string> probe(const std::stop_token& stop) {
    static_cast<void>(stop);
    return std::string("ready");
  }

  /// Whether nothing sent will ever arrive, and no operator can change that: the reader has gone
  /// away.
  virtual bool is_lost() const { return false; }

  /// The operator asked to reopen files (SIGHUP), or a secret may have changed.
  virtual void reopen() {}

  /// Messages for the sink that the settings name as this one's anchor, as far as not taken yet.
  /// Called after each call that may do something, and after `close`.
  virtual std::vector<SinkNote> take_notes() { return {}; }

  /// When to call `wake()` even if nothing arrives (rotation, fsync); none: never.
  virtual std::optional<SteadyTime> wake_at() const { return std::nullopt; }
  virtual void wake() {}

  /// No more records come: make durable what was sent (fsync, finish compression). Called once.
  /// When `stop` fires, gives up unfinished work at once, in a state that the next run can resume.
  virtual void close(const std::stop_token& stop) { static_cast<void>(stop); }
};

}  // namespace ship
