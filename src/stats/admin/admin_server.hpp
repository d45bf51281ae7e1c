#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "stats/admin/server_settings.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// What a run exposes over HTTP, on its own low-priority thread: /metrics, /healthz, /readyz,
/// /stats, /history, and the live page at /. Takes a snapshot at most 20 times a second, so that no
/// client can slow down the rest of the program.
class AdminServer {
 public:
  /// Called on the server's thread.
  using Source = std::function<StatsSnapshot()>;

  /// Listens, but answers nobody before `start`. `source` and `clock` outlive it. Errors: config
  /// (the address, the token's file), io (for example, the address is in use).
  static Result<std::unique_ptr<AdminServer>> open(const ServerSettings& settings, Source source,
                                                   Clock& clock, LogFunction log);
  /// Stops it; waits for a snapshot that is being taken, but not for clients.
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
