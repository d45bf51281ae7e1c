#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace ship {

/// A request without its body. The texts live until the handler returns.
struct WebRequest {
  std::string_view method;         ///< "GET"
  std::string_view path;           ///< decoded, without the query
  std::string_view authorization;  ///< the header's value; empty: none
};

struct WebResponse {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  ///< in addition to those that every
                                                             ///< answer has
};

/// HTTP/1.1 for many clients on the caller's thread. A client costs no more than a connection:
/// nothing waits for it, a request and its headers have 16 KB, and bodies are not read. At most 64
/// connections are open; a new one then replaces the one that has been idle the longest. A
/// connection that completes no request within a minute is closed. All methods on one thread.
class WebServer {
 public:
  using Handler = std::function<WebResponse(const WebRequest&)>;

  static constexpr std::size_t kMostConnections = 64;
  static constexpr std::chrono::seconds kPatience{60};

  /// Takes over `listener`, which listens and does not block. Errors: io.
  static Result<std::unique_ptr<WebServer>> make(Fd listener, Handler handler, Clock& clock);
  ~WebServer();

  /// Readable when `run` has something to do; it may also be due once `due_in` has passed.
  int fd() const;
  std::chrono::milliseconds due_in() const;
  /// Does all that can be done at once: accepts, reads, answers, closes.
  void run();

 private:
  struct State;
  explicit WebServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
