#include "cli/load_command_line.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/memory_limit.hpp"

namespace ship {
namespace {

bool is_on(const Values& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end()) return false;
  const bool* flag = std::get_if<bool>(&found->second.value);
  return flag != nullptr && *flag;
}

}  // namespace

LoadOutcome load_and_report(const CommandLine& line, Diagnostics& diagnostics) {
  LoadRequest request;
  request.flags = line.flags;
  request.environment = process_environment();
  struct stat status {};
  request.stdin_is_regular_file =
      line.child.empty() && ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode);

  request.memory_limit = memory_limit();
  LoadOutcome outcome = load_settings(request);
  if (is_on(outcome.effective.globals, "verbose")) diagnostics.set_level(LogLevel::debug);
  if (is_on(outcome.effective.globals, "quiet")) diagnostics.set_level(LogLevel::error);
  for (const std::string& note : outcome.notes) diagnostics.log(LogLevel::debug, note);
  for (const std::string& warning : outcome.warnings) diagnostics.log(LogLevel::warning, warning);
  for (const Problem& problem : outcome.problems) diagnostics.log(LogLevel::error, problem.text());
  return outcome;
}

}  // namespace ship
