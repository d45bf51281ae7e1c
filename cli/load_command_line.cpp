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

/// The enumerator of a choice; works even for a configuration with errors, which are reported in
/// the format and from the level that it asks for.
template <class E>
E choice_of(const Values& values, const char* key, E otherwise) {
  const auto found = values.find(key);
  if (found == values.end()) return otherwise;
  const std::string* name = std::get_if<std::string>(&found->second.value);
  const SettingChoice* choice =
      name != nullptr ? found->second.setting->choices().find(*name) : nullptr;
  return choice != nullptr ? static_cast<E>(choice->number) : otherwise;
}

LogLevel log_level(const Values& values) {
  if (is_on(values, "quiet")) return LogLevel::error;
  if (is_on(values, "verbose")) return LogLevel::debug;
  return choice_of(values, "log.level", LogSettings().level);
}

}  // namespace

LoadOutcome load_and_report(const CommandLine& line, Diagnostics& diagnostics, bool again) {
  LoadRequest request;
  request.flags = line.flags;
  request.environment = process_environment();
  request.regular_files_only = again;
  struct stat status {};
  request.stdin_is_regular_file =
      line.child.empty() && ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode);

  request.memory_limit = memory_limit();
  LoadOutcome outcome = load_settings(request);
  diagnostics.set_format(choice_of(outcome.effective.globals, "log.format", LogSettings().format));
  diagnostics.set_level(log_level(outcome.effective.globals));
  if (!line.misplaced.empty() && !again) {
    diagnostics.log(LogLevel::warning, line.misplaced + " comes after --, so " +
                                           line.child.front() +
                                           " gets it; options of fapilog-ship go before --");
  }
  for (const std::string& note : outcome.notes) diagnostics.log(LogLevel::debug, note);
  for (const std::string& warning : outcome.warnings) diagnostics.log(LogLevel::warning, warning);
  for (const Problem& problem : outcome.problems) diagnostics.log(LogLevel::error, problem.text());
  return outcome;
}

}  // namespace ship
