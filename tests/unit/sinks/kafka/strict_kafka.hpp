#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace ship::testing {

/// A broker that keeps Kafka's word about idempotence, which librdkafka's own fakes do not look at:
/// of each producer and partition it knows the last five batches, stores none of them again, and
/// takes no batch out of order. One topic, "logs", of two partitions. It speaks the oldest versions
/// of the protocol that librdkafka takes for idempotence, uncompressed. Clients come in by doors,
/// one for each process, so that a process can be cut off for good.
class StrictKafka {
 public:
  struct Stored {
    std::string value;
    std::string id;  ///< of the header fapilog-ship-id
  };
  /// What happens to a batch. The code before means that it is not stored; cuts break the
  /// connection, `cut_after` once it is stored and before that is answered.
  struct Fate {
    int code_before = 0;
    int code_after = 0;
    bool cut_before = false;
    bool cut_after = false;
  };

  /// Codes of the protocol.
  static constexpr int kRequestTimedOut = 7;
  static constexpr int kNotLeader = 6;
  static constexpr int kTooLarge = 10;
  static constexpr int kNotEnoughReplicas = 19;
  static constexpr int kNotEnoughReplicasAfterAppend = 20;
  static constexpr int kOutOfOrder = 45;
  static constexpr int kOldEpoch = 47;
  static constexpr int kStorage = 56;

  /// A listening port on loopback, and the connections that came by it.
  class Door {
   public:
    explicit Door(StrictKafka& broker);
    /// Closes.
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// Nothing comes in any more, and who is in the middle of a request gets no answer.
    void close();
    /// Cuts all connections, and until it is up again each new one at once.
    void set_down(bool down);

   private:
    void accept_all();
    void serve(int fd);
    std::string answer(std::string_view request, bool& cut);
    std::string metadata() const;

    StrictKafka& broker_;
    int listener_ = -1;
    int port_ = 0;
    std::mutex mutex_;
    bool closed_ = false;
    bool down_ = false;
    std::vector<int> open_;
    std::list<std::thread> serving_;
    std::thread accepting_;
  };

  /// Asked for each batch, one at a time.
  std::function<Fate()> fate = [] { return Fate{}; };
  /// Asked for each record of a batch; where it says yes the batch is refused as too large.
  std::function<bool(const Stored&)> refuse = [](const Stored&) { return false; };

  std::vector<Stored> stored() const;
  /// Batches that came again and were not stored again.
  std::uint64_t repeats() const;
  /// How often somebody began anew: producer ids beyond the first, and new epochs of one. What was
  /// on its way then may be stored again, and no broker can know.
  std::int64_t beginnings() const;

 private:
  struct Batch {
    std::int64_t producer = -1;
    std::int64_t epoch = -1;
    std::int32_t first = -1;
    std::vector<Stored> records;
  };
  struct Span {
    std::int32_t first;
    std::int32_t last;
  };
  /// Of one producer in one partition.
  struct Known {
    std::int64_t epoch = 0;
    std::deque<Span> spans;
  };
  static Batch read_batch(std::string_view bytes);
  int take(int partition, std::string_view bytes, bool& cut);
  int store(int partition, Batch batch);
  std::int64_t new_producer();

  mutable std::mutex mutex_;
  std::vector<Stored> stored_;
  std::map<std::pair<int, std::int64_t>, Known> known_;  ///< by partition and producer
  std::int64_t producers_ = 0;
  std::int64_t epochs_ = 0;  ///< beyond each producer's first
  std::uint64_t repeats_ = 0;
};

}  // namespace ship::testing
