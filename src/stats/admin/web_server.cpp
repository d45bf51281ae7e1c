#include "stats/admin/web_server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>
#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>

namespace ship {

using std::chrono::milliseconds;

namespace {

constexpr std::size_t kConnectionBytes = 16 * 1024;
// Room for new connections while the oldest ones are being closed.
constexpr unsigned kAcceptedAtMost = WebServer::kMostConnections + 32;

// How long what a stream has waits for more.
constexpr milliseconds kStreamTick{20};
// A reader that has gone away is noticed by what cannot be sent.
constexpr milliseconds kStreamSilence{1000};
constexpr std::size_t kStreamBlock = 16 * 1024;

struct Connection {
  int fd = -1;
  SteadyTime since;  ///< it came, or its last request was answered, or some of its stream was taken
  bool ending = false;
  bool streams = false;
};

using Connections = std::list<Connection>;

}  // namespace

struct WebServer::State {
  /// An answer that goes on.
  struct Streaming {
    State* server = nullptr;
    std::unique_ptr<WebStream> stream;
    MHD_Connection* connection = nullptr;
    Connections::iterator place;
    SteadyTime asked;
    bool suspended = false;  ///< it has nothing; else libmicrohttpd would ask without a pause
  };

  Handler handler;
  Clock* clock = nullptr;
  Connections connections;  ///< the one that has been without a request the longest first
  std::list<std::unique_ptr<Streaming>> streams;
  bool ending = false;
  MHD_Daemon* daemon = nullptr;

  ~State() {
    if (daemon == nullptr) return;
    ending = true;
    wake_streams();
    MHD_stop_daemon(daemon);
  }

  void opened(MHD_Connection* connection, void** context);
  void answered(Connections::iterator connection);
  void close_those_over();
  static void end(Connection& connection);
  void wake_streams();
  ssize_t read_stream(Streaming& streaming, std::span<char> room);
  MHD_Response* open_stream(MHD_Connection* connection, std::unique_ptr<WebStream> stream);
  MHD_Result take(MHD_Connection* connection, const char* url, const char* method, void** seen);
  MHD_Result answer(MHD_Connection* connection, const char* url, const char* method);
};

namespace {

Connections::iterator& place_of(void* context) {
  return *static_cast<Connections::iterator*>(context);
}

Connections::iterator& place_of(MHD_Connection* connection) {
  return place_of(
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context);
}

std::string_view header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : value;
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
    const bool full = left > kMostConnections;
    if (!full && now - connection.since < kPatience) break;
    if (!full && connection.streams && now - connection.since < kStreamPatience) continue;
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

/// Those that have something, or were not heard for a second, or all where the end is near.
void WebServer::State::wake_streams() {
  const SteadyTime now = clock->steady();
  for (const auto& streaming : streams) {
    if (!streaming->suspended) continue;
    const bool due = now - streaming->asked >= kStreamSilence;
    if (!ending && !due && !streaming->stream->has_news()) continue;
    streaming->suspended = false;
    MHD_resume_connection(streaming->connection);
  }
}

ssize_t WebServer::State::read_stream(Streaming& streaming, std::span<char> room) {
  streaming.asked = clock->steady();
  answered(streaming.place);
  const std::size_t bytes = streaming.stream->read(room);
  if (bytes > 0) return static_cast<ssize_t>(bytes);
  if (ending) return MHD_CONTENT_READER_END_OF_STREAM;
  streaming.suspended = true;
  MHD_suspend_connection(streaming.connection);
  return 0;
}

MHD_Response* WebServer::State::open_stream(MHD_Connection* connection,
                                            std::unique_ptr<WebStream> stream) {
  auto made = std::make_unique<Streaming>();
  made->server = this;
  made->stream = std::move(stream);
  made->connection = connection;
  made->place = place_of(connection);
  made->place->streams = true;
  Streaming* const streaming = streams.emplace_back(std::move(made)).get();
  const MHD_ContentReaderCallback on_read = [](void* self, std::uint64_t, char* out,
                                               std::size_t size) {
    auto* it = static_cast<Streaming*>(self);
    return it->server->read_stream(*it, {out, size});
  };
  const MHD_ContentReaderFreeCallback on_end = [](void* self) {
    auto* it = static_cast<Streaming*>(self);
    it->server->streams.remove_if([it](const auto& one) { return one.get() == it; });
  };
  MHD_Response* response =
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kStreamBlock, on_read, streaming, on_end);
  if (response == nullptr) on_end(streaming);
  return response;
}

MHD_Result WebServer::State::answer(MHD_Connection* connection, const char* url,
                                    const char* method) {
  WebRequest request{method,
                     url,
                     header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
                     header(connection, MHD_HTTP_HEADER_HOST),
                     {}};
  const MHD_KeyValueIterator on_argument = [](void* all, MHD_ValueKind, const char* name,
                                              const char* value) {
    static_cast<decltype(request.arguments)*>(all)->emplace_back(name,
                                                                 value == nullptr ? "" : value);
    return MHD_YES;
  };
  MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, on_argument, &request.arguments);
  WebResponse made = handler(request);
  MHD_Response* response = made.stream ? open_stream(connection, std::move(made.stream))
                                       : MHD_create_response_from_buffer(
                                             made.body.size(), const_cast<char*>(made.body.data()),
                                             MHD_RESPMEM_MUST_COPY);
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

std::string_view WebRequest::argument(std::string_view name) const {
  std::string_view found;
  for (const auto& [key, value] : arguments) {
    if (key == name) found = value;
  }
  return found;
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
    place_of(connection)->streams = false;
    static_cast<State*>(self)->answered(place_of(connection));
  };
  state->daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, on_request, state.get(),
      MHD_OPTION_LISTEN_SOCKET, listener.get(), MHD_OPTION_CONNECTION_LIMIT, kAcceptedAtMost,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_NOTIFY_CONNECTION,
      on_connection, state.get(), MHD_OPTION_NOTIFY_COMPLETED, on_answered, state.get(),
      MHD_OPTION_END);
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
  // One whose reader takes nothing waits for that, and for no time.
  const bool waits = std::any_of(state_->streams.begin(), state_->streams.end(),
                                 [](const auto& streaming) { return streaming->suspended; });
  const milliseconds at_most = waits ? kStreamTick : kAtMost;
  if (MHD_get_timeout(state_->daemon, &left) != MHD_YES) return at_most;
  return std::min(at_most, milliseconds(left));
}

void WebServer::run() {
  state_->wake_streams();
  MHD_run(state_->daemon);
  state_->close_those_over();
}

void WebServer::end_streams(milliseconds patience) {
  state_->ending = true;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!state_->streams.empty() && std::chrono::steady_clock::now() < until) {
    run();
    pollfd event{fd(), POLLIN, 0};
    ::poll(&event, 1, static_cast<int>(std::min(due_in(), kStreamTick).count()));
  }
}

}  // namespace ship
