#include "net/name_lookup.hpp"

#include <cstring>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <poll.h>
#include <utility>

#include "base/event.hpp"
#include "base/parked_thread.hpp"
#include "base/wait.hpp"

namespace ship {
namespace {

/// One question to the resolver; belongs to the thread that asks and to the one that waits.
struct Question {
  std::string host;
  std::string port;
  addrinfo hints{};
  Event answered;
  std::mutex mutex;
  int code = 0;
  std::vector<HostAddress> found;

  void ask() {
    addrinfo* list = nullptr;
    const int answer = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
    {
      const std::lock_guard lock(mutex);
      code = answer;
      for (const addrinfo* entry = answer == 0 ? list : nullptr; entry; entry = entry->ai_next) {
        HostAddress address;
        if (entry->ai_addrlen > sizeof address.storage) continue;
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.size = entry->ai_addrlen;
        address.family = entry->ai_family;
        found.push_back(address);
      }
    }
    if (list != nullptr) ::freeaddrinfo(list);
    answered.set();
  }
};

Error no_address(int code) {
  return {ErrorKind::transient,
          std::string("the name cannot be resolved: ") + ::gai_strerror(code)};
}

}  // namespace

std::string HostAddress::text() const {
  char name[NI_MAXHOST];
  if (::getnameinfo(get(), size, name, sizeof name, nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return name;
}

Result<std::vector<HostAddress>> look_up(const std::string& host, const std::string& port,
                                         int socket_type, const std::stop_token& stop,
                                         SteadyTime until) {
  const auto question = std::make_shared<Question>();
  question->host = host;
  question->port = port;
  question->hints.ai_family = AF_UNSPEC;
  question->hints.ai_socktype = socket_type;
  question->hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  question->ask();
  if (question->code == 0) return std::move(question->found);
  // A name: the resolver waits as long as it likes, so it does that in a thread of its own.
  question->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  question->answered.clear();
  if (!question->answered) {
    return Error{ErrorKind::transient, "the name cannot be resolved: too many open files"};
  }
  Result<std::thread> thread = start_thread([question] { question->ask(); });
  if (!thread) {
    return Error{ErrorKind::transient, "the name cannot be resolved: " + thread.error().message};
  }
  thread.value().detach();
  switch (wait_ready_until(question->answered.fd(), POLLIN, stop, until)) {
    case Waited::stopped:
      return Error{ErrorKind::transient, "stopped while the name was looked up"};
    case Waited::timed_out:
      return Error{ErrorKind::transient, "the name was not resolved in time"};
    case Waited::ready:
      break;
  }
  const std::lock_guard lock(question->mutex);
  if (question->code != 0) return no_address(question->code);
  return std::move(question->found);
}

}  // namespace ship
