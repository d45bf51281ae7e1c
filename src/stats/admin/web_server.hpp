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
#include "stats/admin/web_stream.hpp"

namespace ship {

/// A request without its body. The texts live until the handler returns.
struct WebRequest {
  std::string_view method;         ///< "GET"
  std::string_view path;           ///< decoded, without the query
  std::string_view authorization;  ///< the header's value; empty: none
  std::string_view host;           ///< the same
  /// Of the query, decoded, in their order.
  std::vector<std::pair<std::string_view, std::string_view>> arguments;

  /// The value of the last argument of this name; empty: none.
  std::string_view argument(std::string_view name) const;
};

struct WebResponse {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  ///< beside those every answer has
  std::unique_ptr<WebStream> stream;                         ///< set: the body, instead of `body`
};

/// HTTP/1.1 for many clients on the thread of its caller, none of whom costs more than a
/// connection: nothing waits for one, a request and its headers have 16 KB, bodies are not read, at
/// most 64 connections are open, and whoever comes then takes the place of the one that has been
/// without a request the longest. A connection that completes no request within a minute is closed,
/// and one with a stream of which nothing was taken for ten.
/// All methods on one thread.
class WebServer {
 public:
  using Handler = std::function<WebResponse(const WebRequest&)>;

  static constexpr std::size_t kMostConnections = 64;
  static constexpr std::chrono::seconds kPatience{60};
  static constexpr std::chrono::seconds kStreamPatience{600};

  /// Takes over `listener`, which listens and does not block. Errors: io.
  static Result<std::unique_ptr<WebServer>> make(Fd listener, Handler handler, Clock& clock);
  ~WebServer();

  /// Readable when `run` has something to do; it may also be due once `due_in` has passed.
  int fd() const;
  std::chrono::milliseconds due_in() const;
  /// Does all that can be done at once: accepts, reads, answers, closes.
  void run();
  /// Sends what the streams have yet, and their ends, as far as their readers take it within
  /// `patience`. Nothing may follow but the end.
  void end_streams(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit WebServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
