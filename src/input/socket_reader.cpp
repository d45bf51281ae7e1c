#include "input/socket_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/scheduling.hpp"
#include "input/socket_options.hpp"

namespace ship {
namespace {

constexpr std::size_t kMostEvents = 256;
constexpr int kFifoReads = 8;
constexpr int kMostAccepts = 64;
/// How long nobody is accepted after the system had no more descriptors.
constexpr std::chrono::milliseconds kAcceptPause{1000};
constexpr std::chrono::milliseconds kPathRetry{1000};
/// Between looks at paths where inotify tells nothing.
constexpr std::chrono::milliseconds kPathLook{5000};

void set_trouble(SharedInput& input, const std::string& text) {
  input.note([&text](InputReport& report) { report.trouble = text; });
}

}  // namespace

SocketReader::SocketReader(const InputSettings& settings,
                           std::vector<std::unique_ptr<SharedInput>> inputs, OnDone on_done,
                           Clock& clock, ParkedThread thread)
    : settings_(settings),
      inputs_(std::move(inputs)),
      on_done_(std::move(on_done)),
      clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      paths_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      connections_(settings.pending_bytes),
      thread_(std::move(thread)) {}

Result<std::unique_ptr<SocketReader>> SocketReader::open(
    const InputSettings& settings, std::vector<std::unique_ptr<SharedInput>> inputs, OnDone on_done,
    Clock& clock) {
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  std::unique_ptr<SocketReader> reader(new SocketReader(
      settings, std::move(inputs), std::move(on_done), clock, std::move(thread).value()));
  if (!reader->wake_ || !reader->epoll_) {
    return Error{ErrorKind::io, std::string("input: cannot wait for sockets: ") +
                                    std::strerror(errno) +
                                    "; raise the limit on open files (ulimit -n, LimitNOFILE=)"};
  }
  ask_for_descriptors(settings.max_connections);
  reader->watch(reader->wake_.fd(), Watched::wake);
  if (reader->paths_) reader->watch(reader->paths_.get(), Watched::paths);
  reader->watch_listeners(true);
  for (auto& input : reader->inputs_) {
    if (!input->path().empty()) reader->watch_path(*input);
    for (Fd& fifo : input->fifos()) reader->take(std::move(fifo), *input, true);
    input->fifos().clear();
  }
  return reader;
}

SocketReader::~SocketReader() {
  stop();
  join();
}

void SocketReader::start() {
  thread_.run([this] { run(); });
}

void SocketReader::begin_drain() { move_to(Phase::draining); }

void SocketReader::stop() { move_to(Phase::stopping); }

void SocketReader::join() { thread_.join(); }

// Phases only go forward.
void SocketReader::move_to(Phase phase) {
  Phase now = phase_.load(std::memory_order_relaxed);
  while (now < phase && !phase_.compare_exchange_weak(now, phase, std::memory_order_acq_rel)) {
  }
  wake_.set();
}

std::vector<InputReport> SocketReader::reports() const {
  std::vector<InputReport> reports;
  for (const auto& input : inputs_) reports.push_back(input->report());
  return reports;
}

LoopTimes SocketReader::loop_times() const {
  const std::lock_guard lock(loop_mutex_);
  return loop_times_;
}

void SocketReader::watch(int fd, Watched what) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 =
      std::uint64_t{static_cast<std::uint32_t>(what)} << 32 | static_cast<std::uint32_t>(fd);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void SocketReader::watch_listeners(bool on) {
  for (auto& input : inputs_) {
    for (const SocketListener& listener : input->listeners()) {
      if (on) {
        watch(listener.fd(), Watched::listener);
      } else {
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener.fd(), nullptr);
      }
    }
  }
}

void SocketReader::run() {
  use_batch_scheduling();
  while (phase() == Phase::reading) turn();
  if (phase() == Phase::draining) drain();
  while (Connection* const connection = connections_.first()) end_one(*connection, false);
  for (auto& input : inputs_) {
    for (SocketListener& listener : input->listeners()) listener.remove_path();
    input->listeners().clear();
    input->intake().finish();
  }
  update_held();
  if (on_done_) on_done_({});
}

