#include "assembly/reader_options.hpp"

#include <unistd.h>

#include "sinks/terminal/stdout_format.hpp"

namespace ship {
namespace {

/// Whether a person at the terminal sees a command's prompts and can answer.
bool sees_prompts(const Settings& settings) {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 &&
         settings.writes_to_standard_output();
}

}  // namespace

Readers::Options reader_options(const Settings& settings, const std::vector<OpenInput>& inputs,
                                RecordNumbers& numbers) {
  const bool keep_colors = settings.sinks.size() == 1 && keeps_colors(settings.sinks.front().kind);
  return {settings.input, {}, keep_colors, !inputs.empty() && sees_prompts(settings), &numbers};
}

}  // namespace ship
