#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "assembly/ship.hpp"
#include "base/event.hpp"
#include "base/result.hpp"
#include "cli/diagnostics.hpp"
#include "cli/options.hpp"
#include "config/fixed_settings.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Rereads the configuration and applies it to the run, on its own thread: a file system that hangs
/// must not keep the program from its signals. Reports errors as `check` does, and then changes
/// nothing. All methods are called from one thread.
class Reloader {
 public:
  /// `line`, `ship` and `diagnostics` outlive it. Errors: io.
  static Result<std::unique_ptr<Reloader>> make(const CommandLine& line, FixedSettings running,
                                                Ship& ship, Diagnostics& diagnostics);
  /// Waits for the thread.
  ~Reloader();

  /// Reloads; if a reload is in progress, once more afterwards.
  void request();

  /// Readable after a reload, even one that was refused.
  int done_fd() const { return done_.fd(); }
  /// The settings in effect since the last reload; none if it failed. Makes `done_fd` unreadable.
  std::optional<StatsSettings> take_stats();

  /// False: it still hangs after this long, and the destructor would hang too.
  bool finish(std::chrono::milliseconds patience);

 private:
  Reloader(const CommandLine& line, FixedSettings running, Ship& ship, Diagnostics& diagnostics,
           Event done);
  void run();
  void reload();

  const CommandLine& line_;
  FixedSettings running_;
  Ship& ship_;
  Diagnostics& diagnostics_;
  const Event done_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
  bool busy_ = false;
  bool ending_ = false;
  std::optional<StatsSettings> stats_;
  std::thread thread_;
};

}  // namespace ship
