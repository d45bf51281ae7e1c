#include "stats/admin/web_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <microhttpd.h>
#include <sys/socket.h>

namespace ship {

using std::chrono::milliseconds;

namespace {

constexpr std::size_t kConnectionBytes = 16 * 1024;
// Room for new connections while the oldest ones are being closed.
constexpr unsigned kAcceptedAtMost = WebServer::kMostConnections + 32;

struct Connection {
  int fd = -1;
  SteadyTime since;  ///< when it connected, or its last request was answered
  bool ending = false;
};

using Connections = std::list<Connection>;

}  // namespace

struct WebServer::State {
  Handler handler;
  Clock* clock = nullptr;
  Connections connections;  ///< the longest idle one first
  MHD_Daemon* daemon = nullptr;

  ~State() {
    if (daemon != nullptr) MHD_stop_daemon(daemon);
  }

  void opened(MHD_Connection* connection, void** context);
  void answered(Connections::iterator connection);
  void close_those_over();
  static void end(Connection& connection);
  MHD_Result take(MHD_Connection* connection, const char* url, const char* method, void** seen);
  MHD_Result answer(MHD_Connection* connection, const char* url, const char* method) const;
};

namespace {

Connections::iterator& place_of(void* context) {
  return *static_cast<Connections::iterator*>(context);
}

}  // namespace

void WebServer::State::opened(MHD_Connection* connection, void** context) {
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  connections.push_back({info->connect_fd, clock->steady()});
  *context = new Connections::iterator(std::prev(connections.end()));
}

void WebServer::State::answered(Connections::iterator connection) {
  connection->since = clock->steady();
  connections.splice(connections.end(), connections, connection);
}

/// The daemon then sees the end of the stream and closes it.
void WebServer::State::end(Connection& connection) {
  connection.ending = true;
  ::shutdown(connection.fd, SHUT_RDWR);
}

void WebServer::State::close_those_over() {
  const SteadyTime now = clock->steady();
  std::size_t left = connections.size();
  for (Connection& connection : connections) {
    if (left <= kMostConnections && now - connection.since < kPatience) break;
    if (!connection.ending) end(connection);
    --left;
  }
}

/// Answering on the first call ends the connection, because a body that may follow is not read.
MHD_Result WebServer::State::take(MHD_Connection* connection, const char* url, const char* method,
                                  void** seen) {
  const auto has = [connection](const char* header) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, header) != nullptr;
  };
  const bool has_body =
      has(MHD_HTTP_HEADER_CONTENT_LENGTH) || has(MHD_HTTP_HEADER_TRANSFER_ENCODING);
  if (*seen == nullptr && !has_body) {
    *seen = this;
    return MHD_YES;
  }
  return answer(connection, url, method);
}

MHD_Result WebServer::State::answer(MHD_Connection* connection, const char* url,
                                    const char* method) const {
  const char* authorization =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
  const WebResponse made = handler({method, url, authorization == nullptr ? "" : authorization});
  MHD_Response* response = MHD_create_response_from_buffer(
      made.body.size(), const_cast<char*>(made.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, made.content_type.c_str());
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : made.headers) {
    MHD_add_response_header(response, name.c_str(), value.c_str());
  }
  const MHD_Result queued = MHD_queue_response(connection, made.status, response);
  MHD_destroy_response(response);
  return queued;
}

WebServer::WebServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebServer::~WebServer() = default;

Result<std::unique_ptr<WebServer>> WebServer::make(Fd listener, Handler handler, Clock& clock) {
  auto state = std::make_unique<State>();
  state->handler = std::move(handler);
  state->clock = &clock;
  const MHD_AccessHandlerCallback on_request = [](void* self, MHD_Connection* connection,
                                                  const char* url, const char* method, const char*,
                                                  const char*, std::size_t*, void** seen) {
    return static_cast<State*>(self)->take(connection, url, method, seen);
  };
  const MHD_NotifyConnectionCallback on_connection = [](void* self, MHD_Connection* connection,
                                                        void** context,
                                                        MHD_ConnectionNotificationCode what) {
    auto* it = static_cast<State*>(self);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) return it->opened(connection, context);
    it->connections.erase(place_of(*context));
    delete &place_of(*context);
  };
  const MHD_RequestCompletedCallback on_answered = [](void* self, MHD_Connection* connection,
                                                      void**, MHD_RequestTerminationCode) {
    const MHD_ConnectionInfo* info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    static_cast<State*>(self)->answered(place_of(info->socket_context));
  };
  state->daemon =
      MHD_start_daemon(MHD_USE_EPOLL, 0, nullptr, nullptr, on_request, state.get(),
                       MHD_OPTION_LISTEN_SOCKET, listener.get(), MHD_OPTION_CONNECTION_LIMIT,
                       kAcceptedAtMost, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes,
                       MHD_OPTION_NOTIFY_CONNECTION, on_connection, state.get(),
                       MHD_OPTION_NOTIFY_COMPLETED, on_answered, state.get(), MHD_OPTION_END);
  if (state->daemon == nullptr) {
    return Error{ErrorKind::io,
                 std::string("cannot start the admin server: ") + std::strerror(errno)};
  }
  listener.release();
  return std::unique_ptr<WebServer>(new WebServer(std::move(state)));
}

int WebServer::fd() const {
  return MHD_get_daemon_info(state_->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

milliseconds WebServer::due_in() const {
  MHD_UNSIGNED_LONG_LONG left = 0;
  constexpr milliseconds kAtMost{1000};
  if (MHD_get_timeout(state_->daemon, &left) != MHD_YES) return kAtMost;
  return std::min(kAtMost, milliseconds(left));
}

void WebServer::run() {
  MHD_run(state_->daemon);
  state_->close_those_over();
}

}  // namespace ship
