#pragma once

#include <string>
#include <utility>
#include <vector>

#include "record/json_unescape.hpp"
#include "record/probe.hpp"
#include "stage/redact/redactor.hpp"
#include "tests/catch.hpp"

namespace ship::test {

/// The redaction that `settings` ask for, of single lines. What comes out is one JSON object again.
class Redaction {
 public:
  explicit Redaction(const RedactSettings& settings) : redactor_(compiled(settings)) {}

  std::string operator()(const std::string& line) {
    const Finding found = probe_.probe(line);
    REQUIRE(found.fault == Fault::none);
    record = {line, found.time, found.level, found.level_size, false, found.level_at};
    arena_.reset();
    outcome = redactor_.apply(record, arena_);
    const std::string out(record.line);
    INFO(out);
    CHECK(probe_.probe(out).fault == Fault::none);
    CHECK((outcome == Transform::Outcome::changed) == (out != line));
    return out;
  }

  Redactor& redactor() { return redactor_; }

  Record record;
  Transform::Outcome outcome = Transform::Outcome::failed;

 private:
  static std::shared_ptr<const RedactionPlan> compiled(const RedactSettings& settings) {
    auto plan = RedactionPlan::compile(settings);
    if (!plan) FAIL(plan.error().message);
    return plan.value();
  }
  Redactor redactor_;
  Arena arena_;
  Probe probe_;
};

inline RedactSettings presets(std::vector<std::string> names,
                              RedactAction action = RedactAction::mask) {
  RedactSettings settings;
  settings.presets = std::move(names);
  settings.action = action;
  settings.hash_key = Secret::literal("key");
  return settings;
}

inline RedactSettings fields(std::vector<std::string> paths,
                             RedactAction action = RedactAction::mask) {
  RedactSettings settings = presets({}, action);
  settings.fields = std::move(paths);
  return settings;
}

inline RedactSettings pattern(const std::string& regex, RedactAction action = RedactAction::mask) {
  RedactSettings settings = presets({}, action);
  settings.patterns = {{"mine", regex}};
  return settings;
}

/// Whether the secret can be read in the line, with up to four layers of escapes undone.
inline bool shows(std::string line, const std::string& secret) {
  for (int layer = 0; layer < 4; ++layer) {
    if (line.find(secret) != std::string::npos) return true;
    std::string plain;
    append_json_unescaped(plain, line);
    line = std::move(plain);
  }
  return false;
}

}  // namespace ship::test
