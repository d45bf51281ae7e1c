#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "stats/admin/server_settings.hpp"
#include "stats/admin/web_stream.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// What a run tells over HTTP, on a thread of its own of low priority: /metrics, /healthz, /readyz,
/// /stats, /history, /tap, and the live page at /. Whatever its clients do, a snapshot is taken at most
/// 20 times a second, so that they cannot be felt elsewhere.
class AdminServer {
 public:
  /// Called on the server's thread.
  using Source = std::function<StatsSnapshot()>;

  /// Listens, but answers nobody before `start`. `source`, `clock`, `tap` outlive it; without `tap`
  /// no record can be looked at. Errors: config (the
  /// address, the token's file), io (the address is taken, say).
  static Result<std::unique_ptr<AdminServer>> open(const ServerSettings& settings, Source source,
                                                   Clock& clock, LogFunction log,
                                                   TapSource tap = {});
  /// Stops it; waits for a snapshot that is being taken, for no client.
  ~AdminServer();

  void start();

  /// The address it listens on: "http://127.0.0.1:9464/", "unix:/run/ship.sock".
  const std::string& url() const;

 private:
  struct State;
  explicit AdminServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
