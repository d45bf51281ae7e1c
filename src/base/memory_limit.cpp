#include "base/memory_limit.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace ship {
namespace {

/// Version 1 expresses "no limit" as a number near 2^63.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;

std::optional<std::uint64_t> read_limit(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!(file >> text)) return std::nullopt;
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc{} || end != text.data() + text.size() || bytes >= kNoLimit) {
    return std::nullopt;
  }
  return bytes;
}

/// The lowest limit of the group and all its ancestors. In a container the mount may show the group
/// itself as its root, so the path in /proc/self/cgroup does not exist below it: the root is always
/// checked too.
std::optional<std::uint64_t> lowest_limit(const std::string& mount, std::string group,
                                          const std::string& file) {
  std::optional<std::uint64_t> lowest;
  while (true) {
    if (const auto limit = read_limit(mount + group + "/" + file)) {
      lowest = std::min(lowest.value_or(*limit), *limit);
    }
    if (group.empty() || group == "/") return lowest;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

}  // namespace

std::optional<std::uint64_t> memory_limit(const std::string& root) {
  std::ifstream groups(root + "/proc/self/cgroup");
  std::string line;
  std::optional<std::uint64_t> lowest;
  while (std::getline(groups, line)) {
    // hierarchy-ID:controllers:path; version 2 has no controllers.
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    std::optional<std::uint64_t> limit;
    if (controllers == ",,") {
      limit = lowest_limit(root + "/sys/fs/cgroup", group, "memory.max");
    } else if (controllers.find(",memory,") != std::string::npos) {
      limit = lowest_limit(root + "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    }
    if (limit) lowest = std::min(lowest.value_or(*limit), *limit);
  }
  return lowest;
}

}  // namespace ship
