#include "cli/replay.hpp"

#include <filesystem>

#include "assembly/ship.hpp"

namespace ship {
namespace {

namespace fs = std::filesystem;

/// A spool is processed until it is empty or a signal comes.
constexpr std::chrono::hours kNoHurry{24 * 365};

/// The directory without a trailing slash, so that its last name can be compared.
std::string plain(const std::string& path) {
  const fs::path absolute = fs::absolute(path).lexically_normal();
  return (absolute.has_filename() ? absolute : absolute.parent_path()).string();
}

Result<void> take_spool(Settings& settings, const std::string& given) {
  const std::string directory = plain(given);
  const std::string parent = fs::path(directory).parent_path().string();
  std::string names;
  bool found = false;
  for (SinkSettings& sink : settings.sinks) {
    names += (names.empty() ? "" : ", ") + sink.name;
    for (const std::string& base : {directory, parent}) {
      const std::string own = Ship::spool_directory(base, sink.name);
      std::error_code error;
      const bool meant = base == directory ? fs::is_directory(own, error) : own == directory;
      if (!meant) continue;
      sink.spool.dir = base;
      if (sink.spool.mode == SpoolMode::off) sink.spool.mode = SpoolMode::overflow;
      sink.delivery.drain_timeout = kNoHurry;
      found = true;
    }
  }
  if (found) return {};
  return Error{ErrorKind::config, given + " is not the spool of any sink of this configuration (" +
                                      names + "): name a sink as it was named when it was written"};
}

}  // namespace

Result<void> prepare_replay(Settings& settings, const std::vector<std::string>& paths) {
  if (paths.empty()) {
    return Error{ErrorKind::usage, "replay needs the paths of dead-letter files or of a spool"};
  }
  for (SinkSettings& sink : settings.sinks) {
    // The spool of the configuration may be in use by a running shipper.
    sink.spool.dir.clear();
    sink.queue.drop_on_full = false;
  }
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      if (auto taken = take_spool(settings, path); !taken) return taken;
    } else {
      settings.input.dead_letters.push_back(path);
    }
  }
  if (settings.input.dead_letters.empty()) {
    settings.input.paths = {"/dev/null"};
  } else if (settings.dead_letter.path.empty()) {
    settings.dead_letter.path = settings.input.dead_letters.front();
  }
  return {};
}

}  // namespace ship
