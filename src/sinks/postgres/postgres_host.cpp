#include "sinks/postgres/postgres_host.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <mutex>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/event.hpp"
#include "base/parked_thread.hpp"
#include "sinks/postgres/postgres_wait.hpp"

namespace ship {
namespace {

/// What getaddrinfo says, as numbers. Empty, with a reason, where it knows none.
std::vector<std::string> look_up(const std::string& name, std::string& reason) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<std::string> addresses;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0) {
    reason = ::gai_strerror(error);
    return addresses;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) reason = "no address";
  return addresses;
}

}  // namespace

bool PostgresHost::is_literal() const {
  in6_addr address{};
  return name.starts_with('/') || name.starts_with('@') || name.find(':') != name.npos ||
         ::inet_pton(AF_INET, name.c_str(), &address) == 1;
}

std::vector<PostgresHost> split_postgres_hosts(std::string_view list) {
  std::vector<PostgresHost> hosts;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view entry = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    PostgresHost host;
    if (entry.starts_with('[')) {
      const std::size_t close = std::min(entry.find(']'), entry.size());
      host.name = entry.substr(1, close - 1);
      entry.remove_prefix(std::min(close + 1, entry.size()));
      if (entry.starts_with(':')) host.port = entry.substr(1);
    } else if (entry.starts_with('/') || entry.starts_with('@')) {
      host.name = entry;
    } else {
      const std::size_t colon = std::min(entry.find(':'), entry.size());
      host.name = entry.substr(0, colon);
      if (colon < entry.size()) host.port = entry.substr(colon + 1);
    }
    if (!host.name.empty()) hosts.push_back(std::move(host));
  }
  return hosts;
}

/// Shared with the thread that asks, and nothing else is.
struct HostResolver::Lookup {
  std::mutex mutex;
  bool done = false;
  std::vector<std::string> addresses;
  std::string reason;
  const Event ready;
};

HostResolver::HostResolver() = default;
HostResolver::~HostResolver() = default;

Result<std::vector<std::string>> HostResolver::resolve(const std::string& name, SteadyTime until,
                                                       const std::stop_token& stop) {
  std::shared_ptr<Lookup>& lookup = pending_[name];
  if (!lookup) {
    auto asked = std::make_shared<Lookup>();
    if (!asked->ready) return Error{ErrorKind::transient, "cannot make an eventfd"};
    auto thread = start_thread([asked, name] {
      std::string reason;
      std::vector<std::string> addresses = look_up(name, reason);
      {
        const std::lock_guard lock(asked->mutex);
        asked->addresses = std::move(addresses);
        asked->reason = std::move(reason);
        asked->done = true;
      }
      asked->ready.set();
    });
    if (!thread) return Error{ErrorKind::transient, thread.error().message};
    thread.value().detach();
    lookup = std::move(asked);
  }
  const Woken woken = wait_until_ready(lookup->ready.fd(), POLLIN, until, stop);
  if (woken == Woken::stopped) return Error{ErrorKind::transient, "stopped"};
  if (woken == Woken::deadline) {
    return Error{ErrorKind::transient, name + ": the resolver does not answer"};
  }
  const std::shared_ptr<Lookup> answered = std::move(lookup);
  pending_.erase(name);
  const std::lock_guard lock(answered->mutex);
  if (answered->addresses.empty()) {
    return Error{ErrorKind::transient, name + ": cannot resolve the name: " + answered->reason};
  }
  return answered->addresses;
}

}  // namespace ship