void SocketReader::turn() {
  std::array<epoll_event, kMostEvents> events;
  const int ready = ::epoll_wait(epoll_.get(), events.data(), kMostEvents, milliseconds_left());
  const SteadyTime began = clock_.steady();
  for (int i = 0; i < ready && phase() == Phase::reading; ++i) {
    handle(events[static_cast<std::size_t>(i)].data.u64);
  }
  const SteadyTime now = clock_.steady();
  connections_.wake(now);
  for (auto& input : inputs_) {
    if (input->intake().deadline().value_or(SteadyTime::max()) <= now) input->intake().wake();
  }
  close_idle(now);
  if (accept_again_ && *accept_again_ <= now) {
    accept_again_.reset();
    watch_listeners(true);
    for (auto& input : inputs_) {
      if (input->reachable()) set_trouble(*input, {});
    }
  }
  if (look_again_ && *look_again_ <= now) check_paths();
  update_held();
  const std::chrono::duration<double> away = clock_.steady() - began;
  const std::lock_guard lock(loop_mutex_);
  if (ready > 0) loop_times_.add(away.count());
}

void SocketReader::handle(std::uint64_t what) {
  const int fd = static_cast<int>(what & 0xffffffff);
  switch (static_cast<Watched>(what >> 32)) {
    case Watched::wake:
      return;
    case Watched::connection:
      if (Connection* const connection = connections_.find(fd)) read_one(*connection);
      return;
    case Watched::paths: {
      std::array<char, 4096> ignored;
      while (::read(fd, ignored.data(), ignored.size()) > 0) {
      }
      return check_paths();
    }
    case Watched::listener:
      for (auto& input : inputs_) {
        for (const SocketListener& listener : input->listeners()) {
          if (listener.fd() == fd) return accept_from(listener, *input);
        }
      }
  }
}

void SocketReader::read_one(Connection& connection) {
  Intake& intake = connection.input->intake();
  ssize_t got = 0;
  int code = 0;
  // A writer of a FIFO may have come and gone before its end was opened anew: only another read
  // tells.
  const int reads = connection.fifo ? kFifoReads : 1;
  for (int i = 0; i < reads; ++i) {
    const std::span<char> room = Connections::room(connection);
    got = ::read(connection.fd.get(), room.data(), room.size());
    code = errno;
    if (got > 0) intake.take(static_cast<std::size_t>(got));
    intake.use(nullptr);
    if (got <= 0) break;
    const SteadyTime now = clock_.steady();
    last_read_.store(now, std::memory_order_relaxed);
    connections_.settle(connection, true, now);
  }
  if (got > 0) return;
  const bool nothing_there = got < 0 && (code == EAGAIN || code == EINTR);
  if (nothing_there) return connections_.settle(connection, false, {});
  if (connection.fifo && got == 0) return reopen_fifo(connection);
  end_one(connection, got < 0);
}

void SocketReader::end_one(Connection& connection, bool failed) {
  SharedInput& input = *connection.input;
  const bool counted = !connection.fifo;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.fd.get(), nullptr);
  connections_.end(connection);
  if (!counted) return;
  input.note([failed](InputReport& report) {
    --report.connections->now;
    if (failed) ++report.connections->reset;
  });
  // There is a descriptor again.
  if (accept_again_) accept_again_ = clock_.steady();
}

// The next writer must find a reader: the new end is open before the old one is closed.
void SocketReader::reopen_fifo(Connection& connection) {
  SharedInput& input = *connection.input;
  if (input.path().empty()) return end_one(connection, false);
  // Its path names another one by now, which is read already.
  const bool ours = input.reachable();
  Result<Fd> next = ours ? input.open_fifo() : Fd();
  if (ours && !next) set_trouble(input, next.error().message);
  if (ours && !next) look_again_ = clock_.steady() + kPathRetry;
  end_one(connection, false);
  if (next && next.value()) take(std::move(next).value(), input, true);
}

