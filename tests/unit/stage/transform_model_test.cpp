#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "record/json_unescape.hpp"
#include "record/probe.hpp"
#include "settings/settings.hpp"
#include "stage/pipeline.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

struct Member;

/// JSON as a tree that keeps every token as it is written: the obvious way to change a record.
struct Tree {
  enum class Kind { scalar, object, array };
  Kind kind = Kind::scalar;
  std::string token;            ///< of a scalar
  std::vector<Member> members;  ///< keys without quotes, as written
  std::vector<Tree> elements;

  std::string text() const;
};

struct Member {
  std::string key;
  Tree value;
};

std::string Tree::text() const {
  std::string out;
  if (kind == Kind::scalar) return token;
  if (kind == Kind::array) {
    for (const Tree& element : elements) out += (out.empty() ? "" : ",") + element.text();
    return "[" + out + "]";
  }
  for (const auto& [key, value] : members) {
    out += (out.empty() ? "\"" : ",\"") + key + "\":" + value.text();
  }
  return "{" + out + "}";
}

std::string name_of(const std::string& key) {
  std::string out;
  append_json_unescaped(out, key);
  return out;
}

/// Calls `change` with every object of the tree, the outermost first.
void each_object(Tree& tree, const std::function<void(Tree&)>& change) {
  if (tree.kind == Tree::Kind::object) change(tree);
  for (auto& [key, value] : tree.members) each_object(value, change);
  for (Tree& element : tree.elements) each_object(element, change);
}

/// Random trees with what makes trouble: numbers that no double holds, escapes, duplicate keys.
class Trees {
 public:
  explicit Trees(unsigned seed) : random_(seed) {}

  Tree object(int depth) {
    Tree tree;
    tree.kind = Tree::Kind::object;
    for (int i = below(6); i > 0; --i) tree.members.push_back({pick(kKeys), value(depth)});
    return tree;
  }

 private:
  static inline const std::vector<std::string> kKeys = {
      "password", "pass\\u0077ord", "gone", "old", "o\\u006cd", "a", "b.c",
      "",         "\\\"q\\\"",      "é",    "n",   "list",      "k", "team"};
  static inline const std::vector<std::string> kScalars = {"1.0",
                                                           "1e3",
                                                           "12345678901234567890",
                                                           "-0",
                                                           "1.50E-07",
                                                           "true",
                                                           "null",
                                                           "\"\"",
                                                           "\"x\"",
                                                           "0",
                                                           "\"\\u00e9\\n\\/\"",
                                                           "\"{\\\"a\\\":1}\"",
                                                           "\"é\"",
                                                           "false",
                                                           "\"password\"",
                                                           "[]",
                                                           "{}",
                                                           "\"a,b}]\""};

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  const std::string& pick(const std::vector<std::string>& from) {
    return from[random_() % from.size()];
  }
  Tree value(int depth) {
    const int choice = depth > 3 ? 0 : below(4);
    if (choice == 1) return object(depth + 1);
    Tree tree;
    if (choice == 2) {
      tree.kind = Tree::Kind::array;
      for (int i = below(4); i > 0; --i) tree.elements.push_back(value(depth + 1));
      return tree;
    }
    tree.token = pick(kScalars);
    if (tree.token == "{}") tree.kind = Tree::Kind::object;
    if (tree.token == "[]") tree.kind = Tree::Kind::array;
    return tree;
  }

  std::mt19937 random_;
};

/// What the pipeline of `settings` makes of a line.
class Machine {
 public:
  explicit Machine(const Settings& settings) : pipeline_(compiled(settings)) {}

  std::string operator()(const std::string& line) {
    const Finding found = probe_.probe(line);
    REQUIRE(found.fault == Fault::none);
    Record record;
    record.line = line;
    arena_.reset();
    outcome = pipeline_.process(record, arena_);
    const std::string out(record.line);
    INFO(line);
    INFO(out);
    CHECK(probe_.probe(out).fault == Fault::none);
    CHECK((outcome == Pipeline::Outcome::changed) == (out != line));
    return out;
  }
  Pipeline::Outcome outcome = Pipeline::Outcome::unchanged;

 private:
  static std::shared_ptr<const PipelinePlan> compiled(const Settings& settings) {
    auto plan = PipelinePlan::compile(settings);
    if (!plan) FAIL(plan.error().message);
    return plan.value();
  }
  Pipeline pipeline_;
  Probe probe_;
  Arena arena_;
};

