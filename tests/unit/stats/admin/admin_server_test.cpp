#include "stats/admin/admin_server.hpp"

#include <atomic>

#include "net/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using namespace std::chrono_literals;

TEST_CASE("admin server: however often it is asked, a snapshot is taken at most 20 times a second",
          "[stats]") {
  ManualClock clock;
  std::atomic<int> taken = 0;
  ServerSettings settings;
  settings.listen = "127.0.0.1:0";
  auto server = std::move(AdminServer::open(
                              settings,
                              [&taken] {
                                ++taken;
                                return StatsSnapshot();
                              },
                              clock, [](LogLevel, std::string) {}))
                    .value();
  server->start();
  HttpTransport transport;
  transport.url = server->url();
  const auto client = std::move(make_curl_client(transport)).value();
  const auto ask = [&](const char* path) {
    HttpRequest request;
    request.method = "GET";
    request.url = server->url() + path;
    const auto response = client->perform(request, {});
    REQUIRE(response);
    CHECK(response.value().status == 200);
  };
  for (int tick = 1; tick <= 5; ++tick) {
    for (int i = 0; i < 10; ++i) ask(i % 2 == 0 ? "metrics" : "stats");
    CHECK(taken == tick);
    clock.advance(50ms);
  }
}
