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

/// Also of a configuration with errors, which are told in the form and from the level it asks for.
std::string text_of(const Values& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end()) return {};
  const std::string* text = std::get_if<std::string>(&found->second.value);
  return text != nullptr ? *text : std::string();
}

LogSettings::Format log_format(const Values& values) {
  const std::string format = text_of(values, "log.format");
  if (format == "text") return LogSettings::Format::text;
  if (format == "json") return LogSettings::Format::json;
  if (format == "journal") return LogSettings::Format::journal;
  return LogSettings::Format::automatic;
}

LogLevel log_level(const Values& values) {
  if (is_on(values, "quiet")) return LogLevel::error;
  if (is_on(values, "verbose")) return LogLevel::debug;
  const std::string level = text_of(values, "log.level");
  if (level == "debug") return LogLevel::debug;
  if (level == "warning") return LogLevel::warning;
  return level == "error" ? LogLevel::error : LogLevel::info;
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
  diagnostics.set_format(log_format(outcome.effective.globals));
  diagnostics.set_level(log_level(outcome.effective.globals));
  for (const std::string& note : outcome.notes) diagnostics.log(LogLevel::debug, note);
  for (const std::string& warning : outcome.warnings) diagnostics.log(LogLevel::warning, warning);
  for (const Problem& problem : outcome.problems) diagnostics.log(LogLevel::error, problem.text());
  return outcome;
}

}  // namespace ship
