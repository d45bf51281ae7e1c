#include "delivery/dead_letter_replay.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

namespace ship {
namespace {

constexpr std::string_view kClaimed = ".replay";
constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kMaxLine = 64u << 20;

/// "dead.ndjson.2.replay-3": rotated file 2, claimed by a third replay before the first two had
/// finished.
struct Name {
  std::string text;
  std::uint32_t rotated = 0;  ///< 0: the file itself
  std::uint32_t claim = 0;    ///< 0: not claimed; 1: no number after it
};

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || number == 0) return {};
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  return number;
}

std::optional<Name> parse(std::string_view name, std::string_view base) {
  Name parsed{std::string(name)};
  if (name.substr(0, base.size()) != base) return {};
  name.remove_prefix(base.size());
  if (name.size() > 1 && name[0] == '.' && name[1] >= '1' && name[1] <= '9') {
    name.remove_prefix(1);
    const auto number = take_number(name);
    if (!number) return {};
    parsed.rotated = *number;
  }
  if (name.empty()) return parsed;
  if (name.substr(0, kClaimed.size()) != kClaimed) return {};
  name.remove_prefix(kClaimed.size());
  parsed.claim = 1;
  if (name.empty()) return parsed;
  if (name[0] != '-') return {};
  name.remove_prefix(1);
  const auto number = take_number(name);
  if (!number || !name.empty()) return {};
  parsed.claim = *number;
  return parsed;
}

}  // namespace

Result<DeadLetterReplay> DeadLetterReplay::open(Files& files, const std::string& path) {
  const std::string directory = directory_of(path);
  const std::string base(name_of(path));
  auto names = files.list(directory);
  if (!names) return std::move(names).error().in("replay");
  std::vector<Name> found;
  std::uint32_t last_claim = 0;
  for (const std::string& name : names.value()) {
    auto parsed = parse(name, base);
    if (!parsed) continue;
    last_claim = std::max(last_claim, parsed->claim);
    found.push_back(*std::move(parsed));
  }
  if (found.empty()) {
    return Error{ErrorKind::io, "replay: there are no dead letters at " + path, ENOENT};
  }
  std::sort(found.begin(), found.end(), [](const Name& a, const Name& b) {
    // Files claimed earlier are older, and so are files rotated more often.
    const auto age = [](const Name& name) { return name.claim == 0 ? ~0u : name.claim; };
    return std::make_tuple(age(a), b.rotated) < std::make_tuple(age(b), a.rotated);
  });
  const std::string suffix =
      std::string(kClaimed) + (last_claim == 0 ? "" : "-" + std::to_string(last_claim + 1));
  DeadLetterReplay replay(files);
  for (const Name& name : found) {
    const std::string from = (directory == "/" ? "/" : directory + "/") + name.text;
    auto claimed = replay.claim(from, name.claim == 0 ? from + suffix : from);
    if (!claimed) return std::move(claimed).error().in("replay");
  }
  return replay;
}

Result<void> DeadLetterReplay::claim(const std::string& from, std::string to) {
  // Locked before it is renamed, so that one of two concurrent replays does nothing at all.
  auto lock = files_->open(from, OpenMode::update);
  if (!lock) return std::move(lock).error();
  if (auto locked = lock.value()->lock(); !locked) {
    if (locked.error().kind != ErrorKind::transient) return locked;
    return Error{ErrorKind::config, "another replay, or a shipper that rotates it, is at " + from,
                 locked.error().code};
  }
  auto status = lock.value()->status();
  if (!status) return std::move(status).error();
  if (status.value().kind != FileStatus::Kind::regular) {
    return Error{ErrorKind::config, from + " is not a regular file", 0};
  }
  if (from != to) {
    if (auto renamed = files_->rename_new(from, to); !renamed) return renamed;
  }
  auto file = files_->open(to, OpenMode::read);
  if (!file) return std::move(file).error();
  total_bytes_ += status.value().size;
  claimed_.push_back({std::move(to), std::move(lock).value(), std::move(file).value()});
  return {};
}

Result<DeadLetterReplay::Next> DeadLetterReplay::next(StoredDeadLetter& letter) {
  for (std::size_t searched = begin_;;) {
    const std::size_t newline = buffer_.find('\n', searched);
    const bool too_long = newline == std::string::npos && buffer_.size() - begin_ >= kMaxLine;
    if (newline == std::string::npos && !too_long) {
      searched = buffer_.size();
      const std::size_t before = begin_;
      auto more = read_more();
      if (!more) return std::move(more).error();
      searched -= before - begin_;
      if (more.value()) continue;
      if (buffer_.size() == begin_) return Next::end;
    }
    const std::size_t end = std::min(newline, buffer_.size());
    const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = std::min(end + 1, buffer_.size());
    searched = begin_;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (parse_dead_letter(line, letter)) return Next::letter;
    letter = StoredDeadLetter();
    letter.record = line;
    return Next::malformed;
  }
}

/// False: the last file ended, or this file ended mid-line, and that line is in the buffer.
Result<bool> DeadLetterReplay::read_more() {
  buffer_.erase(0, std::exchange(begin_, 0));
  const std::size_t kept = buffer_.size();
  while (current_ < claimed_.size()) {
    buffer_.resize(kept + kReadBytes);
    auto n = claimed_[current_].file->read_at(offset_, buffer_.data() + kept, kReadBytes);
    buffer_.resize(kept + (n ? n.value() : 0));
    if (!n) return std::move(n).error();
    offset_ += n.value();
    read_bytes_ += n.value();
    if (n.value() > 0) return true;
    ++current_;
    offset_ = 0;
    if (kept > 0) return false;
  }
  return false;
}

Result<void> DeadLetterReplay::finish() {
  for (Claimed& claimed : claimed_) {
    if (auto removed = files_->remove(claimed.path); !removed) {
      return std::move(removed).error().in("replay");
    }
  }
  claimed_.clear();
  return {};
}

}  // namespace ship
