#include <atomic>
#include <cstdlib>
#include <map>
#include <random>

#include "sinks/elasticsearch/elasticsearch_settings.hpp"
#include "tests/unit/assembly/model_shipper.hpp"
#include "tests/unit/sinks/elasticsearch/strict_elasticsearch.hpp"

using namespace ship;
using namespace ship::testing;
using namespace std::chrono_literals;

// For a destination that can tell one record from another: stored is delivered, whatever happens.

namespace {

SinkSettings elasticsearch(const std::string& id_field = {}) {
  SinkSettings settings;
  settings.name = "es";
  settings.delivery.batch_timeout = 0ms;
  settings.delivery.retry_base = 1ms;
  settings.delivery.retry_max = 2ms;
  settings.delivery.breaker_failures = 0;
  settings.delivery.drain_timeout = 60s;
  settings.queue.drop_on_full = false;
  ElasticsearchSinkSettings kind;
  kind.transport.url = "http://es:9200";
  kind.index = "logs";
  kind.id_field = id_field;
  settings.kind = kind;
  return settings;
}

Voyage::Connect lead_to(StrictElasticsearch& server) {
  return [&server] { return server.client(); };
}

std::uint64_t dropped(const LaneCounts& counts, Ending ending) {
  return counts.dropped[static_cast<std::size_t>(ending)];
}

/// Ships the lines, and waits until all have their ending.
LaneCounts shipped(StrictElasticsearch& server, const std::vector<std::string>& lines,
                   const SinkSettings& settings = elasticsearch()) {
  Voyage voyage(settings_of({settings}), system_files(), lead_to(server));
  for (const std::string& line : lines) voyage.write(line + "\n");
  voyage.close_input();
  REQUIRE(voyage.is_done(60000));
  voyage.ship->finish();
  const LaneCounts counts = voyage.counts("es");
  CHECK(counts.balanced());
  return counts;
}

const std::string kTimed = R"({"timestamp":"2026-11-22T09:09:09.624Z","message":"tick"})";

}  // namespace

TEST_CASE("stored is delivered: a thousand equal lines of one time", "[stored]") {
  StrictElasticsearch server;
  CHECK(shipped(server, std::vector<std::string>(1000, kTimed)).delivered == 1000);
  CHECK(server.documents.size() == 1000);
}

TEST_CASE("stored is delivered: equal lines that come in batches of their own", "[stored]") {
  StrictElasticsearch server;
  SinkSettings settings = elasticsearch();
  settings.delivery.batch_size = 1;
  CHECK(shipped(server, std::vector<std::string>(3, kTimed), settings).delivered == 3);
  CHECK(server.documents.size() == 3);
}

TEST_CASE("stored is delivered: an equal pair of which one is told to wait", "[stored]") {
  StrictElasticsearch server;
  int asked = 0;
  server.refuse = [&asked](const StrictElasticsearch::Document&) {
    return ++asked == 1 ? StrictElasticsearch::Refusal{429, "rejected", "busy"}
                        : StrictElasticsearch::Refusal{};
  };
  CHECK(shipped(server, {kTimed, kTimed}).delivered == 2);
  CHECK(server.documents.size() == 2);
}

TEST_CASE("stored is delivered: two different lines with one message_id", "[stored]") {
  StrictElasticsearch server;
  const std::vector<std::string> lines = {
      R"({"log":{"context":{"message_id":"m-1"},"message":"sent"}})",
      R"({"log":{"context":{"message_id":"m-1"},"message":"read"}})"};
  CHECK(shipped(server, lines).delivered == 2);
  CHECK(server.documents.size() == 2);
}

TEST_CASE("stored is delivered: two shippers with the same line", "[stored]") {
  StrictElasticsearch server;
  CHECK(shipped(server, {kTimed}).delivered == 1);
  CHECK(shipped(server, {kTimed}).delivered == 1);
  CHECK(server.documents.size() == 2);
}

TEST_CASE("stored is delivered: an id_field that two records share makes one of them a duplicate",
          "[stored]") {
  StrictElasticsearch server;
  std::vector<std::string> lines;
  for (int i = 0; i < 10; ++i) {
    lines.push_back(R"({"id":")" + std::to_string(i % 4) + R"(","n":)" + std::to_string(i) + "}");
  }
  SECTION("at once") {}
  SECTION("also where an item is told to wait: it was not stored") {
    server.refuse = [asked = 0](const StrictElasticsearch::Document&) mutable {
      return ++asked <= 3 ? StrictElasticsearch::Refusal{429, "rejected", "busy"}
                          : StrictElasticsearch::Refusal{};
    };
  }
  const LaneCounts counts = shipped(server, lines, elasticsearch("id"));
  CHECK(counts.delivered == 4);
  CHECK(dropped(counts, Ending::duplicate) == 6);
  CHECK(server.documents.size() == 4);
}

TEST_CASE("stored is delivered: an id_field that is there because the answer was lost is ours",
          "[stored]") {
  StrictElasticsearch server;
  server.answers_to_lose = 2;
  const LaneCounts counts =
      shipped(server, {R"({"id":"a"})", R"({"id":"b"})", R"({"id":"c"})"}, elasticsearch("id"));
  CHECK(counts.delivered == 3);
  CHECK(dropped(counts, Ending::duplicate) == 0);
  CHECK(server.documents.size() == 3);
}

