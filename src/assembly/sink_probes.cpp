#include "assembly/sink_probes.hpp"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/parked_thread.hpp"
#include "base/units.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// How long a stopped probe may take to notice.
constexpr milliseconds kGrace{300};

/// Shared by all probes, because one that hangs outlives the check.
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
  Result<std::unique_ptr<Sink>> sink = probes.settings.make_sink(settings, probes.environment);
  if (!sink) return std::move(sink).error();
  return sink.value()->probe(probes.stops[index].get_token());
}

Error out_of_time(const SinkSettings& sink, const std::string& reason) {
  return {ErrorKind::transient, "no answer within " +
                                    print_duration(sink.delivery.request_timeout) +
                                    " (request_timeout)" + reason};
}

}  // namespace

std::vector<ProbeReport> probe_sinks(const Settings& settings, const SinkEnvironment& environment) {
  const auto probes = std::make_shared<Probes>(settings, environment);
  const SteadyTime begun = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < settings.sinks.size(); ++i) {
    auto thread = start_thread([probes, i] {
      Result<std::string> found = probe(*probes, i);
      const std::lock_guard lock(probes->mutex);
      probes->found[i] = std::move(found);
      probes->changed.notify_all();
    });
    threads.push_back(thread ? std::move(thread).value() : std::thread());
    if (thread) continue;
    const std::lock_guard lock(probes->mutex);
    probes->found[i] = std::move(thread).error();
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
    const bool ended = answered();
    lock.unlock();
    if (!ended) {
      threads[i].detach();
      reports.push_back({sink.name, out_of_time(sink, "")});
      continue;
    }
    if (threads[i].joinable()) threads[i].join();
    Result<std::string>& found = *probes->found[i];
    const bool late = !in_time && !found;
    reports.push_back({sink.name, late ? out_of_time(sink, ": " + found.error().message) : found});
  }
  return reports;
}

}  // namespace ship
