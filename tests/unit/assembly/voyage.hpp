#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "assembly/ship.hpp"
#include "sinks/http/http_settings.hpp"
#include "tests/catch.hpp"

namespace ship::testing {

/// What all servers of a test got, by path; thread-safe.
class Servers {
 public:
  HttpResponse take(const std::string& url, std::string_view body) {
    const std::lock_guard lock(mutex_);
    auto& lines = lines_[url.substr(url.rfind('/') + 1)];
    while (!body.empty()) {
      const std::size_t end = std::min(body.find('\n'), body.size());
      lines.emplace_back(body.substr(0, end));
      body.remove_prefix(std::min(end + 1, body.size()));
    }
    HttpResponse response;
    response.status = 204;
    return response;
  }
  std::map<std::string, std::vector<std::string>> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> lines_;
};

/// One connection to them. The server "hang" never answers, "fail" is out of reach.
class Connection final : public HttpClient {
 public:
  explicit Connection(Servers& servers) : servers_(servers) {}
  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token stop) override {
    if (request.url.ends_with("/hang")) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      stopped.wait(lock, stop, [] { return false; });
      return Error{ErrorKind::transient, "interrupted"};
    }
    if (request.url.ends_with("/fail")) return Error{ErrorKind::transient, "out of reach"};
    return servers_.take(request.url, request.body);
  }

 private:
  Servers& servers_;
};

inline SinkSettings sink(const std::string& name, const std::string& path) {
  SinkSettings settings;
  settings.name = name;
  settings.delivery.workers = 1;  // in order
  settings.delivery.batch_timeout = std::chrono::milliseconds(0);
  settings.delivery.drain_timeout = std::chrono::seconds(10);
  settings.queue.drop_on_full = false;
  HttpSinkSettings http;
  http.transport.url = "http://fake/" + path;
  settings.kind = http;
  return settings;
}

inline Settings settings_of(std::vector<SinkSettings> sinks) {
  Settings settings;
  settings.sinks = std::move(sinks);
  return settings;
}

inline std::string line(int number) { return "{\"n\":" + std::to_string(number) + "}"; }

/// A run that reads from a pipe and sends to Servers, or to what `connect` leads to.
class Voyage {
 public:
  using Connect = std::function<std::unique_ptr<HttpClient>()>;

  explicit Voyage(const Settings& settings, Files& files = system_files(), Connect connect = {}) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    writer_ = Fd(ends[1]);
    SinkEnvironment environment;
    environment.files = &files;
    environment.make_http_client = [this, connect = std::move(connect)](const HttpTransport&) {
      return Result<std::unique_ptr<HttpClient>>(connect ? connect()
                                                         : std::make_unique<Connection>(servers));
    };
    std::vector<OpenInput> inputs;
    inputs.push_back({Fd(ends[0]), "a pipe", Stream::standard_output});
    auto built = Ship::build(settings, environment, std::move(inputs));
    REQUIRE(built.ok());
    ship = std::move(built).value();
    ship->start();
  }
  void write(int from, int to) const {
    std::string text;
    for (int i = from; i < to; ++i) text += line(i) + "\n";
    write(text);
  }
  void write(std::string_view text) const {
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t n = ::write(writer_.get(), rest.data(), rest.size());
      if (n > 0) rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void close_input() { writer_.reset(); }
  bool is_done(int milliseconds) const {
    pollfd polled{ship->done_fd(), POLLIN, 0};
    return ::poll(&polled, 1, milliseconds) == 1;
  }
  LaneCounts counts(const std::string& name) const {
    for (const LaneSnapshot& sink : ship->snapshot().sinks) {
      if (sink.name == name) return sink.counts;
    }
    return {};
  }

  Servers servers;
  std::unique_ptr<Ship> ship;

 private:
  Fd writer_;
};

}  // namespace ship::testing