void SocketReader::accept_from(const SocketListener& listener, SharedInput& input) {
  for (int i = 0; i < kMostAccepts; ++i) {
    Fd fd(::accept4(listener.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) {
      const int code = errno;
      if (code == EMFILE || code == ENFILE || code == ENOMEM || code == ENOBUFS) {
        return pause_accepting(code, input);
      }
      // One that is gone again, or a network that failed, is no reason not to take the next.
      if (code == EAGAIN || code == EINVAL || code == EBADF) return;
      continue;
    }
    if (connections_.open() >= settings_.max_connections) {
      input.note([](InputReport& report) { ++report.connections->refused; });
      continue;
    }
    take(std::move(fd), input, false);
  }
}

void SocketReader::take(Fd fd, SharedInput& input, bool fifo) {
  const int number = fd.get();
  if (!fifo) {
    if (input.path().empty()) keep_alive(number);
    input.note([](InputReport& report) {
      ++report.connections->now;
      ++report.connections->total;
    });
  }
  connections_.add(std::move(fd), input, fifo, clock_.steady());
  watch(number, Watched::connection);
}

// They wait in the kernel meanwhile, and whoever is there already is read on.
void SocketReader::pause_accepting(int code, SharedInput& input) {
  watch_listeners(false);
  accept_again_ = clock_.steady() + kAcceptPause;
  set_trouble(input, std::string("cannot accept a connection: ") + std::strerror(code) +
                         (code == EMFILE ? "; raise the limit on open files (ulimit -n, "
                                           "LimitNOFILE=) or lower input.max_connections"
                                         : ""));
}

void SocketReader::watch_path(const SharedInput& input) {
  // Its link count changes when it is deleted, although the socket lives on.
  const bool watched =
      paths_ && ::inotify_add_watch(paths_.get(), input.path().c_str(),
                                    IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) >= 0;
  if (!watched) look_again_ = clock_.steady() + kPathLook;
}

void SocketReader::check_paths() {
  look_again_.reset();
  for (auto& input : inputs_) {
    if (!input->reachable()) check_path(*input);
  }
}

// Those who opened the old path are read to their end.
void SocketReader::check_path(SharedInput& input) {
  if (auto made = input.remake(); !made) {
    set_trouble(input, made.error().message);
    look_again_ = clock_.steady() + kPathRetry;
    return;
  }
  input.note([](InputReport& report) {
    ++report.remade;
    report.trouble.clear();
  });
  watch_path(input);
  for (Fd& fifo : input.fifos()) take(std::move(fifo), input, true);
  input.fifos().clear();
  std::vector<SocketListener>& listeners = input.listeners();
  if (listeners.size() < 2) return;
  accept_from(listeners.front(), input);
  listeners.erase(listeners.begin());
  if (!accept_again_) watch(listeners.back().fd(), Watched::listener);
}

void SocketReader::close_idle(SteadyTime now) {
  if (settings_.idle_timeout.count() == 0) return;
  while (Connection* const connection = connections_.idlest()) {
    if (now - connection->last < settings_.idle_timeout) return;
    // A reader that was held up elsewhere has not seen what it sent.
    if (bytes_available(connection->fd.get()) > 0) {
      connections_.settle(*connection, true, now);
      continue;
    }
    connection->input->note([](InputReport& report) { ++report.connections->idle; });
    end_one(*connection, false);
  }
}

void SocketReader::update_held() {
  if (inputs_.size() == 1) {
    const std::uint64_t held = connections_.held_bytes();
    return inputs_.front()->note([held](InputReport& report) { report.held_bytes = held; });
  }
  for (auto& input : inputs_) {
    const std::uint64_t held = connections_.held_bytes(*input);
    input->note([held](InputReport& report) { report.held_bytes = held; });
  }
}

// For epoll_wait(2): -1 is no limit.
int SocketReader::milliseconds_left() const {
  std::optional<SteadyTime> next = connections_.deadline();
  const auto consider = [&next](const std::optional<SteadyTime>& time) {
    if (time && (!next || *time < *next)) next = time;
  };
  for (const auto& input : inputs_) consider(input->intake().deadline());
  consider(accept_again_);
  consider(look_again_);
  const Connection* const idlest = const_cast<Connections&>(connections_).idlest();
  if (idlest != nullptr && settings_.idle_timeout.count() > 0) {
    consider(idlest->last + settings_.idle_timeout);
  }
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.steady());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

}  // namespace ship
