#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "assembly/stage_check.hpp"
#include "base/fd.hpp"
#include "config/build_settings.hpp"
#include "config/effective.hpp"
#include "config/memory_budget.hpp"
#include "config/presets.hpp"
#include "rows/nearest.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::size_t kMaxFileBytes = 1u << 20;

struct ConfigFile {
  std::string path;
  Origin named_by;
};

Result<std::string> read_file(const std::string& path, bool regular_only) {
  const auto failed = [](int error) {
    return Error{ErrorKind::config, std::string("cannot read it: ") + std::strerror(error)};
  };
  const int wait = regular_only ? O_NONBLOCK : 0;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | wait));
  if (!fd) return failed(errno);
  struct stat status {};
  if (regular_only && (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))) {
    return Error{ErrorKind::config, "cannot read it: not a regular file"};
  }
  std::string text;
  std::array<char, 16384> block;
  while (text.size() <= kMaxFileBytes) {
    const ssize_t n = ::read(fd.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    if (n == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return Error{ErrorKind::config, "larger than 1 MB"};
}

std::vector<ConfigFile> files_to_read(const LoadRequest& request) {
  std::vector<ConfigFile> files;
  std::uint32_t index = 0;
  for (const GivenFlag& flag : request.flags) {
    ++index;
    if (flag.setting->key != "config") continue;
    files.push_back({flag.text, Origin{Origin::Source::flag, index, "--config", 0, 0}});
  }
  if (!files.empty()) return files;
  const std::string name = environment_name(*find_flag("config"));
  const auto variable = request.environment.find(name);
  if (variable != request.environment.end() && !variable->second.empty()) {
    std::string_view rest = variable->second;
    while (!rest.empty()) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) {
        files.push_back({std::string(rest.substr(0, colon)),
                         Origin{Origin::Source::environment, 0, name, 0, 0}});
      }
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    return files;
  }
  if (!request.default_file.empty() && ::access(request.default_file.c_str(), F_OK) == 0) {
    files.push_back({request.default_file, Origin{}});
  }
  return files;
}

/// The preset's name and where it was given: flag, environment, or the last file that names one.
Given find_preset(const LoadRequest& request, const Values& of_files) {
  const Setting& row = *find_flag("preset");
  Given given{&row, Value(std::string()), Origin{}};
  const auto in_file = of_files.find("preset");
  if (in_file != of_files.end()) given = in_file->second;
  const std::string name = environment_name(row);
  const auto variable = request.environment.find(name);
  if (variable != request.environment.end() && !variable->second.empty()) {
    given.value = variable->second;
    given.origin = Origin{Origin::Source::environment, 0, name, 0, 0};
  }
  std::uint32_t index = 0;
  for (const GivenFlag& flag : request.flags) {
    ++index;
    if (flag.setting != &row) continue;
    given.value = flag.text;
    given.origin = Origin{Origin::Source::flag, index, "--preset", 0, 0};
  }
  return given;
}

const Preset* find_preset_text(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

/// Whether a problem of the key, of an entry of its map or of its `_file` twin is known already.
bool has_problem(const Sources& sources, const std::string& key) {
  return std::any_of(sources.problems.begin(), sources.problems.end(), [&](const Problem& problem) {
    return problem.key == key || problem.key.starts_with(key + ".") ||
           problem.key.starts_with(key + "_file");
  });
}

/// Reports the stages' faults at the place where the setting was given.
void report_stage_faults(const Settings& settings, const Effective& effective, Sources& sources) {
  for (const StageFault& fault : check_stages(settings)) {
    const Values* values = &effective.globals;
    std::string prefix;
    for (const SinkValues& sink : effective.sinks) {
      if (sink.name != fault.sink) continue;
      values = &sink.values;
      prefix = "sinks." + sink.name + ".";
    }
    const auto given = values->find(fault.key);
    if (given == values->end()) {
      // What is wrong may follow from a value that could not be read.
      if (!has_problem(sources, fault.key)) sources.report(Origin{}, fault.key, fault.message);
    } else if (prefix.empty() || !given->second.inherited) {
      sources.report(given->second.origin, prefix + fault.key, fault.message);
    }
  }
}

}  // namespace

namespace {

/// `; did you mean app.toml?`, where that is there instead of `path`; else empty.
std::string near_file(const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) return {};
  const std::filesystem::path wanted(path);
  const std::filesystem::path directory = wanted.parent_path();
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(directory.empty() ? "." : directory, error)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem());
  }
  const std::string near = nearest(wanted.stem().string(), names);
  return near.empty() ? "" : "; did you mean " + (directory / (near + ".toml")).string() + "?";
}

}  // namespace

LoadOutcome load_settings(const LoadRequest& request) {
  struct Text {
    Origin source;
    std::string toml;
  };
  Sources sources(request.environment);
  std::vector<Text> texts;
  std::uint32_t index = 0;
  for (const ConfigFile& file : files_to_read(request)) {
    Result<std::string> text = read_file(file.path, request.regular_files_only);
    const Origin source{Origin::Source::file, ++index, file.path, 0, 0};
    if (text) {
      sources.notes.push_back("reading settings from " + file.path);
      texts.push_back({source, std::move(text).value()});
    } else {
      sources.report(source, "", text.error().message + near_file(file.path));
    }
  }

  // A file may name the preset that it overrides, so the files are searched for it first.
  Sources preview(request.environment);
  for (const Text& text : texts) preview.read_toml(text.toml, text.source);
  Given preset = find_preset(request, preview.values);
  std::string name = std::get<std::string>(preset.value);
  if (!name.empty()) {
    // The flag and the variable are still raw texts.
    if (const Result<Value> known = value_from_text(*preset.setting, name)) {
      preset.value = known.value();
      name = std::get<std::string>(preset.value);
    }
    if (const Preset* found = find_preset_text(name)) {
      sources.read_toml(found->toml, Origin{Origin::Source::preset, 0, name, 0, 0});
    } else {
      std::vector<std::string> known;
      for (const SettingChoice& choice : preset.setting->choices()) known.emplace_back(choice.name);
      sources.report(preset.origin, "preset",
                     "found " + toml_string(name) + ", expected " + expectation(*preset.setting) +
                         did_you_mean(name, known));
    }
  }
  for (const Text& text : texts) sources.read_toml(text.toml, text.source);
  if (!name.empty()) sources.values["preset"] = preset;
  sources.read_environment();
  sources.read_flags(request.flags);

  LoadOutcome outcome;
  outcome.effective = make_effective(sources, {request.stdin_is_regular_file});
  fit_memory(outcome.effective, request.memory_limit, sources);
  check_rules(outcome.effective, sources);
  outcome.settings = build_settings(outcome.effective, sources);
  report_stage_faults(*outcome.settings, outcome.effective, sources);
  outcome.problems = std::move(sources.problems);
  outcome.warnings = std::move(sources.warnings);
  outcome.notes = std::move(sources.notes);
  sort_problems(outcome.problems);
  const auto same = [](const Problem& a, const Problem& b) { return a.text() == b.text(); };
  outcome.problems.erase(std::unique(outcome.problems.begin(), outcome.problems.end(), same),
                         outcome.problems.end());
  if (!outcome.problems.empty()) outcome.settings.reset();
  return outcome;
}

}  // namespace ship
