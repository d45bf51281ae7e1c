#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/event.hpp"
#include "base/fd.hpp"
#include "base/parked_thread.hpp"
#include "base/result.hpp"
#include "input/connections.hpp"
#include "input/loop_times.hpp"
#include "input/shared_input.hpp"

namespace ship {

/// The thread that reads what many write to: all sockets that listen and all FIFOs that are kept,
/// by epoll(7), with any number of connections. Each connection has lines of its own; a line that
/// its writer leaves unfinished ends with the connection. What a callback does to make it wait,
/// makes all of them wait: then they are simply not read. Its methods are Reader's.
class SocketReader {
 public:
  using OnDone = std::function<void(Result<void>)>;

  /// Starts nothing; those who connect wait until then. `inputs` are not empty.
  static Result<std::unique_ptr<SocketReader>> open(
      const InputSettings& settings, std::vector<std::unique_ptr<SharedInput>> inputs,
      OnDone on_done, Clock& clock);
  /// Stops and joins.
  ~SocketReader();

  void start();
  /// Takes what is in the sockets and FIFOs at this moment, from those who wait to be accepted too
  /// (but for sockets of systemd, where they wait for the next run), then ends.
  void begin_drain();
  /// Ends; what is in the sockets is left there.
  void stop();
  void join();

  /// Of all inputs, in their order. From any thread, as all below.
  std::vector<InputReport> reports() const;
  LoopTimes loop_times() const;
  SteadyTime last_read() const { return last_read_.load(std::memory_order_relaxed); }

 private:
  enum class Phase { reading, draining, stopping };
  enum class Watched : std::uint32_t { wake, connection, listener, paths };

  SocketReader(const InputSettings& settings, std::vector<std::unique_ptr<SharedInput>> inputs,
               OnDone on_done, Clock& clock, ParkedThread thread);

  void run();
  void turn();
  void handle(std::uint64_t what);
  void read_one(Connection& connection);
  void end_one(Connection& connection, bool failed);
  void reopen_fifo(Connection& connection);
  void accept_from(const SocketListener& listener, SharedInput& input);
  void take(Fd fd, SharedInput& input, bool fifo);
  void pause_accepting(int code, SharedInput& input);
  void watch(int fd, Watched what);
  void watch_listeners(bool on);
  void watch_path(const SharedInput& input);
  void check_paths();
  void check_path(SharedInput& input);
  void close_idle(SteadyTime now);
  void drain();
  void take_late();
  void drain_one(Connection& connection);
  void update_held();
  int milliseconds_left() const;
  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  void move_to(Phase phase);

  const InputSettings settings_;
  std::vector<std::unique_ptr<SharedInput>> inputs_;
  OnDone on_done_;
  Clock& clock_;
  const Event wake_;
  Fd epoll_;
  Fd paths_;  ///< inotify(7) over the paths of inputs; none: they are looked at now and then
  Connections connections_;
  std::optional<SteadyTime> accept_again_;  ///< set: nobody is accepted until then
  std::optional<SteadyTime> look_again_;    ///< at the paths
  std::atomic<Phase> phase_{Phase::reading};
  std::atomic<SteadyTime> last_read_{SteadyTime{}};
  mutable std::mutex loop_mutex_;
  LoopTimes loop_times_;
  ParkedThread thread_;
};

}  // namespace ship
