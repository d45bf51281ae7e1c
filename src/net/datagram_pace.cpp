#include "net/datagram_pace.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "base/wait.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// A socket's receive buffer has 208 KB unless it asks for another size.
constexpr std::uint64_t kHighWater = DatagramPace::kMaxUnread / 2;
constexpr std::uint64_t kBurst = DatagramPace::kMaxUnread / 2;
constexpr milliseconds kLookAgain{1};
constexpr milliseconds kReadPatience{1000};

std::string whole_file(const char* path) {
  std::string text;
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return text;
  char part[16 * 1024];
  for (ssize_t size = 0; (size = ::read(file.get(), part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(size));
  }
  return text;
}

std::optional<std::uint64_t> hex_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// The next word of a line, which it is taken from.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> waiting_at(std::uint16_t port) {
  const auto four = waiting_bytes(whole_file("/proc/net/udp"), port);
  const auto six = waiting_bytes(whole_file("/proc/net/udp6"), port);
  if (!four) return six;
  return std::max(*four, six.value_or(0));
}

}  // namespace

std::optional<std::uint64_t> waiting_bytes(std::string_view table, std::uint16_t port) {
  std::optional<std::uint64_t> waiting;
  while (!table.empty()) {
    std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    next_word(line);  // "12:"
    const std::string_view local = next_word(line);
    const std::string_view remote = next_word(line);
    next_word(line);  // the state
    const std::string_view queues = next_word(line);
    const std::size_t colon = local.rfind(':');
    if (colon == local.npos || hex_number(local.substr(colon + 1)) != port) continue;
    // One that is connected is a client's, and hears its own peer only.
    if (!remote.ends_with(":0000")) continue;
    const std::size_t between = queues.find(':');
    if (between == queues.npos) continue;
    waiting = std::max(waiting.value_or(0), hex_number(queues.substr(between + 1)).value_or(0));
  }
  return waiting;
}

void DatagramPace::aim(const std::string& port, bool this_machine) {
  this_machine_ = this_machine;
  port_ = 0;
  std::from_chars(port.data(), port.data() + port.size(), port_);
  allowance_ = 0;
}

bool DatagramPace::wait_for_reader(std::size_t size, const std::stop_token& stop) {
  const std::uint64_t wanted = weight(size);
  while (allowance_ < wanted) {
    const auto unread = waiting_at(port_);
    if (!unread) {
      this_machine_ = false;  // another network of the machine's, or nobody listens
      return true;
    }
    if (*unread <= kHighWater) {
      allowance_ = std::max(kBurst, wanted);
      break;
    }
    const SteadyTime then = std::chrono::steady_clock::now() + kLookAgain;
    if (wait_ready_until(-1, 0, stop, then) == Waited::stopped) return false;
  }
  allowance_ -= wanted;
  return true;
}

void DatagramPace::wait_read(const std::stop_token& stop) {
  const SteadyTime until = std::chrono::steady_clock::now() + kReadPatience;
  while (this_machine_ && waiting_at(port_).value_or(0) > 0) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= until) return;
    if (wait_ready_until(-1, 0, stop, now + kLookAgain) == Waited::stopped) return;
  }
}

bool DatagramPace::wait_for_turn(std::size_t size, const std::stop_token& stop) {
  if (this_machine_ && !wait_for_reader(size, stop)) return false;
  if (this_machine_ || max_rate_ == 0) return true;
  const SteadyTime now = std::chrono::steady_clock::now();
  // What was not used is not saved up, but for the few milliseconds that a timer is late.
  next_ = std::max(next_, now - milliseconds{5});
  if (next_ > now + milliseconds{1} && wait_ready_until(-1, 0, stop, next_) == Waited::stopped) {
    return false;
  }
  next_ += std::chrono::nanoseconds{1'000'000'000 / max_rate_};
  return true;
}

}  // namespace ship
