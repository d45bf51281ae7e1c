#include <random>
#include <set>
#include <string>
#include <vector>

#include "record/json_unescape.hpp"
#include "record/json_walk.hpp"
#include "record/probe.hpp"
#include "settings/settings.hpp"
#include "stage/pipeline.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

/// The first name that an object of the value has twice; empty where none has.
std::string repeated_name(std::string_view json) {
  std::set<std::string> names;
  for (JsonWalk walk(json); walk.next();) {
    if (json.front() == '{' && !names.insert(std::string(walk.key())).second) {
      return "\"" + std::string(walk.key()) + "\"";
    }
    const std::string_view value = walk.value().raw;
    if (value.front() != '{' && value.front() != '[') continue;
    if (std::string inside = repeated_name(value); !inside.empty()) return inside;
  }
  return {};
}

class Shaping {
 public:
  explicit Shaping(const Settings& settings) {
    auto plan = PipelinePlan::compile(settings);
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

/// Objects in which no name stands twice, of names that come near to each other.
class Objects {
 public:
  explicit Objects(unsigned seed) : random_(seed) {}
  bool coin() { return random_() % 2 == 0; }
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  std::string name() {
    static const std::vector<std::string> kNames = {"a",
                                                    "b",
                                                    "c",
                                                    "a.b",
                                                    "a.b.c",
                                                    "b.c",
                                                    "a_2",
                                                    "a.b_2",
                                                    "log",
                                                    "level",
                                                    "time",
                                                    "data",
                                                    "msg",
                                                    "message",
                                                    "new",
                                                    "new_2",
                                                    "schema_version",
                                                    "_truncated",
                                                    "",
                                                    "\\u0061",
                                                    "l\\u006fg",
                                                    "_original_size",
                                                    "diagnostics",
                                                    "team"};
    return kNames[below(static_cast<unsigned>(kNames.size()))];
  }

  std::string object(int depth) {
    std::string text = "{";
    std::set<std::string> names;
    for (unsigned i = below(7); i > 0; --i) {
      const std::string key = name();
      std::string meant;
      append_json_unescaped(meant, key);
      if (!names.insert(meant).second) continue;
      if (text.size() > 1) text += ',';
      text += '"' + key + "\":" + value(depth + 1);
    }
    return text + "}";
  }

 private:
  std::string value(int depth) {
    const unsigned kind = depth > 3 ? 0 : below(4);
    if (kind == 1 || kind == 2) return object(depth);
    if (kind == 3) return "[" + object(depth) + "," + object(depth) + "]";
    static const std::vector<std::string> kScalars = {"1", "\"INFO\"", "\"2026-11-22T09:09:09Z\"",
                                                      "null", "\"" + std::string(90, 'x') + "\""};
    return kScalars[below(static_cast<unsigned>(kScalars.size()))];
  }
  std::mt19937 random_;
};

Settings any_settings(Objects& random) {
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
  if (random.coin()) settings.enrich.fields = {{"team", "shop"}, {"data.a", "x"}};
  if (random.coin()) settings.size_guard.max_bytes = 512;
  return settings;
}

}  // namespace

TEST_CASE("shape: a record without a repeated name never gets one", "[transform]") {
  Objects random(11);
  for (int round = 0; round < 300; ++round) {
    Shaping shaping(any_settings(random));
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
