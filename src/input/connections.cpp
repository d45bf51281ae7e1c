#include "input/connections.hpp"

#include <algorithm>

namespace ship {
namespace {

/// What one read takes at most. A quarter of it must hold a usual line.
constexpr std::size_t kReadBytes = 64u << 10;

}  // namespace

Connection& Connections::add(Fd fd, SharedInput& input, bool fifo, SteadyTime now) {
  std::list<Connection>& list = fifo ? fifos_ : sockets_;
  const int number = fd.get();
  list.push_back({std::move(fd), input.intake().make_flow(kReadBytes), &input, fifo, now});
  by_fd_[number] = std::prev(list.end());
  return list.back();
}

Connection* Connections::find(int fd) {
  const auto found = by_fd_.find(fd);
  return found == by_fd_.end() ? nullptr : &*found->second;
}

Connection* Connections::first() {
  if (!sockets_.empty()) return &sockets_.front();
  return fifos_.empty() ? nullptr : &fifos_.front();
}

std::uint64_t Connections::held_bytes(const SharedInput& input) const {
  std::uint64_t held = 0;
  for (const auto* list : {&sockets_, &fifos_}) {
    for (const Connection& connection : *list) {
      if (connection.input == &input) held += connection.held;
    }
  }
  return held;
}

std::span<char> Connections::room(Connection& connection) {
  Intake& intake = connection.input->intake();
  intake.use(&connection.flow);
  const std::size_t most = std::max(kReadBytes, connection.flow.begun_bytes() / 4);
  const std::span<char> room = intake.room();
  return room.first(std::min(room.size(), most));
}

void Connections::settle(Connection& connection, bool read, SteadyTime now) {
  if (read) {
    connection.last = now;
    if (!connection.fifo) {
      sockets_.splice(sockets_.end(), sockets_, by_fd_[connection.fd.get()]);
    }
  }
  measure(connection);
  keep_bound();
}

void Connections::measure(Connection& connection) {
  connection.flow.release();
  held_ -= connection.held;
  connection.held = connection.flow.held_bytes();
  held_ += connection.held;
  const int fd = connection.fd.get();
  if (connection.waits) deadlines_.erase({connection.deadline, fd});
  connection.waits = connection.flow.deadline().has_value();
  if (!connection.waits) return;
  connection.deadline = *connection.flow.deadline();
  deadlines_.insert({connection.deadline, fd});
}

void Connections::keep_bound() {
  while (held_ > pending_bytes_) {
    Connection* largest = first();
    for (auto* list : {&sockets_, &fifos_}) {
      for (Connection& each : *list) {
        if (each.held > largest->held) largest = &each;
      }
    }
    const std::size_t before = largest->held;
    Intake& intake = largest->input->intake();
    intake.use(&largest->flow);
    intake.cut();
    intake.use(nullptr);
    measure(*largest);
    if (largest->held >= before) return;
    largest->input->note([](InputReport& report) { ++report.cut; });
  }
}

void Connections::end(Connection& connection) {
  Intake& intake = connection.input->intake();
  intake.use(&connection.flow);
  intake.end_input();
  intake.use(nullptr);
  measure(connection);
  held_ -= connection.held;
  const int fd = connection.fd.get();
  const Place place = by_fd_[fd];
  by_fd_.erase(fd);
  (connection.fifo ? fifos_ : sockets_).erase(place);
}

std::optional<SteadyTime> Connections::deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void Connections::wake(SteadyTime now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Connection& connection = *by_fd_[deadlines_.begin()->second];
    Intake& intake = connection.input->intake();
    intake.use(&connection.flow);
    intake.flush();
    intake.use(nullptr);
    measure(connection);
  }
}

}  // namespace ship
