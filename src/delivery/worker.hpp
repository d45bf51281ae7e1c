#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/parked_thread.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/decision.hpp"
#include "delivery/in_flight_batch.hpp"
#include "delivery/lane.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// One thread that takes batches from its lane, sends them through its own sink and is responsible
/// for every record until it has its ending. It knows about retries, splitting and partial answers,
/// but not about protocols.
class Worker {
 public:
  /// `run_id` makes batch ids differ between runs. `dead_letters` may be null; it and the lane must
  /// outlive the worker.
  Worker(Lane& lane, std::unique_ptr<Sink> sink, Clock& clock, std::string run_id,
         DeadLetters* dead_letters, ParkedThread thread);

  /// Starts it for the lane's present generation.
  void start();
  /// Whether the thread has ended. Any thread.
  bool ended() const { return ended_; }
  /// Waits for the thread to end.
  void join();

 private:
  /// Records [begin, end) of the batch that still await their ending.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    SteadyTime first_attempt{};  ///< epoch: none yet
    bool in_doubt = false;       ///< an attempt may have stored some of them
    std::string name = {};       ///< of the object; empty: there is none, or it has none yet
    bool claimed = false;        ///< the name is written down, or need not be
  };

  void run();
  /// Sends the batch through the stages. Records that must not continue are moved to the front and
  /// have their ending; returns how many.
  std::size_t transform_in_flight();
  /// Runs until every record from `begin` on has its ending or the lane is stopped; todo_ then
  /// holds what is left.
  void deliver(std::size_t begin);
  /// Moves the records that are left behind the others; returns how many have their ending.
  std::size_t sort_finished_first();
  /// False: the lane was stopped first; the range is back in todo_.
  bool attempt(Range range);
  /// Carries out the decision for the range. Its endings are counted under one lock, its dead
  /// letters written in one call.
  void carry_out(Decision decision, const Verdict& verdict, Range range, bool expired);
  /// Gives up the whole range for good: sends it to the dead letters, and counts what they cannot
  /// take as `otherwise`.
  void give_up(const Range& range, const Verdict& verdict, Ending otherwise);
  void settle_items(const Verdict& verdict, Range range, bool expired);
  /// Notes that the record at `index` is given up; `settle` finds out whether it becomes a dead
  /// letter.
  void give_up(std::size_t index, int status, const std::string& reason, Ending otherwise);
  /// Writes the given-up records to the dead letters, and counts all of `endings_`.
  void settle();
  std::string batch_id(const Range& range) const;
  /// Writes down which object the range becomes, where the sink makes objects and a spool remembers
  /// them. Errors: transient; the range must not be sent.
  Result<void> claim(Range& range, const std::string& id);
  /// What the sink has to say goes to its anchor. Only at the end does it wait for room there.
  void hand_on_notes(bool at_end);

  Lane& lane_;
  std::unique_ptr<Sink> sink_;
  Clock& clock_;
  const std::string run_id_;
  DeadLetters* dead_letters_;
  WorkerContext context_;
  std::atomic<bool> ended_ = false;
  Pipeline* pipeline_ = nullptr;  ///< null: records are sent as they came
  InFlightBatch in_flight_;
  std::vector<Range> todo_;  ///< a stack: the next range to send is last
  std::vector<Settlement> endings_;
  std::vector<SinkNote> notes_;       ///< the sink's notes that its anchor had no room for
  std::vector<DeadLetter> letters_;   ///< for the current answer
  std::vector<Settlement> given_up_;  ///< one record for each letter, and its ending if the letter
                                      ///< is not written
  ParkedThread thread_;
};

}  // namespace ship
