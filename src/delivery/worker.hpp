#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "delivery/decision.hpp"
#include "delivery/lane.hpp"
#include "queue/batch.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// One thread that takes batches from its lane, sends them through its own sink and answers for
/// every record until each has found its ending. It knows retries, splitting and partial answers;
/// it knows no protocol.
class Worker {
 public:
  /// `run_id` makes batch ids differ between runs. The lane must outlive the worker.
  Worker(Lane& lane, std::unique_ptr<Sink> sink, Clock& clock, std::string run_id);

  void start();
  /// Waits for the thread's end; only after Lane::wait_ended said that it is near.
  void join();

 private:
  /// Records [begin, end) of the batch that still await their ending.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    SteadyTime first_attempt{};  ///< epoch: none yet
  };

  void run();
  /// False: stopped before every record had its ending.
  bool deliver();
  bool attempt(Range range);
  void settle_items(const Verdict& verdict, const Range& range, bool expired);
  void report(const Lane::Attempt& attempt, const Decision& decision, const Verdict& verdict);
  std::string batch_id(const Range& range) const;

  Lane& lane_;
  std::unique_ptr<Sink> sink_;
  Clock& clock_;
  const std::string run_id_;
  Batch batch_;
  std::vector<Range> todo_;  ///< a stack: the next range to send is last
  std::thread thread_;
};

}  // namespace ship
