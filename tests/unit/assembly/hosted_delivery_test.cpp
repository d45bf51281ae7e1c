#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>

#include "record/field.hpp"
#include "sinks/datadog/datadog_settings.hpp"
#include "sinks/gcp/gcp_settings.hpp"
#include "sinks/splunk/splunk_settings.hpp"
#include "tests/unit/assembly/model_shipper.hpp"

using namespace ship;
using namespace ship::testing;
using namespace std::chrono_literals;

// For hosted services stored is delivered, as far as each permits. Google shows entries of equal
// insertId and timestamp once, Splunk keeps both and a search tells them by the identity: each
// identity has one record and one time, however often it came. Datadog knows no identities: there
// nothing is missing, and what is twice was in doubt.

namespace {

enum class Service { splunk, datadog, gcp };

/// What one service has stored, and its moods, all of them from one seed.
class HostedWeather {
 public:
  HostedWeather(Service which, unsigned seed) : service(which), random_(seed) {}

  bool one_in(unsigned n) {
    const std::lock_guard lock(random_mutex_);
    return !fair && random_() % n == 0;
  }
  /// Takes the request as the service would.
  HttpResponse take(std::string_view body) {
    const std::lock_guard lock(mutex_);
    switch (service) {
      case Service::splunk:
        return take_events(body);
      case Service::datadog:
        return take_logs(body);
      case Service::gcp:
        break;
    }
    return take_entries(body);
  }
  static HttpResponse answer(int status, std::string body = "{}") {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }

  const Service service;
  std::map<std::string, std::pair<std::string, std::string>> by_id;  ///< line and time
  std::map<std::string, int> lines;                                  ///< without ids
  bool same_each_time = true;
  std::atomic<bool> fair = false;
  std::atomic<bool> down = false;

 private:
  static bool is_poison(std::string_view line) { return line.find("poison") != line.npos; }
  void store(const Field& id, std::string_view line, const Field& time) {
    const auto [place, is_new] =
        by_id.emplace(std::string(id.text), std::pair(std::string(line), std::string(time.text)));
    same_each_time = same_each_time && !id.text.empty() && place->second.first == line &&
                     place->second.second == time.text;
  }
  HttpResponse take_events(std::string_view body) {
    FieldFinder finder({"event", "fields.fapilog_ship_id", "time"});
    for (int number = 0; !body.empty(); ++number) {
      const std::size_t end = std::min(body.find('\n'), body.size());
      const std::span<const Field> fields = finder.find(body.substr(0, end));
      if (is_poison(fields[0].raw)) {
        return answer(400, R"({"text":"Invalid data format","code":6,"invalid-event-number":)" +
                               std::to_string(number) + "}");
      }
      store(fields[1], fields[0].raw, fields[2]);
      body.remove_prefix(std::min(end + 1, body.size()));
    }
    return answer(200, R"({"text":"Success","code":0})");
  }
  HttpResponse take_logs(std::string_view body) {
    if (is_poison(body)) return answer(400);
    FieldFinder finder({"message"});
    for_each_element(body,
                     [&](std::string_view log) { ++lines[std::string(finder.find(log)[0].text)]; });
    return answer(202);
  }
  HttpResponse take_entries(std::string_view body) {
    FieldFinder whole({"entries"});
    FieldFinder finder({"jsonPayload", "insertId", "timestamp"});
    const std::string entries(whole.find(body)[0].raw);
    std::string errors;
    int number = 0;
    for_each_element(entries, [&](std::string_view entry) {
      const std::span<const Field> fields = finder.find(entry);
      const bool poison = is_poison(fields[0].raw);
      if (poison || one_in(9)) {
        errors += std::string(errors.empty() ? "" : ",") + "\"" + std::to_string(number) +
                  "\":{\"code\":" + (poison ? "3" : "14") + "}";
      } else {
        store(fields[1], fields[0].raw, fields[2]);
      }
      ++number;
    });
    if (errors.empty()) return answer(200);
    return answer(400, R"({"error":{"details":[{"logEntryErrors":{)" + errors + "}}]}}");
  }

  std::mutex mutex_;
  std::mutex random_mutex_;
  std::mt19937 random_;
};

/// A connection of one process: once that was killed, nothing goes over it.
class HostedLine final : public HttpClient {
 public:
  HostedLine(HostedWeather& weather, const std::atomic<bool>& killed)
      : weather_(weather), killed_(killed) {}
  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token) override {
    const Error broken{ErrorKind::transient, "the connection broke"};
    if (killed_ || weather_.down) return broken;
    if (request.url.find("/computeMetadata/") != std::string::npos) {
      return HostedWeather::answer(200, R"({"access_token":"t","expires_in":3600})");
    }
    if (weather_.one_in(8)) return broken;
    if (weather_.one_in(12)) return HostedWeather::answer(503);
    if (weather_.one_in(12)) return HostedWeather::answer(429);
    HttpResponse response = weather_.take(request.body);
    if (killed_ || weather_.one_in(6)) return broken;
    return response;
  }

