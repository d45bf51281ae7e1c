#include "cli/reloader.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/parked_thread.hpp"
#include "cli/load_command_line.hpp"

namespace ship {
namespace {

std::string_view text_of(SinkChange::What what) {
  switch (what) {
    case SinkChange::What::kept:
      return "kept";
    case SinkChange::What::changed:
      return "changed";
    case SinkChange::What::added:
      return "added";
    case SinkChange::What::removed:
      return "removed";
  }
  return "";
}

/// "reloaded: sink loki changed, sink file kept".
std::string report(const std::vector<SinkChange>& changes) {
  std::string text = "reloaded";
  std::string_view separator = ": ";
  for (const SinkChange& change : changes) {
    text += separator;
    text += "sink " + change.sink + " ";
    text += text_of(change.what);
    separator = ", ";
  }
  return text;
}

std::string joined(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ", ") + key;
  return text;
}

constexpr const char* kRefused = "the configuration was not reloaded; the old one stays in use";

}  // namespace

Result<std::unique_ptr<Reloader>> Reloader::make(const CommandLine& line, FixedSettings running,
                                                 Ship& ship, Diagnostics& diagnostics) {
  Event done;
  if (!done) {
    return Error{ErrorKind::io, std::string("cannot create an eventfd: ") + std::strerror(errno)};
  }
  return std::unique_ptr<Reloader>(
      new Reloader(line, std::move(running), ship, diagnostics, std::move(done)));
}

Reloader::Reloader(const CommandLine& line, FixedSettings running, Ship& ship,
                   Diagnostics& diagnostics, Event done)
    : line_(line),
      running_(std::move(running)),
      ship_(ship),
      diagnostics_(diagnostics),
      done_(std::move(done)) {}

Reloader::~Reloader() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Reloader::request() {
  const std::lock_guard lock(mutex_);
  requested_ = true;
  changed_.notify_all();
  if (thread_.joinable()) return;
  auto thread = start_thread([this] { run(); });
  if (thread) {
    thread_ = std::move(thread).value();
  } else {
    requested_ = false;
    diagnostics_.log(LogLevel::error, "reload: " + thread.error().message);
    diagnostics_.log(LogLevel::error, kRefused);
  }
}

std::optional<StatsSettings> Reloader::take_stats() {
  done_.clear();
  const std::lock_guard lock(mutex_);
  return std::exchange(stats_, std::nullopt);
}

bool Reloader::finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  ending_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [this] { return !busy_; });
}

void Reloader::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return requested_ || ending_; });
    if (ending_) return;
    requested_ = false;
    busy_ = true;
    lock.unlock();
    reload();
    done_.set();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void Reloader::reload() {
  LoadOutcome outcome = load_and_report(line_, diagnostics_, true);
  if (!outcome.settings) {
    diagnostics_.log(LogLevel::error, kRefused);
    return;
  }
  const auto changes = ship_.reload(*outcome.settings);
  if (!changes) {
    diagnostics_.log(LogLevel::error, changes.error().message);
    diagnostics_.log(LogLevel::error, kRefused);
    return;
  }
  const std::vector<std::string> fixed = running_.differing(outcome.effective);
  running_.sinks_changed(outcome.effective);
  if (!fixed.empty()) {
    diagnostics_.log(LogLevel::warning,
                     "changed, but needs a restart to take effect: " + joined(fixed));
  }
  diagnostics_.log(LogLevel::info, report(changes.value()));
  {
    const std::lock_guard lock(mutex_);
    stats_ = outcome.settings->stats;
  }
}

}  // namespace ship
