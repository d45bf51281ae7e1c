// Redaction: of any record the result is one JSON object again, and redacting it again changes
// nothing more.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "record/probe.hpp"
#include "stage/redact/redactor.hpp"

namespace {

std::shared_ptr<const ship::RedactionPlan> plan() {
  ship::RedactSettings settings;
  settings.presets = {"credentials", "pii"};
  settings.fields = {"data.*.id", "secret*"};
  settings.patterns = {{"order", "ORD-[0-9]{4}"}};
  return ship::RedactionPlan::compile(settings).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ship::Redactor redactor(plan());
  static ship::Probe probe;
  static ship::Arena arena;
  const std::string line(reinterpret_cast<const char*>(data), size);
  if (line.empty() || line.find('\n') != std::string::npos) return 0;
  const bool valid = probe.probe(line).fault == ship::Fault::none;
  ship::Record record;
  record.line = line;
  arena.reset();
  const auto outcome = redactor.apply(record, arena);
  if (!valid) return 0;
  const std::string once(record.line);
  if (outcome == ship::Transform::Outcome::unchanged && once != line) std::abort();
  if (probe.probe(once).fault != ship::Fault::none) std::abort();
  record.line = once;
  arena.reset();
  redactor.apply(record, arena);
  if (probe.probe(record.line).fault != ship::Fault::none) std::abort();
  return 0;
}
