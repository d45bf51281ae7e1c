#pragma once

#include <cstdint>
#include <string_view>
#include <unistd.h>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/status_line.hpp"
#include "sinks/line_stream.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Writes lines to standard output, whatever that is, and waits for a slow or stopped reader in a
/// way that a stop interrupts. Never changes the flags of the descriptor: its open file description
/// is shared with other processes, and O_NONBLOCK would be set for the shell and the application
/// too. A batch that was stopped halfway continues at the same byte with the next send (see
/// LineStream).
///
/// If the reader went away, the verdict is `reject` with EPIPE: nobody will ever read these lines.
/// (For a named FIFO it is `retry`: another reader may come.) The program must ignore SIGPIPE.
class StdoutSink final : public Sink {
 public:
  /// `fd` is borrowed and must stay open. `format` makes the text of a record; none: the unchanged
  /// line. `status_line`, if there is one on the same terminal, stays below the lines; it outlives
  /// the sink.
  explicit StdoutSink(LineStream::Format format = {}, int fd = STDOUT_FILENO,
                      StatusLine* status_line = nullptr);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// Reports what standard output is, and whether it is writable.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override { return stream_.text(records); }
  bool is_lost() const override { return closed_; }
  void close(const std::stop_token& stop) override;

  /// Whether `fd` is a pipe that can lose its reader for good, which poll(2) reports as POLLERR.
  static bool can_lose_its_reader(int fd);

 private:
  /// How bytes can be written without waiting in the kernel.
  enum class Way : std::uint8_t {
    unknown,
    plain,    ///< a regular file or a device: write does not wait for a peer
    own,      ///< a pipe or terminal, reopened as non-blocking
    socket,   ///< send(2) has a flag for it
    careful,  ///< a pipe that may not be reopened: poll, then at most PIPE_BUF
  };

  Result<void> find_way();
  ssize_t write_now(int fd, std::string_view bytes);
  Result<std::size_t> write_some(std::string_view bytes, const std::stop_token& stop);
  Error failed(int code) const;

  const int fd_;
  LineStream stream_;
  Way way_ = Way::unknown;
  Fd own_;
  bool may_come_back_ = false;  ///< a named FIFO
  bool terminal_ = false;
  StatusLine* status_line_;  ///< null: no status line on this terminal
  bool closed_ = false;
};

}  // namespace ship
