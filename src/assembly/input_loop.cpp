#include "assembly/input_loop.hpp"

#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "sinks/file/file_settings.hpp"
#include "sinks/terminal/stdout_settings.hpp"

namespace ship {
namespace {

struct Place {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const Place&) const = default;
};

std::optional<Place> regular(int failed, const struct stat& status) {
  if (failed != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return Place{status.st_dev, status.st_ino};
}

std::optional<Place> place_of(const std::string& path) {
  struct stat status {};
  return regular(::stat(path.c_str(), &status), status);
}

std::optional<Place> place_of(int descriptor) {
  struct stat status {};
  return regular(::fstat(descriptor, &status), status);
}

using Output = std::pair<Place, std::string>;

std::vector<Output> outputs_of(const Settings& settings) {
  std::vector<Output> outputs;
  const auto add = [&outputs](std::optional<Place> place, std::string what) {
    if (place) outputs.emplace_back(*place, std::move(what));
  };
  for (const SinkSettings& sink : settings.sinks) {
    if (const auto* file = sink.kind.get<FileSinkSettings>()) {
      add(place_of(file->path), "the output of sink " + sink.name);
    } else if (sink.kind.get<StdoutSinkSettings>() != nullptr) {
      add(place_of(STDOUT_FILENO), "standard output");
    }
  }
  if (!settings.dead_letter.path.empty()) {
    add(place_of(settings.dead_letter.path), "the file of the dead letters");
  }
  return outputs;
}

}  // namespace

std::optional<std::string> own_output(const Settings& settings, const struct stat& status) {
  const std::optional<Place> place = regular(0, status);
  for (auto& [output, what] : outputs_of(settings)) {
    if (place == output) return what;
  }
  return std::nullopt;
}

Result<void> check_for_loop(const Settings& settings) {
  if (!settings.child.command.empty() || !settings.input.dead_letters.empty()) return {};
  const std::vector<Output> outputs = outputs_of(settings);
  std::vector<std::string> inputs = settings.input.paths;
  if (inputs.empty()) inputs.emplace_back("-");
  for (const std::string& input : inputs) {
    const bool standard = input == "-";
    const std::optional<Place> place = standard ? place_of(STDIN_FILENO) : place_of(input);
    if (!place) continue;
    for (const auto& [output, what] : outputs) {
      if (*place != output) continue;
      return Error{ErrorKind::config, (standard ? "standard input" : "input " + input) +
                                          " is the same file as " + what +
                                          ": it would be read and written without end"};
    }
  }
  return {};
}

}  // namespace ship
