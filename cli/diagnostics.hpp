#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/status_line.hpp"
#include "cli/log_form.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// The shipper's own messages on standard error. Never blocks: what a stopped terminal or a full
/// pipe does not take is kept up to 64 KB, and beyond that dropped and counted. Any thread may call
/// it.
class Diagnostics {
 public:
  /// Writes to `fd`, which the caller still owns and whose mode stays the same: pipes and terminals
  /// are reopened as non-blocking, so that nobody who shares them notices.
  explicit Diagnostics(int fd);

  /// Messages below `level` are left out.
  void set_level(LogLevel level) { level_ = level; }

  /// Applies from the next message on; until then the format is `automatic`.
  void set_format(LogSettings::Format format);

  /// Sets the line that stays below the messages, if it is on the same terminal; null: none.
  void set_status_line(StatusLine* line);

  /// Logs one message, given without its newline, as log_line writes it.
  void log(LogLevel level, std::string_view message, const Voice::Facts& facts = {});

  /// The last messages that were written, oldest first, kMessagesKept at most. Any thread.
  static constexpr std::size_t kMessagesKept = 20;
  std::vector<RunMessage> last_messages() const;

  /// Text as it is, with its own newlines: statistics.
  void print(std::string_view text);

  /// Whether something waits to be written that no call will write on its own; if so, poll
  /// `writable_fd` for POLLOUT, then call `flush`.
  bool has_pending() const;
  int pending_fd() const { return pending_event_.fd(); }
  int writable_fd() const { return fd_; }
  void flush();

  /// Waits up to `milliseconds` for pending output to be written. The last call before the end.
  void finish(int milliseconds);

 private:
  enum class Kind : std::uint8_t { file, pipe, socket };

  void put(std::string_view text);
  void write_pending();
  long write_some(std::string_view text) const;
  long write_now(std::string_view text) const;

  mutable std::mutex mutex_;
  Fd own_;
  int fd_ = -1;
  Kind kind_ = Kind::file;
  std::atomic<LogForm> form_;
  std::atomic<LogLevel> level_ = LogLevel::info;
  StatusLine* status_line_ = nullptr;
  std::string pending_;
  std::uint64_t dropped_ = 0;
  mutable std::mutex messages_mutex_;
  std::deque<RunMessage> messages_;
  const Event pending_event_;
};

}  // namespace ship
