#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "sinks/kafka/kafka_settings.hpp"
#include "tests/unit/assembly/model_shipper.hpp"
#include "tests/unit/sinks/kafka/strict_kafka.hpp"

using namespace ship;
using namespace ship::testing;
using namespace std::chrono_literals;

// For Kafka stored is delivered, too, as far as it permits: a record is known by its identity, in the
// header of its message. Within a run each is stored once, whatever happens to connections and
// brokers. What was on its way when a shipper died or had to leave it to its spool is sent again by
// the next producer, of which the broker knows nothing: that may store it twice, and a consumer sees
// by the identity that it is the same.

namespace {

SinkSettings kafka(const std::string& brokers) {
  SinkSettings settings;
  settings.name = "kafka";
  settings.delivery.workers = 1;
  settings.delivery.batch_timeout = 0ms;
  settings.delivery.retry_base = 1ms;
  settings.delivery.retry_max = 5ms;
  settings.delivery.breaker_failures = 0;
  settings.delivery.drain_timeout = 60s;
  settings.queue.drop_on_full = false;
  KafkaSinkSettings kind;
  kind.brokers = brokers;
  kind.topic = "logs";
  kind.properties = {
      {"reconnect.backoff.ms", "1"}, {"reconnect.backoff.max.ms", "10"},
      {"retry.backoff.ms", "1"},     {"linger.ms", "0"},
      {"batch.num.messages", "7"},   {"topic.metadata.refresh.fast.interval.ms", "5"}};
  settings.kind = kind;
  return settings;
}

/// What happens to requests, all of it from one seed.
class Weather {
 public:
  explicit Weather(unsigned seed) : random_(seed) {
    broker.fate = [this] {
      StrictKafka::Fate fate;
      if (fair) return fate;
      switch (random_() % 24) {
        case 0:
          fate.cut_before = true;
          break;
        case 1:
        case 2:
          fate.cut_after = true;
          break;
        case 3:
          fate.code_after = StrictKafka::kRequestTimedOut;
          break;
        case 4:
          fate.code_after = StrictKafka::kNotEnoughReplicasAfterAppend;
          break;
        case 5:
          fate.code_before = StrictKafka::kNotLeader;
          break;
        case 6:
          fate.code_before = StrictKafka::kNotEnoughReplicas;
          break;
        case 7:
          fate.code_before = StrictKafka::kStorage;
          break;
        default:
          break;
      }
      return fate;
    };
    broker.refuse = [](const StrictKafka::Stored& record) {
      return record.value.find("poison") != std::string::npos;
    };
  }

  StrictKafka broker;
  std::atomic<bool> fair = false;

 private:
  std::mt19937 random_;  // of the broker, one batch at a time
};

/// How often each line is in the log, and how many messages say of themselves what another said.
struct Log {
  std::map<std::string, int> lines;  ///< each identity counted once
  std::size_t records = 0;           ///< identities
  std::size_t again = 0;             ///< messages beyond these
  bool all_known = true;             ///< each had an identity
};

Log read_log(const StrictKafka& broker) {
  Log log;
  std::map<std::string, std::string> known;
  for (const StrictKafka::Stored& record : broker.stored()) {
    log.all_known = log.all_known && !record.id.empty();
    const auto [place, is_new] = known.emplace(record.id, record.value);
    CHECK(place->second == record.value);
    if (is_new) {
      ++log.lines[record.value];
      ++log.records;
    } else {
      ++log.again;
    }
  }
  return log;
}

const std::vector<std::string> kLines = {
    R"({"timestamp":"2026-11-22T09:09:09.624Z","message":"tick"})", R"({"message":"tick"})",
    R"({"context":{"message_id":"m-1"},"message":"a"})",
    R"({"context":{"message_id":"m-1"},"message":"b"})"};

unsigned seeds_or(unsigned usual) {
  const char* const given = std::getenv("SHIP_MODEL_SEEDS");
  return given ? static_cast<unsigned>(std::atoi(given)) : usual;
}

class Shipper final : public ModelShipper {
 public:
  Shipper(Weather& weather, unsigned seed, bool has_spool)
      : ModelShipper(seed), weather_(weather), has_spool_(has_spool) {
    start();
  }
  ~Shipper() override { finish(); }

  void step(bool poison) {
    write_some(poison);
    switch (one_of() % 8) {
      case 0:
        if (has_spool_) restart();
        break;
      case 1:
        if (has_spool_ && is_durable()) kill();
        break;
      case 2:
        door_->set_down(true);
        write_some(poison);
        door_->set_down(false);
        break;
      case 3:
        door_->set_down(true);
        door_->set_down(false);
        break;
      case 4:
        if (has_spool_) reload();
        break;
      default:
        break;
    }
  }

