#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "histogram.hpp"

// An HTTP server that counts the lines it is sent, path by path, and misbehaves as told: what
// stands behind a log shipper, for little processor time.
//
//   bench_sink PORT [sent]      PORT 0: any. Prints the port. `sent`: measures each line's age,
//   too.
//
// Commands, one a line, on standard input; all but `report` answer nothing:
//   ok | refuse | limit | hang | cut | lose | slow MS, then PATH or *      from the next request on
//   report     one line of JSON: counts by path
//   quit       the same, then it ends at once; so it does, silently, where standard input ends
//
// refuse answers 503, limit 429. hang answers nothing. cut resets the connection and stores nothing. lose
// stores the lines, and resets instead of an answer. slow answers after so many milliseconds.

namespace {

enum class Mode { ok, refuse, limit, hang, cut, lose, slow };

struct Counts {
  std::uint64_t requests = 0;
  std::uint64_t stored = 0;    ///< lines of requests that were answered with 204
  std::uint64_t doubtful = 0;  ///< lines that were stored and whose answer was never sent
  std::uint64_t bytes = 0;
  std::uint64_t failed = 0;  ///< requests that were refused, cut or left hanging
};

struct Route {
  Mode mode = Mode::ok;
  std::uint64_t delay_ms = 0;
  Counts counts;
};

struct Connection {
  int fd = -1;
  std::string head;
  std::string body;
  std::string path;
  std::size_t expected = 0;
  bool in_body = false;
  std::uint64_t answer_at_ns = 0;  ///< 0: no answer is due
  std::uint64_t lines = 0;         ///< of the answer that is due
};

std::uint64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1000000000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

/// Notes how old each line is that is marked with the time of its writing.
void measure(bench::Histogram& ages, std::string_view lines) {
  constexpr std::string_view kKey = R"("sent":")";
  const std::uint64_t now = now_ns();
  for (auto at = lines.find(kKey); at != std::string_view::npos; at = lines.find(kKey, at + 1)) {
    const std::uint64_t sent = std::strtoull(lines.data() + at + kKey.size(), nullptr, 10);
    ages.add(now > sent ? now - sent : 0);
  }
}

std::string ages_json(const bench::Histogram& ages) {
  return R"("age":{"lines":)" + std::to_string(ages.total()) + ',' + ages.json() + '}';
}

