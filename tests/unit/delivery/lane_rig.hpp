#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "delivery/lane.hpp"
#include "delivery/spooler.hpp"
#include "delivery/worker.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/scripted_sink.hpp"

namespace ship {

using namespace std::chrono_literals;

inline SinkSettings settings_for_tests() {
  SinkSettings settings;
  settings.name = "test";
  settings.delivery.workers = 1;
  settings.delivery.batch_timeout = 0ms;
  settings.delivery.retry_base = 0ms;
  settings.delivery.breaker_failures = 0;
  return settings;
}

inline Record record_of(const std::string& line, Severity severity = 20) {
  Record record;
  record.line = line;
  record.level = level_from_python_number(severity);
  return record;
}

/// A lane with its workers, ended in the right order.
class Rig {
  std::atomic<bool> over_ = false;
  std::binary_semaphore ended_{0};

 public:
  Rig(const SinkSettings& settings, SinkScript& script, std::unique_ptr<Spool> spool = nullptr,
      FuturePlan plan = {}, DeadLetters* letters = nullptr)
      : lane(settings, system_clock(), log(), std::move(spool),
             [this] {
               if (lane.ended() && !over_.exchange(true)) ended_.release();
             }),
        script_(script),
        letters_(letters) {
    lane.pipelines().set_plan(std::move(plan));
    add_workers(settings);
    if (lane.spool()) spooler_ = std::make_unique<Spooler>(lane, ParkedThread::make().value());
  }
  ~Rig() {
    if (started_) stop();
  }
  void start() {
    started_ = true;
    for (auto& worker : workers_) worker->start();
    if (spooler_) spooler_->start();
  }
  /// Others go on with what the present workers have not finished.
  void replace_workers(const SinkSettings& settings) {
    lane.replace_workers(settings, nullptr, system_clock().steady() + 60s);
    const std::size_t former = workers_.size();
    add_workers(settings);
    for (std::size_t i = former; i < workers_.size(); ++i) workers_[i]->start();
  }
  void submit(const std::vector<std::string>& lines, Severity severity = 20) {
    std::vector<Record> records;
    for (const std::string& line : lines) records.push_back(record_of(line, severity));
    lane.submit(records);
  }
  /// Closes the lane and waits until everything was answered for.
  LaneSnapshot drain() {
    lane.close();
    lane.begin_drain(SteadyTime::clock::now() + 60s);
    REQUIRE(ended_.try_acquire_for(60s));
    return end();
  }
  LaneSnapshot stop() {
    lane.stop();
    REQUIRE(ended_.try_acquire_for(60s));
    return end();
  }
  std::vector<std::string> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

  Lane lane;

 private:
  void add_workers(const SinkSettings& settings) {
    for (std::uint32_t i = 0; i < settings.delivery.first_workers(); ++i) {
      workers_.push_back(std::make_unique<Worker>(lane, std::make_unique<ScriptedSink>(script_),
                                                  system_clock(), "run", letters_,
                                                  ParkedThread::make().value()));
    }
  }
  LogFunction log() {
    return [this](LogLevel, const std::string& message) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message);
    };
  }
  LaneSnapshot end() {
    for (auto& worker : workers_) worker->join();
    if (spooler_) spooler_->join();
    lane.abandon();
    started_ = false;
    return lane.snapshot();
  }
  SinkScript& script_;
  DeadLetters* const letters_;
  std::mutex mutex_;
  std::vector<std::string> messages_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Spooler> spooler_;
  bool started_ = false;
};

inline std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> lines;
  for (int i = from; i < to; ++i) lines.push_back("{\"n\":" + std::to_string(i) + "}");
  return lines;
}

inline std::uint64_t dropped(const LaneSnapshot& snapshot, Ending reason) {
  return snapshot.counts.dropped[static_cast<std::size_t>(reason)];
}

}  // namespace ship
