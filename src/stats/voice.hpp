#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "stats/snapshot.hpp"

namespace ship {

/// Reports what happens to the sinks as it happens: one line for each change of a sink's state, and
/// for the start and end of a loss, with running totals in between. It is fed one snapshot after
/// the other and knows nothing else, so it reports what the ledger says, and the code that failed
/// reports nothing itself. An hour of any outage produces at most 100 lines. The clock is the
/// snapshots' uptime. Not thread-safe.
///
///   for (const Voice::Line& line : voice.hear(ship->snapshot())) log(line.level, line.text);
class Voice {
 public:
  /// What a line says, for programs that do not read its text.
  struct Facts {
    std::string sink;             ///< its name; empty: not about one sink
    std::string_view state = {};  ///< works, slow, hung, throttling, failing, down, waiting, gone
    bool losing = false;          ///< it is losing lines now
    std::uint64_t lost = 0;       ///< lines, since the start
    std::uint64_t lost_protected = 0;
  };
  struct Line {
    LogLevel level;
    std::string text;
    Facts facts = {};
  };

  /// `goes_on`: the run does not end when the last sink loses its reader, so that is reported too.
  explicit Voice(bool goes_on = false) : goes_on_(goes_on) {}

  /// What is new since the previous snapshot. Call it about twice a second, so that a loss is
  /// reported within a second.
  std::vector<Line> hear(const StatsSnapshot& snapshot);
  /// The full account of a run that has ended: what each sink lost, and what it left on disk.
  static std::vector<Line> sum_up(const StatsSnapshot& snapshot);

 private:
  enum class State : std::uint8_t {
    works,
    slow,        ///< more comes than it takes
    hung,        ///< it does not answer
    throttling,  ///< it limits the rate
    failing,
    down,     ///< the breaker is open
    waiting,  ///< for the operator, who has to fix what it refuses
    gone      ///< nobody will ever read it
  };

  /// Limits the news about one sink: a few at once, then one every two minutes.
  class Allowance {
   public:
    /// `keep`: how many to keep for more important news.
    bool take(double now, double keep = kForRecovery);
    static constexpr double kForRecovery = 1;
    static constexpr double kForStates = 4;

   private:
    double left_ = kBurst;
    double since_ = 0;
    static constexpr double kBurst = 12;
  };

  struct Memory {
    State state = State::works;  ///< as last reported
    double not_working_since = 0;
    double better_since = 0;  ///< when it began to work again; 0: it has not, or nothing was
                              ///< reported
    double patience = 1;      ///< how long it must work before that is reported; grows with
                              ///< relapses
    double recovered_at = 0;
    std::uint64_t lost_before = 0;  ///< when it stopped working
    std::string reason;             ///< as last reported
    std::string other_reason;
    double other_since = 0;
    Allowance allowance;
    std::uint64_t answers = 0;  ///< batches and errors
    double answered_at = 0;
    double full_since = 0;           ///< since when the queue is half full; 0: it is not
    std::uint64_t spooled_then = 0;  ///< as of the last check
    double spooled_at = 0;
    bool spool_grows = false;  ///< it did between the last two checks
    std::string spool_error;

    std::uint64_t lost = 0;  ///< as of the last snapshot
    double lost_at = 0;      ///< when it last grew
    std::uint64_t lost_said = 0;
    bool losing = false;  ///< as last reported
    double next_total = 0;
    std::uint32_t totals = 0;
    bool refused_said = false;  ///< reported that records are kept as dead letters
  };

  void hear_sink(const LaneSnapshot& sink, double now, bool others, std::vector<Line>& lines);
  void hear_spool(const LaneSnapshot& sink, double now, Memory& memory, std::vector<Line>& lines);
  void hear_state(const LaneSnapshot& sink, double now, bool others, Memory& memory,
                  std::vector<Line>& lines);
  /// A sink that still does not work, but for a different reason than reported.
  void hear_reason(const LaneSnapshot& sink, State state, double now, Memory& memory,
                   std::vector<Line>& lines);
  void hear_loss(const LaneSnapshot& sink, double now, Memory& memory, std::vector<Line>& lines);
  void hear_dead_letters(const LaneSnapshot& sink, double now, Memory& memory,
                         std::vector<Line>& lines);
  static bool is_losing(const Memory& memory, double now);
  /// The loss so far has been reported; the next total is due later.
  static void set_told(Memory& memory, double now);
  static std::string_view name_of(State state);
  static bool falls_behind(const LaneSnapshot& sink, double now, Memory& memory);
  /// What its last answers say; `works` if they say nothing.
  static State trouble_of(const LaneSnapshot& sink, double now, const Memory& memory);
  static State state_of(const LaneSnapshot& sink, double now, Memory& memory);
  /// `anew`: the state is not new, its reason is.
  static std::string state_text(const LaneSnapshot& sink, State state, const Memory& memory,
                                double now, bool anew = false);

  bool goes_on_;
  std::map<std::string, Memory> sinks_;
};

}  // namespace ship
