#include "stats/admin/admin_server.hpp"

#include <array>
#include <openssl/crypto.h>
#include <optional>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/event.hpp"
#include "base/parked_thread.hpp"
#include "stats/admin/history.hpp"
#include "stats/admin/listen_address.hpp"
#include "stats/admin/page.hpp"
#include "stats/admin/readiness.hpp"
#include "stats/admin/tap_request.hpp"
#include "stats/admin/web_server.hpp"
#include "stats/metrics.hpp"
#include "stats/summary.hpp"

namespace ship {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kSnapshotLife{50};
constexpr milliseconds kSampleInterval{1000};
constexpr int kNice = 10;
constexpr std::string_view kPaths =
    "/metrics  for Prometheus\n/healthz  alive\n/readyz   ready, or why not\n"
    "/readyz/shipper  the same of the shipper alone\n"
    "/stats    the statistics\n/history  the last two minutes\n/tap      records as they pass\n"
    "/         a live page\n";
// What the last records of a tap may take at the end.
constexpr milliseconds kTapPatience{100};

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// The file that a path names now; a later run may have put its own socket there.
std::optional<ino_t> inode_of(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) != 0) return std::nullopt;
  return found.st_ino;
}

}  // namespace

struct AdminServer::State {
  State(ServerSettings given, Source from, Clock& time, LogFunction out, TapSource taps)
      : settings(std::move(given)),
        source(std::move(from)),
        clock(time),
        log(std::move(out)),
        tap(std::move(taps)) {}
  ~State();

  Result<void> listen();
  Result<void> read_token();
  void serve();
  void sample();
  const StatsSnapshot& snapshot();
  bool may_look(const WebRequest& request) const;
  WebResponse answer(const WebRequest& request);
  WebResponse answer_readiness();
  WebResponse answer_tap(const WebRequest& request);

  const ServerSettings settings;
  const Source source;
  Clock& clock;
  const LogFunction log;
  const TapSource tap;
  ListenAddress address;
  std::string url;
  std::optional<ino_t> socket_file;
  std::unique_ptr<WebServer> web;
  const Event stop;
  std::optional<ParkedThread> thread;

  std::string token;
  bool token_was_lost = false;
  StatsSnapshot last;
  SteadyTime taken_at = SteadyTime::min();
  SteadyTime next_sample = SteadyTime::min();
  History history;
  Readiness readiness;
};

AdminServer::State::~State() {
  stop.set();
  if (thread) thread->join();
  if (socket_file && inode_of(address.path) == socket_file) ::unlink(address.path.c_str());
}

Result<void> AdminServer::State::listen() {
  auto parsed = ListenAddress::parse(settings.listen);
  if (!parsed) return std::move(parsed).error().in("server.listen");
  address = std::move(parsed).value();
  if (auto read = read_token(); !read) return read;
  auto listener = open_listener(address);
  if (!listener) return std::move(listener).error();
  url = address.url();
  socket_file = inode_of(address.path);
  if (!stop) return Error{ErrorKind::io, "cannot create an eventfd"};
  auto made = WebServer::make(
      std::move(listener).value(), [this](const WebRequest& request) { return answer(request); },
      clock);
  if (!made) return std::move(made).error();
  web = std::move(made).value();
  return {};
}

Result<void> AdminServer::State::read_token() {
  if (settings.bearer_token.empty()) return {};
  auto read = settings.bearer_token.reveal();
  if (!read) return std::move(read).error().in("server.bearer_token_file");
  if (read.value().empty()) return Error{ErrorKind::config, "server.bearer_token is empty"};
  token = std::move(read).value();
  return {};
}

void AdminServer::State::serve() {
  // Only this thread: on Linux each thread has its own priority.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  while (true) {
    const SteadyTime now = clock.steady();
    if (now >= next_sample) {
      next_sample = now + kSampleInterval;
      sample();
    }
    const auto due = std::min(web->due_in(), std::chrono::ceil<milliseconds>(next_sample - now));
    std::array<pollfd, 2> events = {{{stop.fd(), POLLIN, 0}, {web->fd(), POLLIN, 0}}};
    if (::poll(events.data(), events.size(), static_cast<int>(due.count())) < 0) continue;
    if (events[0].revents != 0) return web->end_streams(kTapPatience);
    web->run();
  }
}

void AdminServer::State::sample() {
  const StatsSnapshot& now = snapshot();
  history.add(now);
  readiness.see(now, clock.steady());
  if (settings.bearer_token.path().empty()) return;
  const auto read = read_token();
  if (!read && !token_was_lost) {
    log(LogLevel::warning, read.error().message + "; the token read before still counts");
  }
  token_was_lost = !read.ok();
}

