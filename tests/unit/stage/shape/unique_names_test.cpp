#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "record/probe.hpp"
#include "settings/settings.hpp"
#include "stage/pipeline.hpp"
#include "tests/catch.hpp"
#include "tests/models/any_objects.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

namespace ship {
namespace {

using testing::AnyObjects;
using testing::repeated_name;

class Shaping {
 public:
  explicit Shaping(const Settings& settings) {
    auto plan = PipelinePlan::compile(
        settings, [](const std::string& name) { return std::optional<std::string>("of " + name); });
    if (!plan) FAIL(plan.error().message);
    pipeline_ = std::make_unique<Pipeline>(plan.value());
  }
  std::string operator()(const std::string& line) {
    Record record;
    record.line = line;
    arena_.reset();
    pipeline_->process(record, arena_);
    return std::string(record.line);
  }

 private:
  std::unique_ptr<Pipeline> pipeline_;
  Arena arena_;
};

/// All options of the stages that change records, each of them now and then.
Settings any_settings(AnyObjects& random, const std::string& label_file) {
  Settings settings;
  ShapeSettings& shape = settings.shape;
  const std::vector<std::string> kPaths = {"a", "b", "c", "a.b", "msg", "level", "log", "data.a"};
  const std::vector<std::string> kNames = {"new", "message", "a", "b", "level", "log", "a.b"};
  const auto path = [&] { return kPaths[random.below(static_cast<unsigned>(kPaths.size()))]; };
  std::set<std::string> used;
  for (unsigned i = random.below(4); i > 0; --i) {
    const std::string from = path();
    if (!used.insert(from).second) continue;
    shape.rename.emplace_back(from, kNames[random.below(static_cast<unsigned>(kNames.size()))]);
  }
  if (const std::string gone = path(); random.coin() && used.insert(gone).second) {
    shape.remove = {gone};
  }
  if (random.below(4) == 0) shape.keep = {path(), path() + ".*", "level"};
  shape.envelope = static_cast<ShapeSettings::Envelope>(random.below(3));
  shape.timestamp = static_cast<ShapeSettings::Timestamp>(random.below(6));
  if (random.coin()) shape.levels = {{"INFO", "info"}};
  EnrichSettings& enrich = settings.enrich;
  if (random.coin()) enrich.fields = {{"team", "shop"}, {"data.a", "x"}};
  if (random.below(4) == 0) enrich.fields.emplace_back("service", "of the fields");
  if (random.below(3) == 0) enrich.environment = {{"team", "TEAM"}, {"data.b", "B"}, {"a.b", "C"}};
  if (random.below(3) == 0) enrich.label_file = label_file;
  enrich.runtime = random.coin();
  enrich.container = random.coin();
  enrich.kubernetes = random.coin();
  enrich.overwrite = random.coin();
  if (random.below(3) == 0) {
    settings.redact.fields = {path(), "**.b"};
    settings.redact.action = static_cast<RedactAction>(random.below(4));
    settings.redact.hash_key = Secret::literal("key");
  }
  if (random.coin()) settings.size_guard.max_bytes = 512;
  return settings;
}

}  // namespace

TEST_CASE("shape: a record without a repeated name never gets one", "[transform]") {
  AnyObjects random(11);
  const TemporaryDirectory directory;
  const std::string labels = directory.path() + "/labels";
  std::ofstream(labels) << "team=\"shop\"\na.b=\"c\"\nteam=\"again\"\nhost=\"h\"\n";
  for (int round = 0; round < 300; ++round) {
    Shaping shaping(any_settings(random, labels));
    for (int i = 0; i < 40; ++i) {
      const std::string line = random.object(0);
      INFO(line);
      REQUIRE(repeated_name(line).empty());
      const std::string out = shaping(line);
      INFO(out);
      REQUIRE(Probe().probe(out).fault == Fault::none);
      REQUIRE(repeated_name(out) == "");
    }
  }
}

TEST_CASE("shape: who keeps its name has it, who comes to it gets a number behind it",
          "[transform]") {
  Settings settings;
  settings.shape.rename = {{"msg", "message"}, {"text", "message"}};
  Shaping renaming(settings);
  CHECK(renaming(R"({"msg":1,"text":2,"message":3})") ==
        R"({"message_2":1,"message_3":2,"message":3})");
  CHECK(renaming(R"({"text":2,"msg":1})") == R"({"message":2,"message_2":1})");
  CHECK(renaming(R"({"msg":1,"in":{"message":2}})") == R"({"message":1,"in":{"message":2}})");

  settings.shape.rename = {{".a", "b"}, {".b", "a"}};
  CHECK(Shaping(settings)(R"({"a":1,"b":2})") == R"({"b":1,"a":2})");

  settings.shape.rename.clear();
  settings.shape.envelope = ShapeSettings::Envelope::unwrap;
  CHECK(Shaping(settings)(R"({"level":"x","log":{"level":"INFO","a":1},"\u0061":2})") ==
        R"({"level":"INFO","a":1,"level_2":"x","\u0061_2":2})");

  CHECK(Shaping(settings)(R"({"a":1,"log":{},"b":2})") == R"({"a":1,"b":2})");
  CHECK(Shaping(settings)(R"({"log":{ },"b":2})") == R"({ "b":2})");

  settings.shape.envelope = ShapeSettings::Envelope::flatten;
  CHECK(Shaping(settings)(R"({"a":{"b":1,"c":{"d":2}},"a.b":3,"a.c":{"d":4}})") ==
        R"({"a.b_2":1,"a.c.d":2,"a.b":3,"a.c.d_2":4})");
}

TEST_CASE("size guard: a line that the input cut is marked once", "[transform]") {
  Settings settings;
  settings.size_guard.max_bytes = 512;
  const std::string line =
      R"({"_original_size":9000000,"_truncated":true,"message":")" + std::string(900, 'x') + "\"}";
  const std::string out = Shaping(settings)(line);
  CHECK(repeated_name(out) == "");
  CHECK(out.find("\"_original_size\":9000000") != std::string::npos);
}

}  // namespace ship
