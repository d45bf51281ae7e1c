#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <sys/epoll.h>
#include <unistd.h>

#include "input/socket_options.hpp"
#include "input/socket_reader.hpp"

namespace ship {
namespace {

constexpr std::size_t kLateEvents = 256;
/// What was written over TCP a while ago is here once nothing came for so long,
constexpr int kQuietMs = 50;
/// and whoever goes on writing is not waited for.
constexpr std::chrono::milliseconds kMostLate{200};

}  // namespace

void SocketReader::drain() {
  for (auto& input : inputs_) {
    for (SocketListener& listener : input->listeners()) listener.remove_path();
  }
  take_late();
  while (Connection* const connection = connections_.first()) {
    if (phase() != Phase::draining) return;
    drain_one(*connection);
  }
  for (auto& input : inputs_) {
    for (const SocketListener& listener : input->listeners()) {
      if (listener.adopted()) continue;
      do {
        accept_from(listener, *input);
        if (connections_.open() == 0) break;
        while (Connection* const connection = connections_.first()) drain_one(*connection);
      } while (phase() == Phase::draining);
    }
  }
}

void SocketReader::drain_one(Connection& connection) {
  Intake& intake = connection.input->intake();
  for (std::size_t left = bytes_available(connection.fd.get());
       left > 0 && phase() == Phase::draining;) {
    const std::span<char> room = Connections::room(connection);
    const ssize_t got = ::read(connection.fd.get(), room.data(), std::min(room.size(), left));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    intake.take(static_cast<std::size_t>(got));
    left -= static_cast<std::size_t>(got);
  }
  intake.use(nullptr);
  end_one(connection, false);
}

// A TCP peer's kernel keeps lines back until those before them are acknowledged, which takes 40 ms
// where nobody reads.
void SocketReader::take_late() {
  const bool tcp = std::any_of(inputs_.begin(), inputs_.end(),
                               [](const auto& input) { return input->path().empty(); });
  if (!tcp || connections_.open() == 0) return;
  watch_listeners(false);
  for (const int fd : {wake_.fd(), paths_.get()}) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
  const SteadyTime until = clock_.steady() + kMostLate;
  std::array<epoll_event, kLateEvents> events;
  while (phase() == Phase::draining && clock_.steady() < until) {
    const int ready = ::epoll_wait(epoll_.get(), events.data(), kLateEvents, kQuietMs);
    for (int i = 0; i < ready; ++i) handle(events[static_cast<std::size_t>(i)].data.u64);
    if (ready <= 0) return;
  }
}

}  // namespace ship
