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
/// way that a stop interrupts. The flags of the descriptor are never changed: its open file
/// description is shared with other processes, and O_NONBLOCK would be set for the shell and the
/// application as well. A batch that was stopped half way goes on at its byte with the next send
/// (see LineStream).
///
/// A reader that went away is `reject` with EPIPE: nobody will ever read these lines. (A named FIFO
/// is `retry`: it may get another reader.) SIGPIPE must be ignored by the program.
class StdoutSink final : public Sink {
 public:
  /// `fd` is borrowed and must stay open. `format` makes the text of a record; none: the line as it
  /// is. `status_line`, where there is one and it is on the same terminal, stays below the lines;
  /// it outlives the sink.
  explicit StdoutSink(LineStream::Format format = {}, int fd = STDOUT_FILENO,
                      StatusLine* status_line = nullptr);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// What standard output is, and whether it may be written.
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override { return stream_.text(records); }
  bool is_lost() const override { return closed_; }
  void close(const std::stop_token& stop) override;

  /// `fd` is a pipe that can lose its reader for good: poll(2) tells it by POLLERR.
  static bool can_lose_its_reader(int fd);

 private:
  /// How bytes can be written without waiting in the kernel.
  enum class Way : std::uint8_t {
    unknown,
    plain,    ///< a regular file or a device: write does not wait for a peer
    own,      ///< a pipe or terminal, opened anew as non-blocking
    socket,   ///< send(2) has a flag for it
    careful,  ///< a pipe that may not be opened anew: poll, then at most PIPE_BUF
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
  StatusLine* status_line_;  ///< null: none on this terminal
  bool closed_ = false;
};

}  // namespace ship
