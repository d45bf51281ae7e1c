#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/assembly/voyage.hpp"
#include "tests/unit/fakes/memory_files.hpp"

namespace ship::testing {

/// A shipper of the models that compare what is stored with what is counted: it is killed, restarted
/// and reloaded, all from one seed, and its spool outlives it. Who derives from it says what leads to
/// the destination, calls `start` once it is made, and `finish` in its destructor.
class ModelShipper {
 public:
  virtual ~ModelShipper() = default;

  /// Delivers all that there is.
  void end() {
    voyage_->close_input();
    REQUIRE(voyage_->is_done(60000));
    leave();
  }

  std::map<std::string, int> written;  ///< how often each line
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;
  bool was_killed = false;

 protected:
  explicit ModelShipper(unsigned seed) : random_(seed), durable_(one_of() % 2 == 0) {}

  /// Of the sink, at random.
  virtual SinkSettings settings() = 0;
  /// A new process with a connection of its own.
  virtual std::unique_ptr<Voyage> begin() = 0;
  /// The process is killed: nothing goes over its connection any more.
  virtual void cut() = 0;
  /// Whether the destination cannot be reached.
  virtual void set_down(bool down) = 0;
  /// What may be missing of what was taken in, where that ended.
  virtual std::uint64_t may_be_dropped(const LaneCounts& counts) const { return of(counts); }

  static std::uint64_t of(const LaneCounts& counts, Ending ending = Ending::rejected) {
    return counts.dropped[static_cast<std::size_t>(ending)];
  }
  unsigned one_of() { return static_cast<unsigned>(random_()); }
  bool is_durable() const { return durable_; }
  MemoryFiles& files() { return files_; }

  /// Its spool, and how it is read, at random.
  void choose_spool(SinkSettings& sink) {
    sink.queue.size = one_of() % 2 == 0 ? 8 : 1000;
    sink.spool.dir = "/spool";
    sink.spool.mode = durable_ ? SpoolMode::durable : SpoolMode::overflow;
  }
  void start() {
    voyage_.reset();
    voyage_ = begin();
    written_here_ = 0;
  }
  /// No process uses its connection any more.
  void finish() {
    for (auto& voyage : killed_) voyage->ship->finish();
    killed_.clear();
    voyage_.reset();
  }
  void write(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
      text += line + "\n";
      ++written[line];
      ++written_here_;
    }
    voyage_->write(text);
    while (voyage_->ship->snapshot().input.submitted < written_here_) std::this_thread::yield();
  }
  void reload() { REQUIRE(voyage_->ship->reload(settings_of({settings()})).ok()); }
  // What cannot be delivered on the way down stays on disk.
  void restart() {
    const bool in_a_hurry = one_of() % 2 == 0;
    set_down(in_a_hurry);
    SinkSettings last = settings();
    if (in_a_hurry) last.delivery.drain_timeout = std::chrono::milliseconds{1};
    REQUIRE(voyage_->ship->reload(settings_of({last})).ok());
    end();
    set_down(false);
    start();
  }
  // All that was taken in is on disk or at its ending: nothing else outlives this.
  void kill() {
    while (true) {
      const LaneCounts now = counts();
      if (now.pending == now.in_flight) break;
      std::this_thread::yield();
    }
    cut();
    files_.kill();
    was_killed = true;
    killed_.push_back(std::move(voyage_));
    start();
  }

 private:
  LaneCounts counts() const { return voyage_->ship->snapshot().sinks.at(0).counts; }
  void leave() {
    CHECK_FALSE(voyage_->ship->finish().stuck);
    const LaneCounts last = counts();
    CHECK(last.balanced());
    CHECK(last.dropped_total() == may_be_dropped(last));
    delivered += last.delivered;
    rejected += of(last);
  }

  std::mt19937 random_;
  const bool durable_;
  MemoryFiles files_;
  std::unique_ptr<Voyage> voyage_;
  std::vector<std::unique_ptr<Voyage>> killed_;
  std::uint64_t written_here_ = 0;
};

}  // namespace ship::testing
