#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/stream_connection.hpp"
#include "record/record.hpp"
#include "sinks/sink.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// Sends records over a stream, each as the bytes of one frame, to a receiver that never answers:
/// what all sinks over sockets share. A record is delivered when the peer's kernel has acknowledged
/// its last byte; until then it is held. After a cut the records from the first one on that was not
/// wholly acknowledged are sent again, over TLS and Unix sockets those of the whole batch.
///
/// A peer that takes nothing for a while, and whose machine still answers, keeps its connection: where
/// the next send begins with the same records, only their rest is written, so that slowness makes no
/// doubles. Where it begins with others, the connection is closed: half a frame would spoil the next
/// one. Belongs to one thread.
class RecordStream {
 public:
  /// Appends the frame of a record to `out`; the same each time for the same record.
  using Format = std::function<void(const Record& record, std::string& out)>;

  RecordStream(std::unique_ptr<StreamConnection> connection,
               std::chrono::milliseconds request_timeout, Format format);

  /// As Sink::send, abandon and close.
  Verdict send(std::span<const Record> records, const SendContext& context);
  void abandon();
  void close(const std::stop_token& stop);
  /// Connects and closes again. Says "connected to 127.0.0.1, TLSv1.3".
  Result<std::string> probe(const std::stop_token& stop);
  /// The frames of `records`, for people: each on a line of its own, without the NUL at its end.
  std::string frames(std::span<const Record> records) const;

 private:
  /// A record in the stream, of which the lane was not told yet.
  struct Unsettled {
    RecordId id;
    std::uint64_t end = 0;  ///< of its frame, in the connection's bytes
  };

  void take_up(std::span<const Record> records);
  void forget();
  Result<void> carry(const std::stop_token& stop);
  /// How many of the first `count` unsettled ones are acknowledged.
  std::size_t settled(std::size_t count);
  void settle(std::size_t count);

  std::unique_ptr<StreamConnection> connection_;
  const std::chrono::milliseconds request_timeout_;
  const Format format_;
  std::vector<Unsettled> unsettled_;
  std::string wire_;              ///< from `wire_begin_` on; kept for its memory
  std::uint64_t wire_begin_ = 0;  ///< in the connection's bytes
};

}  // namespace ship
