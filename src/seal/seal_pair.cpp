#include "seal/seal_pair.hpp"

#include <algorithm>
#include <string_view>

#include "seal/seal_entry.hpp"
#include "seal/seal_reader.hpp"

namespace ship {
namespace {

/// "-20261122T101500.123Z", which rotation inserts before the extension.
constexpr std::size_t kStampSize = 21;

bool is_there(Files& files, const std::string& path) { return files.status(path).ok(); }

/// Whether the file of this name is missing, or new and still without a line.
bool is_bare(Files& files, const std::string& path) {
  const auto status = files.status(path);
  return !status.ok() || status.value().size == 0;
}

/// Whether the log file of this seal was about to get, or already has, another name.
bool is_rotating(Files& files, const std::string& seal) {
  const auto tail = read_seal_tail(files, seal);
  return tail.ok() && tail.value() && tail.value()->last.reason == "rotation";
}

/// Where the extension of the name at the end of `path` begins.
std::size_t extension_at(std::string_view path) {
  const std::string_view name = name_of(path);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? path.size() : path.size() - name.size() + dot;
}

/// The name that a rotated file (without compression suffix) had before rotation; empty if it was
/// not rotated.
std::string before_rotation(std::string plain) {
  const std::size_t extension = extension_at(plain);
  if (extension < kStampSize + 1) return {};
  const std::size_t stamp = extension - kStampSize;
  if (plain[stamp] != '-' || plain[extension - 1] != 'Z' || plain[stamp + 9] != 'T') {
    // The stamp itself contains a dot, so in a name without an extension its tail looks like one.
    if (plain.size() < kStampSize + 1 || plain[plain.size() - kStampSize] != '-') return {};
    return plain.substr(0, plain.size() - kStampSize);
  }
  return plain.erase(stamp, kStampSize);
}

/// The youngest rotated form of `log` without a seal; empty: none.
std::string youngest_without_seal(Files& files, const std::string& log) {
  std::string found;
  const auto names = files.list(directory_of(log));
  if (!names.ok()) return found;
  const std::string directory = log.substr(0, log.size() - name_of(log).size());
  for (const std::string& name : names.value()) {
    const std::string path = directory + name;
    const std::string seal = seal_path(path);
    const std::string plain = seal.substr(0, seal.size() - kSealEnding.size());
    if (name.ends_with(kSealEnding) || before_rotation(plain) != log) continue;
    if (path > found && !is_there(files, seal)) found = path;
  }
  return found;
}

SealPair pair_of_seal(Files& files, const std::string& seal) {
  const std::string plain = seal.substr(0, seal.size() - kSealEnding.size());
  if (is_bare(files, plain)) {
    if (is_rotating(files, seal)) {
      const std::string rotated = youngest_without_seal(files, plain);
      if (!rotated.empty()) return {rotated, seal};
    }
    for (const char* const suffix : {".gz", ".zst"}) {
      if (is_there(files, plain + suffix)) return {plain + suffix, seal};
    }
  }
  return {plain, seal};
}

}  // namespace

SealPair find_seal_pair(Files& files, const std::string& path) {
  if (path.ends_with(kSealEnding)) return pair_of_seal(files, path);
  const std::string seal = seal_path(path);
  if (is_there(files, seal)) {
    const bool lone = is_bare(files, path) && is_rotating(files, seal);
    return lone ? pair_of_seal(files, seal) : SealPair{path, seal};
  }
  const std::string before = before_rotation(seal.substr(0, seal.size() - kSealEnding.size()));
  if (!before.empty() && is_bare(files, before) &&
      is_rotating(files, before + std::string(kSealEnding))) {
    return {path, before + std::string(kSealEnding)};
  }
  return {path, seal};
}

}  // namespace ship