/// Compares machine and model on many trees.
void agree(const Settings& settings, const std::function<void(Tree&)>& model) {
  Trees trees(7);
  Machine machine(settings);
  for (int i = 0; i < 3000; ++i) {
    Tree tree = trees.object(0);
    const std::string line = tree.text();
    model(tree);
    INFO(line);
    REQUIRE(machine(line) == tree.text());
  }
}

void mask_password(Tree& object) {
  for (auto& [key, value] : object.members) {
    if (name_of(key) != "password") continue;
    if (value.kind == Tree::Kind::scalar && (value.token == "null" || value.token == "\"\""))
      continue;
    value = Tree{Tree::Kind::scalar, "\"***\"", {}, {}};
  }
}

void remove_gone(Tree& object) {
  std::erase_if(object.members, [](const auto& member) { return name_of(member.key) == "gone"; });
}

void rename_old(Tree& object) {
  int renamed = 0;
  for (auto& [key, value] : object.members) {
    if (name_of(key) != "old") continue;
    key = ++renamed == 1 ? "new" : "new_" + std::to_string(renamed);
  }
}

void add_team(Tree& root) {
  for (const auto& [key, value] : root.members) {
    if (name_of(key) == "team") return;
  }
  root.members.push_back({"team", Tree{Tree::Kind::scalar, "\"shop\"", {}, {}}});
}

}  // namespace

TEST_CASE("transform: redacting a field changes that field alone, as the obvious way does",
          "[transform]") {
  Settings settings;
  settings.redact.fields = {"password"};
  agree(settings, [](Tree& root) { each_object(root, mask_password); });
}

TEST_CASE("transform: removing and renaming fields changes nothing else", "[transform]") {
  Settings settings;
  settings.shape.remove = {"gone"};
  settings.shape.rename = {{"old", "new"}};
  agree(settings, [](Tree& root) {
    each_object(root, remove_gone);
    each_object(root, rename_old);
  });
}

TEST_CASE("transform: a static field is added where the root lacks it", "[transform]") {
  Settings settings;
  settings.enrich.fields = {{"team", "shop"}};
  agree(settings, add_team);
}

TEST_CASE("transform: all stages in their order are the stages one by one", "[transform]") {
  Settings settings;
  settings.enrich.fields = {{"team", "shop"}};
  settings.redact.fields = {"password"};
  settings.redact.presets = {"credentials"};
  settings.redact.actions = {{"assignment", RedactAction::mask}};
  settings.shape.remove = {"gone"};
  settings.shape.rename = {{"old", "new"}};
  agree(settings, [](Tree& root) {
    add_team(root);
    each_object(root, mask_password);
    each_object(root, remove_gone);
    each_object(root, rename_old);
  });
}

TEST_CASE("transform: with every stage set, what none of them changes stays byte for byte",
          "[transform]") {
  Settings settings;
  settings.redact.presets = {"credentials", "pii", "pci", "hipaa", "gdpr", "contact", "financial"};
  settings.redact.patterns = {{"order", "ORD-[0-9]{6}"}};
  settings.shape.remove = {"gone"};
  settings.shape.rename = {{"old", "new"}};
  settings.size_guard.max_bytes = 4096;
  Machine machine(settings);
  for (
      const std::string line :
      {R"({"level":"INFO","message":"all well","n":1.0,"big":12345678901234567890})",
       R"( { "a" : [ 1 , 2e3 , "\u00e9" ] , "a" : { } } )", R"({})",
       R"({"log":{"level":"ERROR","message":"caf\u00e9","data":{"status":503}},"schema_version":"1.1"})"}) {
    CHECK(machine(line) == line);
    CHECK(machine.outcome == Pipeline::Outcome::unchanged);
  }
}

TEST_CASE("shape: the envelope comes off, and what stood beside it moves to the end",
          "[transform]") {
  Settings settings;
  settings.shape.envelope = ShapeSettings::Envelope::unwrap;
  Machine unwrap(settings);
  CHECK(unwrap(R"({"x":1,"log":{"level":"INFO","data":{"a":{"b":1.0}}},"schema_version":"1.1"})") ==
        R"({"level":"INFO","data":{"a":{"b":1.0}},"x":1})");
  CHECK(unwrap(R"({"level":"INFO"})") == R"({"level":"INFO"})");
  settings.shape.envelope = ShapeSettings::Envelope::flatten;
  Machine flatten(settings);
  CHECK(flatten(R"({"log":{"level":"INFO","data":{"a":{"b":1.0},"e":{},"l":[{"c":1}]}}})") ==
        R"({"level":"INFO","data.a.b":1.0,"data.e":{},"data.l":[{"c":1}]})");
}