const StatsSnapshot& AdminServer::State::snapshot() {
  const SteadyTime now = clock.steady();
  if (taken_at == SteadyTime::min() || now - taken_at >= kSnapshotLife) {
    last = source();
    taken_at = now;
  }
  return last;
}

bool AdminServer::State::may_look(const WebRequest& request) const {
  constexpr std::string_view kScheme = "Bearer ";
  if (token.empty()) return true;
  return request.authorization.starts_with(kScheme) &&
         same_secret(request.authorization.substr(kScheme.size()), token);
}

WebResponse AdminServer::State::answer(const WebRequest& request) {
  WebResponse response;
  if (request.method != "GET" && request.method != "HEAD") {
    return {405, "only GET and HEAD\n", response.content_type, {{"Allow", "GET, HEAD"}}, {}};
  }
  if (request.path == "/healthz") return {200, "ok\n", response.content_type, {}, {}};
  if (request.path == "/readyz") return answer_readiness();
  // It is open from the moment on in which the shipper takes lines; what its sinks do is their own.
  if (request.path == "/readyz/shipper") return {200, "ready\n", response.content_type, {}, {}};
  if (request.path == "/") {
    const Page& page = live_page();
    return {200,
            page.html,
            "text/html; charset=utf-8",
            {{"Content-Security-Policy", page.content_security_policy},
             {"Referrer-Policy", "no-referrer"}},
            {}};
  }
  if (!may_look(request)) {
    return {401,
            "a token is needed: Authorization: Bearer TOKEN, as server.bearer_token has it\n",
            response.content_type,
            {{"WWW-Authenticate", "Bearer"}},
            {}};
  }
  if (request.path == "/metrics") {
    return {
        200, metrics_text(snapshot(), readiness.reasons().empty()), kMetricsContentType, {}, {}};
  }
  if (request.path == "/stats") {
    return {200, summary_json(snapshot()), "application/json", {}, {}};
  }
  if (request.path == "/history") return {200, history.json(), "application/json", {}, {}};
  if (request.path == "/tap" && tap) return answer_tap(request);
  response.status = 404;
  response.body = "there is nothing here; there is\n" + std::string(kPaths);
  return response;
}

WebResponse AdminServer::State::answer_tap(const WebRequest& request) {
  WebResponse response;
  const auto refuse = [&response](unsigned status, const std::string& why) {
    response.status = status;
    response.body = why + "\n";
    return std::move(response);
  };
  const bool open = token.empty();
  if (const std::string why = why_no_tap(settings, address.is_local(), open); !why.empty()) {
    return refuse(403, why);
  }
  if (open && address.path.empty() && !names_this_machine(request.host)) {
    return refuse(403,
                  "without a token only a request to this machine's own name or address, as "
                  "localhost or 127.0.0.1, shows records: set server.bearer_token "
                  "(--server-token)");
  }
  auto wanted = read_tap_request(request, settings.tap == ServerSettings::Tap::raw);
  if (!wanted) return refuse(400, wanted.error().message);
  if (request.method == "HEAD") return response;
  auto stream = tap(wanted.value());
  if (!stream) {
    const bool busy = stream.error().kind == ErrorKind::transient;
    return refuse(busy ? 503 : 400, stream.error().message);
  }
  response.stream = std::move(stream).value();
  return response;
}

WebResponse AdminServer::State::answer_readiness() {
  WebResponse response;
  readiness.see(snapshot(), clock.steady());
  if (readiness.reasons().empty()) {
    response.body = "ready\n";
    return response;
  }
  response.status = 503;
  for (const std::string& reason : readiness.reasons()) response.body += reason + "\n";
  return response;
}

Result<std::unique_ptr<AdminServer>> AdminServer::open(const ServerSettings& settings,
                                                       Source source, Clock& clock, LogFunction log,
                                                       TapSource tap) {
  auto state =
      std::make_unique<State>(settings, std::move(source), clock, std::move(log), std::move(tap));
  if (auto listening = state->listen(); !listening) return std::move(listening).error();
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  state->thread = std::move(thread).value();
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(state)));
}

AdminServer::AdminServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
AdminServer::~AdminServer() = default;

void AdminServer::start() {
  state_->thread->run([state = state_.get()] { state->serve(); });
}

const std::string& AdminServer::url() const { return state_->url; }

}  // namespace ship