 private:
  void write_some(bool poison) {
    std::vector<std::string> lines;
    for (unsigned i = one_of() % 40; i > 0; --i) {
      std::string line = kLines[one_of() % kLines.size()];
      if (poison && one_of() % 9 == 0) line = R"({"message":"poison"})";
      if (poison && one_of() % 60 == 0) line = "{\"m\":\"" + std::string(1'100'000, 'x') + "\"}";
      lines.push_back(std::move(line));
    }
    write(lines);
  }
  SinkSettings settings() override {
    SinkSettings sink = kafka(door_->address());
    // Now and then so short that the worker comes back to what is on its way.
    if (one_of() % 2 == 0) {
      KafkaSinkSettings kind = *sink.kind.get<KafkaSinkSettings>();
      kind.request_timeout = 20ms;
      sink.kind = kind;
    }
    sink.delivery.batch_size = 1 + one_of() % 30;
    if (!has_spool_) return sink;
    sink.delivery.workers = 1 + one_of() % 2;
    choose_spool(sink);
    return sink;
  }
  std::unique_ptr<Voyage> begin() override {
    doors_.push_back(std::make_unique<StrictKafka::Door>(weather_.broker));
    door_ = doors_.back().get();
    Settings all = settings_of({settings()});
    all.input.max_line_bytes = 4u << 20;
    return std::make_unique<Voyage>(all, files());
  }
  void cut() override { door_->close(); }
  void set_down(bool down) override { door_->set_down(down); }
  // One that was killed lives on as threads here: it may hear of what was stored just before, and
  // remove a file that its successor has.
  std::uint64_t may_be_dropped(const LaneCounts& counts) const override {
    return of(counts) + (was_killed ? of(counts, Ending::damaged) : 0);
  }

  Weather& weather_;
  const bool has_spool_;
  std::vector<std::unique_ptr<StrictKafka::Door>> doors_;
  StrictKafka::Door* door_ = nullptr;
};

bool can_be_stored(const std::string& line) {
  return line.find("poison") == std::string::npos && line.size() < 1'000'000;
}

void compare(const std::map<std::string, int>& written, const Log& log) {
  CHECK(log.all_known);
  std::map<std::string, int> expected;
  for (const auto& [line, count] : written) {
    if (can_be_stored(line)) expected[line] = count;
  }
  for (const auto& [line, count] : expected) {
    INFO(line);
    const auto found = log.lines.find(line);
    CHECK((found == log.lines.end() ? 0 : found->second) == count);
  }
  CHECK(log.lines.size() <= expected.size());
}

}  // namespace

TEST_CASE("stored is delivered: Kafka stores each record of a run once, whatever breaks",
          "[stored][kafka][model]") {
  std::uint64_t repeats = 0;
  unsigned began_anew = 0;
  for (unsigned seed = 1; seed <= seeds_or(12); ++seed) {
    INFO("seed " << seed);
    Weather weather(seed);
    Shipper shipper(weather, seed, false);
    for (int step = 0; step < 6; ++step) shipper.step(false);
    weather.fair = seed % 2 == 0;
    shipper.end();
    const Log log = read_log(weather.broker);
    compare(shipper.written, log);
    CHECK(log.records == shipper.delivered);
    // Now and then librdkafka gives a producer up after a broken connection or begins a new epoch of
    // it, and sends what was on its way again.
    if (weather.broker.beginnings() == 0) {
      CHECK(log.again == 0);
    } else {
      ++began_anew;
    }
    repeats += weather.broker.repeats();
  }
  // Answers were lost, and the broker was asked for the same again.
  CHECK(repeats > 0);
  CHECK(began_anew <= seeds_or(12) / 4);
}

TEST_CASE("stored is delivered: Kafka has each record by its identity after kills and restarts",
          "[stored][kafka][model]") {
  for (unsigned seed = 1; seed <= seeds_or(12); ++seed) {
    INFO("seed " << seed);
    Weather weather(seed);
    std::map<std::string, int> written;
    std::uint64_t delivered = 0;
    std::uint64_t given_up = 0;
    std::uint64_t poison = 0;
    bool was_killed = false;
    {
      Shipper one(weather, seed * 2, true);
      Shipper two(weather, seed * 2 + 1, true);
      for (int step = 0; step < 6; ++step) {
        one.step(true);
        if (seed % 2 == 0) two.step(true);
      }
      weather.fair = true;
      for (Shipper* shipper : {&one, &two}) {
        shipper->end();
        for (const auto& [line, count] : shipper->written) {
          written[line] += count;
          if (!can_be_stored(line)) poison += static_cast<std::uint64_t>(count);
        }
        delivered += shipper->delivered;
        given_up += shipper->rejected;
        was_killed |= shipper->was_killed;
      }
    }
    const Log log = read_log(weather.broker);
    compare(written, log);
    if (!was_killed) {
      CHECK(log.records == delivered);
      CHECK(given_up == poison);
    }
  }
}