 private:
  HostedWeather& weather_;
  const std::atomic<bool>& killed_;
};

class HostedShipper final : public ModelShipper {
 public:
  HostedShipper(HostedWeather& weather, unsigned seed) : ModelShipper(seed), weather_(weather) {
    start();
  }
  ~HostedShipper() override { finish(); }

  void step() {
    static const std::vector<std::string> kLines = {
        R"({"timestamp":"2026-11-22T09:09:09.624Z","message":"tick"})", R"({"message":"tick"})",
        R"({"message":"a"})", R"({"message":"poison"})"};
    std::vector<std::string> lines;
    for (unsigned i = one_of() % 40; i > 0; --i) lines.push_back(kLines[one_of() % kLines.size()]);
    write(lines);
    switch (one_of() % 6) {
      case 0:
        restart();
        break;
      case 1:
        if (is_durable()) kill();
        break;
      case 2:
        reload();
        break;
      default:
        break;
    }
  }

 private:
  SinkSettings settings() override {
    SinkSettings sink;
    sink.name = "hosted";
    sink.delivery.batch_timeout = 0ms;
    sink.delivery.retry_base = 1ms;
    sink.delivery.retry_max = 2ms;
    sink.delivery.breaker_failures = 0;
    sink.delivery.drain_timeout = 60s;
    sink.queue.drop_on_full = false;
    sink.delivery.workers = 1 + one_of() % 3;
    sink.delivery.batch_size = 1 + one_of() % 20;
    choose_spool(sink);
    if (weather_.service == Service::splunk) {
      SplunkSinkSettings kind;
      kind.transport.url = "http://splunk";
      kind.token = Secret::literal("t");
      sink.kind = kind;
    } else if (weather_.service == Service::datadog) {
      DatadogSinkSettings kind;
      kind.transport.url = "http://dd/api/v2/logs";
      kind.api_key = Secret::literal("k");
      sink.kind = kind;
    } else {
      GcpSinkSettings kind;
      kind.transport.url = "http://gcp/v2/entries:write";
      kind.project = "p";
      kind.log = "l";
      sink.kind = kind;
    }
    return sink;
  }
  std::unique_ptr<Voyage> begin() override {
    killed_.push_back(std::make_unique<std::atomic<bool>>(false));
    const std::atomic<bool>& killed = *killed_.back();
    return std::make_unique<Voyage>(settings_of({settings()}), files(), [this, &killed] {
      return std::make_unique<HostedLine>(weather_, killed);
    });
  }
  void cut() override { *killed_.back() = true; }
  void set_down(bool down) override { weather_.down = down; }

  HostedWeather& weather_;
  std::vector<std::unique_ptr<std::atomic<bool>>> killed_;  ///< whether each process was
};

void store_in(Service service, unsigned seed) {
  HostedWeather weather(service, seed);
  std::map<std::string, int> written;
  std::uint64_t delivered = 0;
  bool was_killed = false;
  {
    HostedShipper shipper(weather, seed);
    for (int step = 0; step < 6; ++step) shipper.step();
    weather.fair = true;
    shipper.end();
    written = shipper.written;
    delivered = shipper.delivered;
    was_killed = shipper.was_killed;
  }
  std::map<std::string, int> stored = weather.lines;
  for (const auto& [id, record] : weather.by_id) ++stored[record.first];
  CHECK(weather.same_each_time);
  for (const auto& [line, count] : written) {
    INFO(line);
    if (line.find("poison") != std::string::npos) {
      CHECK(stored[line] == 0);
    } else if (service == Service::datadog) {
      CHECK(stored[line] >= count);
    } else {
      CHECK(stored[line] == count);
    }
  }
  if (!was_killed && service != Service::datadog) CHECK(weather.by_id.size() == delivered);
}

void store_in_all_weathers(Service service) {
  const char* const given = std::getenv("SHIP_MODEL_SEEDS");
  const unsigned seeds = given ? static_cast<unsigned>(std::atoi(given)) : 25;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    store_in(service, seed);
  }
}

}  // namespace

TEST_CASE("stored is delivered: Splunk has each record by its identity",
          "[stored][splunk][model]") {
  store_in_all_weathers(Service::splunk);
}

TEST_CASE("stored is delivered: Datadog misses none", "[stored][datadog][model]") {
  store_in_all_weathers(Service::datadog);
}

TEST_CASE("stored is delivered: Google has each record by its identity and time",
          "[stored][gcp][model]") {
  store_in_all_weathers(Service::gcp);
}
