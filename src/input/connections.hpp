#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "input/flow.hpp"
#include "input/shared_input.hpp"

namespace ship {

/// One writer of a shared input: a connection, or a FIFO with whoever writes to it.
struct Connection {
  Fd fd;
  Flow flow;
  SharedInput* input = nullptr;
  bool fifo = false;
  SteadyTime last{};      ///< when it last sent something, or came
  std::size_t held = 0;   ///< bytes of memory that its flow takes
  bool waits = false;     ///< it stands in the list of those whose text waits
  SteadyTime deadline{};  ///< then: until when
};

/// The connections that are open, with what is bounded over all of them. Not thread-safe.
class Connections {
 public:
  /// `pending_bytes`: see InputSettings.
  explicit Connections(std::uint64_t pending_bytes) : pending_bytes_(pending_bytes) {}

  /// Those that came over sockets; FIFOs do not count.
  std::size_t open() const { return sockets_.size(); }
  std::uint64_t held_bytes() const { return held_; }
  /// Held by those of one input.
  std::uint64_t held_bytes(const SharedInput& input) const;

  Connection& add(Fd fd, SharedInput& input, bool fifo, SteadyTime now);
  /// Null where there is none with this descriptor.
  Connection* find(int fd);
  /// Where the next bytes of the connection go, whose flow the intake uses from now on. Small enough
  /// that the bounds hold while a line grows.
  static std::span<char> room(Connection& connection);
  /// What was read is through the intake: gives memory back, keeps the bounds. `read`: something
  /// came from it at `now`.
  void settle(Connection& connection, bool read, SteadyTime now);
  /// Its input ends here: the line that it was in the middle of is handed out.
  void end(Connection& connection);
  /// Any of them; null: none is left.
  Connection* first();
  /// The one whose last byte is the longest ago; FIFOs do not count. Null: none.
  Connection* idlest() { return sockets_.empty() ? nullptr : &sockets_.front(); }

  /// When `wake` is due. None: no text waits.
  std::optional<SteadyTime> deadline() const;
  /// Hands out text that has waited long enough.
  void wake(SteadyTime now);

 private:
  void measure(Connection& connection);
  void keep_bound();

  using Place = std::list<Connection>::iterator;

  std::uint64_t pending_bytes_;
  std::list<Connection> sockets_;  ///< by the time of their last byte
  std::list<Connection> fifos_;
  std::unordered_map<int, Place> by_fd_;
  std::set<std::pair<SteadyTime, int>> deadlines_;
  std::uint64_t held_ = 0;
};

}  // namespace ship