namespace {

/// A network and a server of moods, all of them from one seed.
class Weather {
 public:
  explicit Weather(unsigned seed) : random_(seed) {
    server.refuse = [this](const StrictElasticsearch::Document& document) {
      if (document.source.find("poison") != std::string::npos) {
        return StrictElasticsearch::Refusal{400, "mapper_parsing_exception", "poison"};
      }
      if (!fair && one_in(7)) return StrictElasticsearch::Refusal{429, "rejected", "busy"};
      if (!fair && one_in(23)) return StrictElasticsearch::Refusal{503, "unavailable", "shard"};
      return StrictElasticsearch::Refusal{};
    };
  }
  bool one_in(unsigned n) {
    const std::lock_guard lock(mutex_);
    return random_() % n == 0;
  }

  StrictElasticsearch server;
  std::atomic<bool> fair = false;
  std::atomic<bool> down = false;

 private:
  std::mutex mutex_;
  std::mt19937 random_;
};

/// A connection of one process: once that was killed, nothing goes over it.
class Gusty final : public HttpClient {
 public:
  Gusty(Weather& weather, const std::atomic<bool>& killed)
      : weather_(weather), killed_(killed), client_(weather.server.client()) {}
  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token stop) override {
    const Error broken{ErrorKind::transient, "the connection broke"};
    if (killed_ || weather_.down) return broken;
    if (weather_.fair) return client_->perform(request, stop);
    if (weather_.one_in(8)) return broken;
    if (weather_.one_in(12)) return answer(503);
    if (weather_.one_in(12)) return answer(429);
    // Two lines are one record, which no server finds too large here.
    const bool several = std::count(request.body.begin(), request.body.end(), '\n') > 2;
    if (several && (request.body.size() > 1500 || weather_.one_in(12))) return answer(413);
    auto response = client_->perform(request, stop);
    if (killed_ || weather_.one_in(6)) return broken;
    return response;
  }

 private:
  static Result<HttpResponse> answer(int status) {
    HttpResponse response;
    response.status = status;
    return response;
  }
  Weather& weather_;
  const std::atomic<bool>& killed_;
  std::unique_ptr<HttpClient> client_;
};

class Shipper final : public ModelShipper {
 public:
  Shipper(Weather& weather, unsigned seed) : ModelShipper(seed), weather_(weather) { start(); }
  ~Shipper() override { finish(); }

  void step() {
    write_some();
    switch (one_of() % 8) {
      case 0:
        restart();
        break;
      case 1:
        if (is_durable()) kill();
        break;
      case 2:
      case 3:
        reload();
        break;
      default:
        break;
    }
  }

 private:
  void write_some() {
    static const std::vector<std::string> kLines = {
        kTimed, R"({"message":"tick"})", R"({"context":{"message_id":"m-1"},"message":"a"})",
        R"({"context":{"message_id":"m-1"},"message":"b"})", R"({"message":"poison"})"};
    std::vector<std::string> lines;
    for (unsigned i = one_of() % 40; i > 0; --i) lines.push_back(kLines[one_of() % kLines.size()]);
    write(lines);
  }
  SinkSettings settings() override {
    SinkSettings sink = elasticsearch();
    sink.delivery.workers = 1 + one_of() % 3;
    sink.delivery.batch_size = 1 + one_of() % 20;
    choose_spool(sink);
    ElasticsearchSinkSettings kind = *sink.kind.get<ElasticsearchSinkSettings>();
    if (one_of() % 2 == 0) kind.transport.url = "http://es:9200/other";
    sink.kind = kind;
    return sink;
  }
  std::unique_ptr<Voyage> begin() override {
    killed_.push_back(std::make_unique<std::atomic<bool>>(false));
    const std::atomic<bool>& killed = *killed_.back();
    return std::make_unique<Voyage>(settings_of({settings()}), files(), [this, &killed] {
      return std::make_unique<Gusty>(weather_, killed);
    });
  }
  void cut() override { *killed_.back() = true; }
  void set_down(bool down) override { weather_.down = down; }

  Weather& weather_;
  std::vector<std::unique_ptr<std::atomic<bool>>> killed_;  ///< whether each process was
};

void store_at_random(unsigned seed) {
  Weather weather(seed);
  std::map<std::string, int> written;
  std::uint64_t delivered = 0;
  bool was_killed = false;
  {
    Shipper one(weather, seed * 2);
    Shipper two(weather, seed * 2 + 1);
    for (int step = 0; step < 6; ++step) {
      one.step();
      if (seed % 2 == 0) two.step();
    }
    weather.fair = true;
    for (Shipper* shipper : {&one, &two}) {
      shipper->end();
      for (const auto& [line, count] : shipper->written) written[line] += count;
      delivered += shipper->delivered;
      was_killed |= shipper->was_killed;
    }
  }
  std::map<std::string, int> stored;
  for (const auto& document : weather.server.documents) {
    const std::size_t message = document.source.find("\"message\":");
    ++stored[document.source.substr(message)];
  }
  std::map<std::string, int> expected;
  for (const auto& [line, count] : written) {
    if (line.find("poison") == std::string::npos)
      expected[line.substr(line.find("\"message\":"))] += count;
  }
  for (const auto& [line, count] : expected) {
    INFO(line);
    CHECK(stored[line] == count);
  }
  if (!was_killed) CHECK(weather.server.documents.size() == delivered);
}

}  // namespace

// SHIP_MODEL_SEEDS=1000 in the environment takes some minutes.
TEST_CASE("stored is delivered: under any faults, restarts, kills, reloads and splits",
          "[stored][model]") {
  const char* const given = std::getenv("SHIP_MODEL_SEEDS");
  const unsigned seeds = given ? static_cast<unsigned>(std::atoi(given)) : 60;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    store_at_random(seed);
  }
}
