#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// One sink in an answer from /stats.
struct TopSink {
  std::string name;
  std::string type;
  std::string breaker;
  std::string health;  ///< what its last answer said
  std::string last_error;
  std::string advice;                            ///< what would have kept the lost records
  std::map<std::string, std::uint64_t> counts;   ///< "delivered", "queue_depth", …
  std::map<std::string, std::uint64_t> dropped;  ///< by reason
  std::uint64_t protected_dropped = 0;
  double p50 = 0;  ///< seconds
  double p99 = 0;

  std::uint64_t count(const std::string& key) const {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  }
  std::uint64_t lost() const;
  /// How full its queue is, by records or bytes, 0 to 1.
  double filled() const;
};

/// One input in an answer of /stats.
struct TopInput {
  std::string name;
  std::map<std::string, std::uint64_t> counts;       ///< "lines", "bytes", …
  std::map<std::string, std::uint64_t> connections;  ///< "now", "refused", …; empty: it has none

  /// The name under which its history stands.
  std::string place() const { return "input " + name; }
};

/// What /stats says, as far as a person looks at it.
struct TopStats {
  std::string version;
  std::string preset;
  double uptime_seconds = 0;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::vector<TopInput> inputs;
  std::vector<TopSink> sinks;

  /// There is more to say of them than their sum.
  bool shows_inputs() const {
    return inputs.size() > 1 || (!inputs.empty() && !inputs.front().connections.empty());
  }

  /// None: this is not what /stats of a shipper says.
  static std::optional<TopStats> parse(std::string_view json);
};

/// The counts of the last two minutes, and their rates per second. Counts of one run only: starts
/// over when the shipper restarts.
class TopHistory {
 public:
  static constexpr double kWindow = 120;  ///< seconds

  /// Takes the samples of /history; replaces everything known so far.
  void take(std::string_view json);
  /// Adds one more sample. True: the shipper has restarted since the last one.
  bool add(const TopStats& stats);

  /// The rate per second, over the last three seconds; `sink` empty: lines of the input. Keys:
  /// submitted, delivered, dropped, dropped.REASON, flushes, flush_seconds. None: unknown yet.
  std::optional<double> rate(const std::string& sink, const std::string& key,
                             double seconds = 3) const;
  /// The last `points` seconds, oldest first; gaps are 0. For "queue_depth", the values themselves.
  std::vector<double> series(const std::string& sink, const std::string& key,
                             std::size_t points) const;
  /// For how long a count has not changed, in seconds.
  double unchanged_for(const std::string& sink, const std::string& key) const;

 private:
  struct Sample {
    double at = 0;
    std::map<std::string, double> values;  ///< by sink and key, see `place`
  };
  static std::string place(const std::string& sink, const std::string& key);
  static std::optional<double> value(const Sample& sample, const std::string& place);

  std::deque<Sample> samples_;
};

/// The state of a sink in a few words, the cause before its consequences, and how bad it is.
struct TopVerdict {
  enum class Mood { good, warning, bad } mood = Mood::good;
  std::string words;  ///< "healthy", "breaker open", "does not answer"
  bool losing = false;
};
TopVerdict verdict_of(const TopSink& sink, const TopHistory& history);

}  // namespace ship
