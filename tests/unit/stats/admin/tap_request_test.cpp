#include "stats/admin/tap_request.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

WebRequest asking(std::vector<std::pair<std::string_view, std::string_view>> arguments) {
  WebRequest request;
  request.arguments = std::move(arguments);
  return request;
}

}  // namespace

TEST_CASE("tap request: without a stage it is before the stages, or what the sink gets",
          "[stats]") {
  const auto plain = read_tap_request(asking({}), false);
  REQUIRE(plain);
  CHECK(plain.value().before_stages);
  CHECK_FALSE(plain.value().raw);
  const auto of_sink = read_tap_request(asking({{"sink", "loki"}, {"where", "a == 1"}}), true);
  REQUIRE(of_sink);
  CHECK_FALSE(of_sink.value().before_stages);
  CHECK_FALSE(of_sink.value().raw);
  CHECK(of_sink.value().sink == "loki");
  CHECK(of_sink.value().where == "a == 1");
}

TEST_CASE("tap request: raw is what the setting allows, and concerns what comes in alone",
          "[stats]") {
  CHECK(read_tap_request(asking({{"stage", "in"}}), true).value().raw);
  CHECK_FALSE(read_tap_request(asking({{"stage", "in"}}), false).value().raw);
  CHECK_FALSE(read_tap_request(asking({{"stage", "out"}}), true).value().raw);
}

TEST_CASE("tap request: what cannot be is refused, with what can", "[stats]") {
  const auto stage = read_tap_request(asking({{"stage", "middle"}}), false);
  REQUIRE_FALSE(stage);
  CHECK(stage.error().message == "stage: found \"middle\", expected in or out");
  const auto both = read_tap_request(asking({{"stage", "in"}, {"sink", "loki"}}), false);
  REQUIRE_FALSE(both);
  CHECK(both.error().message.find("leave out --sink") != std::string::npos);
}

TEST_CASE("tap request: other machines need a token, and off is off", "[stats]") {
  ServerSettings settings;
  settings.listen = "0.0.0.0:9464";
  CHECK(why_no_tap(settings, true, true).empty());
  CHECK(why_no_tap(settings, false, false).empty());
  CHECK(why_no_tap(settings, false, true).find("server.bearer_token") != std::string::npos);
  settings.tap = ServerSettings::Tap::raw;
  CHECK_FALSE(why_no_tap(settings, false, true).empty());
  settings.tap = ServerSettings::Tap::off;
  CHECK(why_no_tap(settings, true, true).find("server.tap = \"off\"") != std::string::npos);
}

TEST_CASE("tap request: only the machine's own names name it", "[stats]") {
  for (const char* host :
       {"localhost", "localhost:9464", "127.0.0.1:9464", "127.1.2.3", "[::1]:80"}) {
    CAPTURE(host);
    CHECK(names_this_machine(host));
  }
  for (const char* host : {"", "evil.example:9464", "127.0.0.1.evil.example",
                           "localhost.evil.example", "10.0.0.1", "[::2]"}) {
    CAPTURE(host);
    CHECK_FALSE(names_this_machine(host));
  }
}