int read_pipe() {
  bench::Histogram ages;
  std::string text;
  std::vector<char> buffer(256 << 10);
  for (ssize_t n = 0; (n = ::read(STDIN_FILENO, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
    const auto end = text.rfind('\n') + 1;  // npos + 1 is 0: no line is whole yet
    measure(ages, std::string_view(text).substr(0, end));
    text.erase(0, end);
  }
  std::printf("{%s}\n", ages_json(ages).c_str());
  return 0;
}

class Server {
 public:
  Server(int listener, bool measured) : listener_(listener), measured_(measured) {}

  void run() {
    std::vector<pollfd> polled;
    while (!over_) {
      polled.assign({{STDIN_FILENO, POLLIN, 0}, {listener_, POLLIN, 0}});
      int timeout_ms = -1;
      for (const Connection& connection : connections_) {
        // While it waits for its answer a client says nothing but goodbye.
        polled.push_back({connection.fd, POLLIN, 0});
        if (connection.answer_at_ns > 0) timeout_ms = 1;
      }
      if (::poll(polled.data(), polled.size(), timeout_ms) < 0 && errno != EINTR) return;
      answer_what_is_due();
      for (std::size_t i = 2; i < polled.size(); ++i) {
        if (polled[i].revents != 0) read_from(connections_[i - 2]);
      }
      connections_.erase(std::remove_if(connections_.begin(), connections_.end(),
                                        [](const Connection& one) { return one.fd < 0; }),
                         connections_.end());
      if (polled[1].revents != 0) accept_one();
      if (polled[0].revents != 0) take_commands();
    }
  }

 private:
  void accept_one() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Connection connection;
    connection.fd = fd;
    connections_.push_back(std::move(connection));
    ++accepted_;
  }

  static void close_it(Connection& connection, bool reset) {
    if (reset) {
      const linger now{1, 0};
      ::setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    ::close(connection.fd);
    connection.fd = -1;
  }

  void read_from(Connection& connection) {
    for (;;) {
      const ssize_t n = ::read(connection.fd, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return close_it(connection, false);
      take(connection, {buffer_.data(), static_cast<std::size_t>(n)});
      if (connection.fd < 0 || static_cast<std::size_t>(n) < buffer_.size()) return;
    }
  }

  void take(Connection& connection, std::string_view data) {
    while (!data.empty() && connection.fd >= 0) {
      if (!connection.in_body) {
        const std::size_t before = connection.head.size();
        connection.head += data;
        const auto end = connection.head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
        if (end == std::string::npos) return;
        data.remove_prefix(end + 4 - before);
        connection.head.resize(end + 2);
        begin_body(connection);
      }
      const std::size_t part = std::min(data.size(), connection.expected - connection.body.size());
      connection.body += data.substr(0, part);
      data.remove_prefix(part);
      if (connection.body.size() == connection.expected) answer(connection);
    }
  }

  static void begin_body(Connection& connection) {
    const auto space = connection.head.find(' ');
    const auto end = connection.head.find(' ', space + 1);
    connection.path = connection.head.substr(space + 1, end - space - 1);
    const char* length = ::strcasestr(connection.head.c_str(), "\r\ncontent-length:");
    connection.expected = length == nullptr ? 0 : std::strtoull(length + 17, nullptr, 10);
    connection.in_body = true;
    connection.body.clear();
  }

  void answer(Connection& connection) {
    Route& route = routes_.try_emplace(connection.path, all_).first->second;
    connection.in_body = false;
    connection.head.clear();
    ++route.counts.requests;
    connection.lines = static_cast<std::uint64_t>(
        std::count(connection.body.begin(), connection.body.end(), '\n'));
    switch (route.mode) {
      case Mode::ok:
        return store(connection, route);
      case Mode::slow:
        connection.answer_at_ns = now_ns() + route.delay_ms * 1000000;
        return;
      case Mode::refuse:
        ++route.counts.failed;
        return send_text(connection,
                         "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
      case Mode::limit:
        ++route.counts.failed;
        return send_text(connection, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
      case Mode::hang:
        ++route.counts.failed;
        return;
      case Mode::cut:
        ++route.counts.failed;
        return close_it(connection, true);
      case Mode::lose:
        ++route.counts.failed;
        route.counts.doubtful += connection.lines;
        return close_it(connection, true);
    }
  }

  void answer_what_is_due() {
    const std::uint64_t now = now_ns();
    for (Connection& connection : connections_) {
      if (connection.answer_at_ns == 0 || connection.answer_at_ns > now) continue;
      connection.answer_at_ns = 0;
      store(connection, routes_.find(connection.path)->second);
    }
  }

  void store(Connection& connection, Route& route) {
    route.counts.stored += connection.lines;
    route.counts.bytes += connection.body.size();
    if (measured_) measure(ages_, connection.body);
    send_text(connection, "HTTP/1.1 204 No Content\r\n\r\n");
  }

  static void send_text(Connection& connection, std::string_view text) {
    if (::send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) {
      close_it(connection, true);
    }
  }

  void take_commands() {
    char text[4096];
    const ssize_t n = ::read(STDIN_FILENO, text, sizeof text);
    if (n <= 0) {
      over_ = true;
      return;
    }
    commands_.append(text, static_cast<std::size_t>(n));
    for (auto end = commands_.find('\n'); end != std::string::npos; end = commands_.find('\n')) {
      command(commands_.substr(0, end));
      commands_.erase(0, end + 1);
    }
  }

  void command(const std::string& line) {
    char word[16] = "";
    char path[256] = "";
    unsigned long long delay = 0;
    std::sscanf(line.c_str(), "%15s", word);
    const std::string_view name = word;
    if (name == "report" || name == "quit") {
      report();
      over_ = name == "quit";
      return;
    }
    const std::map<std::string_view, Mode> modes = {
        {"ok", Mode::ok},     {"refuse", Mode::refuse}, {"hang", Mode::hang},  {"cut", Mode::cut},
        {"lose", Mode::lose}, {"slow", Mode::slow},     {"limit", Mode::limit}};
    const auto mode = modes.find(name);
    const bool understood =
        mode != modes.end() &&
        (mode->second == Mode::slow ? std::sscanf(line.c_str(), "%*s %llu %255s", &delay, path) == 2
                                    : std::sscanf(line.c_str(), "%*s %255s", path) == 1);
    if (!understood) {
      std::fprintf(stderr, "unknown command: %s\n", line.c_str());
      return;
    }
    const auto set = [&](Route& route) {
      route.mode = mode->second;
      route.delay_ms = delay;
    };
    if (std::string_view(path) == "*") {
      set(all_);
      for (auto& [name_of, route] : routes_) set(route);
    } else {
      set(routes_.try_emplace(path, all_).first->second);
    }
  }

  void report() {
    std::string text = R"({"connections":)" + std::to_string(accepted_) + R"(,"paths":{)";
    const char* comma = "";
    for (const auto& [path, route] : routes_) {
      const Counts& counts = route.counts;
      text += std::string(comma) + '"' + path + R"(":{"requests":)" +
              std::to_string(counts.requests) + R"(,"stored":)" + std::to_string(counts.stored) +
              R"(,"doubtful":)" + std::to_string(counts.doubtful) + R"(,"bytes":)" +
              std::to_string(counts.bytes) + R"(,"failed":)" + std::to_string(counts.failed) + '}';
      comma = ",";
    }
    text += '}';
    if (measured_) text += ',' + ages_json(ages_);
    std::printf("%s}\n", text.c_str());
    std::fflush(stdout);
  }

  int listener_;
  bool measured_;
  bool over_ = false;
  std::uint64_t accepted_ = 0;
  Route all_;  ///< what a path that was not seen yet begins as
  std::map<std::string, Route> routes_;
  std::vector<Connection> connections_;
  bench::Histogram ages_;
  std::string commands_;
  std::vector<char> buffer_ = std::vector<char>(256 << 10);
};

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  if (argc > 1 && std::string_view(argv[1]) == "pipe") return read_pipe();
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int one = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 128) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    std::perror("bench_sink");
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  Server(listener, argc > 2 && std::string_view(argv[2]) == "sent").run();
  return 0;
}
