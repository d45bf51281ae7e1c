#include "tap/tap_stream.hpp"

#include <chrono>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

using namespace ship;
using namespace std::chrono_literals;

namespace {

std::string all_of(TapStream& stream, std::size_t room = 4096) {
  std::string text;
  std::string bytes(room, '\0');
  while (const std::size_t size = stream.read(bytes)) text.append(bytes, 0, size);
  return text;
}

void offer_line(const TapPoint& point, const std::string& line) {
  Record record;
  record.line = line;
  point.offer({&record, 1});
}

FuturePlan plan_of(const StageSettings& settings) {
  std::promise<std::shared_ptr<const PipelinePlan>> promise;
  auto compiled = PipelinePlan::compile(settings, [](const std::string&) { return std::nullopt; });
  REQUIRE(compiled);
  promise.set_value(compiled.value());
  return promise.get_future().share();
}

StageSettings without_passwords() {
  StageSettings settings;
  settings.redact.fields = {"password"};
  return settings;
}

}  // namespace

TEST_CASE("tap stream: it says what it shows, then records, each a line", "[tap]") {
  ManualClock clock;
  TapHub hub;
  TapStream stream(hub, hub.look_at_input(), std::nullopt, {}, "in", clock);
  CHECK(all_of(stream) == "#tap in\n");
  CHECK_FALSE(stream.has_news());
  offer_line(hub.input(), R"({"n":1})");
  offer_line(hub.input(), R"({"n":2})");
  CHECK(stream.has_news());
  CHECK(all_of(stream) == "{\"n\":1}\n{\"n\":2}\n");
  CHECK_FALSE(stream.has_news());
}

TEST_CASE("tap stream: a small room splits lines and loses nothing", "[tap]") {
  ManualClock clock;
  TapHub hub;
  TapStream stream(hub, hub.look_at_input(), std::nullopt, {}, "in", clock);
  offer_line(hub.input(), R"({"message":"longer than the room"})");
  CHECK(all_of(stream, 5) == "#tap in\n{\"message\":\"longer than the room\"}\n");
}

TEST_CASE("tap stream: a condition chooses, and sinks are named where they change", "[tap]") {
  ManualClock clock;
  TapHub hub;
  auto where = Expression::compile("n > 1");
  REQUIRE(where);
  TapStream stream(hub, hub.look_at_sink(""), std::move(where).value(), {}, "out", clock);
  all_of(stream);
  offer_line(hub.sink("loki"), R"({"n":1})");
  offer_line(hub.sink("loki"), R"({"n":2})");
  offer_line(hub.sink("loki"), R"({"n":3})");
  offer_line(hub.sink("file"), R"({"n":2})");
  CHECK(all_of(stream) == "#sink loki\n{\"n\":2}\n{\"n\":3}\n#sink file\n{\"n\":2}\n");
}

TEST_CASE("tap stream: records are redacted, and a condition sees no more than its reader",
          "[tap]") {
  ManualClock clock;
  TapHub hub;
  const std::string line = R"({"user":"a","password":"hunter2"})";
  const FuturePlan plan = plan_of(without_passwords());
  TapStream stream(hub, hub.look_at_input(), std::nullopt, plan, "in", clock);
  auto where = Expression::compile("password == 'hunter2'");
  REQUIRE(where);
  TapStream guess(hub, hub.look_at_input(), std::move(where).value(), plan, "in", clock);
  all_of(stream);
  all_of(guess);
  offer_line(hub.input(), line);
  const std::string shown = all_of(stream);
  CHECK(shown.find("hunter2") == std::string::npos);
  CHECK(shown.find(R"("user":"a")") != std::string::npos);
  CHECK(all_of(guess).empty());
}

TEST_CASE("tap stream: until the redaction is ready nothing is shown, and nothing is lost",
          "[tap]") {
  ManualClock clock;
  TapHub hub;
  std::promise<std::shared_ptr<const PipelinePlan>> promise;
  TapStream stream(hub, hub.look_at_input(), std::nullopt, promise.get_future().share(), "in",
                   clock);
  all_of(stream);
  offer_line(hub.input(), R"({"password":"hunter2"})");
  CHECK(all_of(stream).empty());
  promise.set_value(plan_of(without_passwords()).get());
  const std::string shown = all_of(stream);
  CHECK(shown.find("password") != std::string::npos);
  CHECK(shown.find("hunter2") == std::string::npos);
}

TEST_CASE("tap stream: what is left out is told in its place", "[tap]") {
  ManualClock clock;
  TapHub hub;
  TapStream stream(hub, hub.look_at_input(), std::nullopt, {}, "in", clock);
  all_of(stream);
  const std::string line = "{\"m\":\"" + std::string(TapRing::kBytes / 2, 'x') + "\"}";
  offer_line(hub.input(), line);
  offer_line(hub.input(), line);
  offer_line(hub.input(), line);
  const std::string shown = all_of(stream, 1 << 20);
  CHECK(shown == line + "\n#left out 2\n");
  offer_line(hub.input(), "{}");
  CHECK(all_of(stream) == "{}\n");
}

TEST_CASE("tap stream: in a silence it says that it lives", "[tap]") {
  ManualClock clock;
  TapHub hub;
  TapStream stream(hub, hub.look_at_input(), std::nullopt, {}, "in", clock);
  all_of(stream);
  CHECK(all_of(stream).empty());
  clock.advance(1s);
  CHECK(all_of(stream) == "#\n");
  CHECK(all_of(stream).empty());
}
