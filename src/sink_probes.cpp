#include "sink_probes.hpp"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/units.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// How long a probe that was stopped may take to notice.
constexpr milliseconds kGrace{300};

/// Shared by all probes, for one that hangs outlives the check.
struct Probes {
  explicit Probes(Settings wanted, SinkEnvironment given)
      : settings(std::move(wanted)),
        environment(std::move(given)),
        stops(settings.sinks.size()),
        found(settings.sinks.size()) {}

  const Settings settings;
  const SinkEnvironment environment;
  std::vector<std::stop_source> stops;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<Result<std::string>>> found;
};

Result<std::string> probe(Probes& probes, std::size_t index) {
  const SinkSettings& settings = probes.settings.sinks[index];
  Result<std::unique_ptr<Sink>> sink = make_sink(settings, probes.settings, probes.environment);
  if (!sink) return std::move(sink).error();
  return sink.value()->probe(probes.stops[index].get_token());
}

}  // namespace

std::vector<ProbeReport> probe_sinks(const Settings& settings, const SinkEnvironment& environment) {
  const auto probes = std::make_shared<Probes>(settings, environment);
  const SteadyTime begun = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < settings.sinks.size(); ++i) {
    std::thread([probes, i] {
      Result<std::string> found = probe(*probes, i);
      const std::lock_guard lock(probes->mutex);
      probes->found[i] = std::move(found);
      probes->changed.notify_all();
    }).detach();
  }
  std::vector<ProbeReport> reports;
  for (std::size_t i = 0; i < settings.sinks.size(); ++i) {
    const SinkSettings& sink = settings.sinks[i];
    const SteadyTime deadline = begun + sink.delivery.request_timeout;
    const auto answered = [&] { return probes->found[i].has_value(); };
    std::unique_lock lock(probes->mutex);
    const bool in_time = probes->changed.wait_until(lock, deadline, answered);
    if (!in_time) {
      lock.unlock();
      probes->stops[i].request_stop();
      lock.lock();
      probes->changed.wait_for(lock, kGrace, answered);
    }
    if (in_time || (probes->found[i] && probes->found[i]->ok())) {
      reports.push_back({sink.name, *std::exchange(probes->found[i], std::nullopt)});
      continue;
    }
    std::string text =
        "no answer within " + print_duration(sink.delivery.request_timeout) + " (request_timeout)";
    if (probes->found[i]) text += ": " + probes->found[i]->error().message;
    reports.push_back({sink.name, Error{ErrorKind::transient, std::move(text)}});
  }
  return reports;
}

}  // namespace ship
