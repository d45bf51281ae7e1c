#include "sinks/file/rotation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/files.hpp"

namespace ship {
namespace {

constexpr std::string_view kTemporary = ".tmp";

std::string stamp_of(WallNanos time) {
  const WallNanos ms = time / 1'000'000;
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text.data();
}

bool is_stamp(std::string_view text) {
  constexpr std::string_view kForm = "00000000T000000.000Z";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return false;
  }
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (text.size() < suffix.size() || text.substr(text.size() - suffix.size()) != suffix) {
    return false;
  }
  text.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::string_view compression_suffix(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return ".gz";
    case Compression::zstd:
      return ".zst";
    case Compression::none:
      break;
  }
  return {};
}

RotatedNames::RotatedNames(std::string_view path) : directory_(directory_of(path)) {
  const std::string_view name = name_of(path);
  const std::size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot != 0;
  stem_ = std::string(has_extension ? name.substr(0, dot) : name) + "-";
  if (has_extension) extension_ = name.substr(dot);
}

std::string RotatedNames::path_at(WallNanos time) const {
  return directory_ + (directory_ == "/" ? "" : "/") + stem_ + stamp_of(time) + extension_;
}

std::optional<RotatedNames::Parsed> RotatedNames::parse(std::string_view name) const {
  Parsed parsed;
  parsed.temporary = take_suffix(name, kTemporary);
  for (const Compression compression : {Compression::gzip, Compression::zstd}) {
    if (take_suffix(name, compression_suffix(compression))) {
      parsed.compression = compression;
      break;
    }
  }
  if (parsed.temporary && parsed.compression == Compression::none) return std::nullopt;
  if (!take_suffix(name, extension_)) return std::nullopt;
  if (name.substr(0, stem_.size()) != stem_) return std::nullopt;
  name.remove_prefix(stem_.size());
  if (!is_stamp(name)) return std::nullopt;
  parsed.stamp = name;
  return parsed;
}

WallNanos next_rotation(WallNanos time, std::chrono::milliseconds interval) {
  const WallNanos length = std::chrono::nanoseconds(interval).count();
  constexpr WallNanos kDay = 86'400'000'000'000;
  // The epoch was a Thursday.
  const WallNanos origin = length % (7 * kDay) == 0 ? 4 * kDay : 0;
  const WallNanos since = time - origin;
  const WallNanos periods = since >= 0 ? since / length : -((length - 1 - since) / length);
  return origin + (periods + 1) * length;
}

std::vector<std::string> beyond_retention(std::vector<RotatedFile> files, std::uint32_t max_files,
                                          std::uint64_t max_total_bytes) {
  std::sort(files.begin(), files.end(),
            [](const RotatedFile& a, const RotatedFile& b) { return a.stamp > b.stamp; });
  std::vector<std::string> names;
  std::uint64_t total = 0;
  std::uint32_t kept = 0;
  for (const RotatedFile& file : files) {
    total += file.size;
    const bool too_many = max_files > 0 && kept >= max_files;
    const bool too_much = max_total_bytes > 0 && total > max_total_bytes;
    if (too_many || too_much || !names.empty()) {
      names.push_back(file.name);
    } else {
      ++kept;
    }
  }
  std::reverse(names.begin(), names.end());
  return names;
}

}  // namespace ship