TEST_CASE("shape: only what is to be kept stays, with the objects around it", "[transform]") {
  Settings settings;
  settings.shape.keep = {"level", "data.user.id"};
  Machine machine(settings);
  CHECK(
      machine(
          R"({"log":{"a":1,"level":"INFO","data":{"user":{"id":1e3,"name":"x"},"z":2}},"s":1})") ==
      R"({"log":{"level":"INFO","data":{"user":{"id":1e3}}}})");
}

TEST_CASE("shape: levels and times are written as asked", "[transform]") {
  Settings settings;
  settings.shape.levels = {{"WARNING", "warn"}};
  settings.shape.timestamp = ShapeSettings::Timestamp::epoch_ms;
  auto plan = PipelinePlan::compile(settings);
  REQUIRE(plan);
  Pipeline pipeline(plan.value());
  Arena arena;
  const std::string line = R"({"level":"WARNING","time":"2026-11-22T09:09:09.624Z"})";
  const Finding found = Probe().probe(line);
  Record record{line, found.time, found.level, found.level_size, false, found.level_at};
  REQUIRE(pipeline.process(record, arena) == Pipeline::Outcome::changed);
  CHECK(record.line == R"({"level":"warn","time":1795338549624})");
  CHECK(record.level_name() == "warn");
}

TEST_CASE("size guard: the longest texts give way, the message and the ids last", "[transform]") {
  Settings settings;
  settings.size_guard.max_bytes = 600;
  Machine machine(settings);
  const std::string line = R"({"level":"ERROR","message":"it broke","trace_id":"abc","blob":")" +
                           std::string(5000, 'x') + R"(","short":"y"})";
  const std::string out = machine(line);
  CHECK(out.size() <= 600);
  CHECK(out.find(R"("level":"ERROR","message":"it broke","trace_id":"abc","blob":"xxx)") == 1);
  CHECK(out.find(R"("short":"y","_truncated":true,"_original_size":)" +
                 std::to_string(line.size())) != std::string::npos);
  settings.size_guard.action = SizeGuardSettings::Action::drop;
  Machine dropping(settings);
  dropping(line);
  CHECK(dropping.outcome == Pipeline::Outcome::too_large);
}

TEST_CASE("shape: a time keeps its nanoseconds where it has some", "[transform]") {
  Settings settings;
  settings.shape.timestamp = ShapeSettings::Timestamp::rfc3339;
  Machine machine(settings);
  CHECK(machine(R"({"time":"2026-11-22T11:09:09.624000001+02:00"})") ==
        R"({"time":"2026-11-22T09:09:09.624000001Z"})");
  CHECK(machine(R"({"time":1795338549624})") == R"({"time":"2026-11-22T09:09:09.624Z"})");
}

TEST_CASE("size guard: a record of just the limit is left alone", "[transform]") {
  Settings settings;
  settings.size_guard.max_bytes = 512;
  Machine machine(settings);
  std::string line = R"({"level":"INFO","message":")";
  line += std::string(512 - line.size() - 2, 'm') + "\"}";
  REQUIRE(line.size() == 512);
  CHECK(machine(line) == line);
  line.insert(line.size() - 2, "m");
  CHECK(machine(line) != line);
}

TEST_CASE("size guard: every record comes out at or below the limit, as JSON, with its level",
          "[transform]") {
  Settings settings;
  settings.size_guard.max_bytes = 512;
  Machine machine(settings);
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    std::string line = R"({"level":"ERROR","message":")" + std::string(random() % 900, 'm') + "\"";
    for (unsigned k = 0; k < random() % 40; ++k) {
      line += ",\"k" + std::to_string(k) + "\":\"" + std::string(random() % 200, 'v') + "\\n\"";
    }
    line += "}";
    const std::string out = machine(line);
    CHECK(out.size() <= 512u);
    CHECK(out.find(R"("level":"ERROR")") != std::string::npos);
  }
}
