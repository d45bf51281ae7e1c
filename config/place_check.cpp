#include "config/place_check.hpp"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/kernel_directory.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr const char* kNoStart = "; fapilog-ship will not start without it";
constexpr const char* kWaits =
    "; until it is there, the sink sends nothing and its lines wait in the queue";

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Why the file cannot be read; empty: it can.
std::string why_not_readable(const std::string& path) {
  if (path == "-" || path.find(':') != std::string::npos) return {};
  if (is_directory(path)) return path + " is a directory, expected a file";
  if (::access(path.c_str(), R_OK) == 0) return {};
  return "cannot read " + path + ": " + std::strerror(errno);
}

/// Why no file, or directory, can be made at the path; empty: one can, or it is there.
std::string why_not_writable(const std::string& path, bool wants_directory) {
  if (!wants_directory && is_directory(path)) return path + " is a directory, expected a file";
  if (::access(path.c_str(), W_OK) == 0) return {};
  if (errno != ENOENT) return "cannot write " + path + ": " + std::strerror(errno);
  const std::string directory = directory_of(path);
  if (is_kernel_directory(directory)) return "no file can be made in " + directory;
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return {};
  return errno == ENOENT
             ? "the directory " + directory + " does not exist here; create it, or correct the path"
             : "cannot write in the directory " + directory + ": " + std::strerror(errno);
}

/// `password_file` beside `password`: read again and again while the program runs.
bool is_secret_file(std::string_view key, const SinkType* type) {
  if (!key.ends_with("_file") || type == nullptr) return false;
  const Setting* const twin = find_in_sink(*type, key.substr(0, key.size() - 5));
  return twin != nullptr && twin->type() == SettingType::secret;
}

/// Whether an input that is not there is waited for, or made, and may be a pattern.
bool inputs_may_come(const Values& values) {
  const auto follow = values.find("input.follow");
  const auto* const follows =
      follow == values.end() ? nullptr : std::get_if<bool>(&follow->second.value);
  const auto fifo = values.find("input.fifo");
  const auto* const what =
      fifo == values.end() ? nullptr : std::get_if<std::string>(&fifo->second.value);
  return (follows != nullptr && *follows) || (what != nullptr && *what == "make");
}

/// Looks at the values of the top, or of one sink.
class Places {
 public:
  Places(std::string prefix, const SinkType* type, std::vector<Problem>& missing)
      : prefix_(std::move(prefix)), type_(type), missing_(missing) {}

  void check(const Values& values) {
    const bool waits_for_inputs = inputs_may_come(values);
    for (const auto& [key, given] : values) {
      if (given.inherited || given.origin.source == Origin::Source::built_in) continue;
      if (const auto* paths = std::get_if<std::vector<std::string>>(&given.value);
          paths != nullptr && given.setting->type() == SettingType::paths) {
        for (const std::string& path : *paths) {
          if (waits_for_inputs && ::access(path.c_str(), F_OK) != 0) continue;
          find(key, given, why_not_readable(path), false);
        }
      }
      const auto* path = std::get_if<std::string>(&given.value);
      // The sink that `output` names is looked at below.
      const bool is_place = path != nullptr && given.setting->type() == SettingType::path &&
                            key != "config" && key != "output";
      if (!is_place) continue;
      const bool is_read = key.ends_with("_file");
      const bool wants_directory = key == "keep" || key.ends_with(".dir");
      find(key, given, is_read ? why_not_readable(*path) : why_not_writable(*path, wants_directory),
           is_secret_file(key, type_));
    }
  }

 private:
  void find(const std::string& key, const Given& given, const std::string& why, bool waits) {
    if (why.empty()) return;
    missing_.push_back({given.origin, prefix_ + key, why + (waits ? kWaits : kNoStart)});
  }

  std::string prefix_;
  const SinkType* type_;
  std::vector<Problem>& missing_;
};

}  // namespace

std::vector<Problem> missing_places(const Effective& effective) {
  std::vector<Problem> missing;
  Places("", nullptr, missing).check(effective.globals);
  for (const SinkValues& sink : effective.sinks) {
    const std::string prefix = "sinks." + sink.name + ".";
    Places(prefix, sink.url.type, missing).check(sink.values);
    if (sink.url.type->form != UrlForm::path || sink.url.address.empty()) continue;
    if (const std::string why = why_not_writable(sink.url.address, false); !why.empty()) {
      missing.push_back({sink.origin, prefix + "url", why + kWaits});
    }
  }
  sort_problems(missing);
  return missing;
}

}  // namespace ship
