#include "delivery/transformation.hpp"

#include "settings/settings.hpp"
#include "tests/unit/delivery/lane_rig.hpp"

using namespace ship;

namespace {

FuturePlan plan_of(const Settings& settings) {
  auto plan = PipelinePlan::compile(settings);
  REQUIRE(plan);
  std::promise<std::shared_ptr<const PipelinePlan>> promise;
  promise.set_value(plan.value());
  return promise.get_future().share();
}

Settings masking() {
  Settings settings;
  settings.redact.fields = {"password"};
  return settings;
}

/// Records that were pushed into a queue of their own and taken out as one batch.
struct Taken {
  Queue queue{{1000, 1u << 20, DropPolicy::newest}};
  Batch batch;

  explicit Taken(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) queue.push_always(record_of(line), false, 0);
    queue.take(1000, 1u << 20, Queue::Order::arrival, batch);
  }
  ~Taken() { queue.release(batch, 0, batch.size()); }
  std::string_view line(std::size_t i) const { return batch.records(i, i + 1).front().line; }
};

}  // namespace

TEST_CASE("transformation: each record goes through once, however often its batch comes back",
          "[lane][transform]") {
  Settings settings;
  settings.redact.fields = {"user"};
  settings.redact.action = RedactAction::hash;
  settings.redact.hash_key = Secret::literal("k");
  settings.shape.rename = {{"a", "b"}, {"b", "c"}};
  Pipeline pipeline(plan_of(settings).get());
  Taken taken({R"({"user":"ann","a":1})", R"({"z":1})"});
  CHECK(transform(taken.batch, pipeline).empty());
  const std::string once(taken.line(0));
  CHECK(once.find(R"("b":1})") != std::string::npos);
  CHECK(taken.line(1) == R"({"z":1})");
  CHECK(transform(taken.batch, pipeline).empty());
  CHECK(taken.line(0) == once);
  CHECK(pipeline.counts()[0].in == 2);
}

TEST_CASE("transformation: a batch that is moved takes its lines along", "[lane][transform]") {
  Pipeline pipeline(plan_of(masking()).get());
  Taken taken({R"({"password":"x"})"});
  transform(taken.batch, pipeline);
  Batch moved = std::move(taken.batch);
  taken.batch = Batch();
  CHECK(moved.records(0, 1).front().line == R"({"password":"***"})");
  std::swap(moved, taken.batch);
}

TEST_CASE("lane: what the size guard drops is counted, and the books balance",
          "[lane][transform]") {
  Settings settings = masking();
  settings.size_guard.max_bytes = 512;
  settings.size_guard.action = SizeGuardSettings::Action::drop;
  SinkScript script;
  SinkSettings sink = settings_for_tests();
  Rig rig(sink, script, nullptr, plan_of(settings));
  rig.start();
  const std::string large = R"({"level":"ERROR","x":")" + std::string(600, 'x') + "\"}";
  rig.submit({R"({"password":"x"})", large, R"({"n":1})", large});
  const LaneSnapshot snapshot = rig.drain();
  CHECK(snapshot.counts.balanced());
  CHECK(snapshot.counts.delivered == 2);
  CHECK(dropped(snapshot, Ending::size_guard) == 2);
  REQUIRE(snapshot.stages.size() == 2);
  CHECK(snapshot.stages[0].name == "redact");
  CHECK(snapshot.stages[0].changed == 1);
}

TEST_CASE("lane: a batch of which nothing is left is not sent", "[lane][transform]") {
  Settings settings = masking();
  settings.size_guard.max_bytes = 512;
  settings.size_guard.action = SizeGuardSettings::Action::drop;
  SinkScript script;
  Rig rig(settings_for_tests(), script, nullptr, plan_of(settings));
  const std::string large = R"({"level":"ERROR","x":")" + std::string(600, 'x') + "\"}";
  rig.submit({large, large});
  rig.start();
  CHECK(dropped(rig.drain(), Ending::size_guard) == 2);
  CHECK(script.calls().empty());
}

TEST_CASE("lane: what cannot be redacted is dropped and counted, or goes on if so set",
          "[lane][transform]") {
  // No JSON: it never gets this far in a run, and is what redaction cannot walk.
  const std::vector<std::string> lines = {R"({"password":"x)", R"({"password":"y"})"};
  for (const auto on_error : {RedactSettings::OnError::drop, RedactSettings::OnError::pass}) {
    Settings settings = masking();
    settings.redact.on_error = on_error;
    SinkScript script;
    Rig rig(settings_for_tests(), script, nullptr, plan_of(settings));
    rig.start();
    rig.submit(lines, 40);
    const LaneSnapshot snapshot = rig.drain();
    const bool drops = on_error == RedactSettings::OnError::drop;
    CHECK(snapshot.counts.balanced());
    CHECK(dropped(snapshot, Ending::redact) == (drops ? 1 : 0));
    CHECK(snapshot.counts.protected_records.dropped == (drops ? 1 : 0));
    CHECK(snapshot.counts.delivered == (drops ? 1 : 2));
    CHECK(snapshot.stages[0].errors == 1);
  }
}
