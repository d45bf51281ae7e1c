#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "input/follow/follower.hpp"

namespace ship {
namespace {

/// What one file gets before the next one has its turn.
constexpr std::uint64_t kTurnBytes = 4u << 20;
/// How long a last line waits for its newline, and how long where nobody may write it any more.
constexpr std::chrono::seconds kPartialTime{5};
constexpr std::chrono::seconds kPartialTimeUnnamed{1};
/// How long a file without a name is looked at after it has grown, and one that is removed.
constexpr std::chrono::seconds kRenamedTime{60};
constexpr std::chrono::seconds kRemovedTime{5};

}  // namespace

SteadyTime Follower::partial_deadline(const FollowedFile& file) const {
  return *file.partial_since + (file.named ? kPartialTime : kPartialTimeUnnamed);
}

// The files that have not been read for longest give up their descriptors.
bool Follower::open(FollowedFile& file) {
  if (file.is_open()) return true;
  while (open_.size() >= most_open_) {
    FollowedFile* oldest = nullptr;
    for (FollowedFile* other : open_) {
      if (!other->named || other->removed) continue;
      if (!oldest || other->read_at < oldest->read_at) oldest = other;
    }
    if (!oldest) break;
    oldest->close();
    open_.erase(oldest);
  }
  if (auto opened = file.open(); !opened) {
    if (opened.error().code == ENOENT) {
      file.removed = true;
      if (file.waiting) flush(file);
      let_go(file);
    } else {
      files_.complain(file.path(), LogLevel::warning, opened.error().message + "; trying again");
    }
    return false;
  }
  open_.insert(&file);
  return true;
}

Follower::Left Follower::take_turn(FollowedFile& file) {
  if (!open(file)) return Left::nothing;
  const SteadyTime now = clock_.steady();
  file.read_at = now;
  auto status = file.status();
  if (!status) return Left::nothing;
  file.removed = status.value().st_nlink == 0;
  if (file.removed && std::exchange(file.named, false)) unnamed_.insert(&file);
  const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.value().st_size, 0));
  if (size < file.offset || !file.begins_as_before()) see_cut(file);
  if (size == file.offset) return Left::nothing;
  if (size > file.scanned) file.grew_at = now;
  const bool takes_partial = file.partial_since && now >= partial_deadline(file);
  if (!file.is_identified()) {
    if (!file.identify(takes_partial)) {
      file.scanned = size;
      see_partial(file);
      return Left::nothing;
    }
    files_.renew(file);
  }
  if (takes_partial && size == file.scanned) {
    take_partial(file);
    return Left::nothing;
  }
  return read_lines(file, size);
}

void Follower::see_cut(FollowedFile& file) {
  if (file.waiting) flush(file);
  if (file.offset > 0) {
    follow_.log(LogLevel::info,
                "input " + file.path() + " was cut or replaced: it is read from its beginning");
  }
  file.begin_anew();
}

// Whether a line that was found to be long has its newline now.
bool Follower::line_has_ended(FollowedFile& file, std::uint64_t size) {
  while (file.scanned < size) {
    const std::span<char> room = intake_.room();
    const auto got = file.read(file.scanned, room);
    if (!got || got.value() == 0) return false;
    if (std::memchr(room.data(), '\n', got.value()) != nullptr) return true;
    file.scanned += got.value();
  }
  return false;
}

Follower::Left Follower::read_lines(FollowedFile& file, std::uint64_t size) {
  if (file.scanned > file.offset && !line_has_ended(file, size)) {
    see_partial(file);
    return Left::nothing;
  }
  begin_turn(file);
  std::uint64_t at = file.offset;
  const std::uint64_t turn_end = at + kTurnBytes;
  bool more = false;
  while (phase() != Phase::stopping) {
    const std::span<char> room = intake_.room();
    const auto got = file.read(at, room);
    if (!got) {
      files_.complain(file.path(), LogLevel::warning, got.error().message + "; trying again");
      break;
    }
    const std::size_t bytes = got.value();
    if (bytes == 0) break;
    const void* newline = ::memrchr(room.data(), '\n', bytes);
    const std::size_t whole =
        newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - room.data()) + 1 : 0;
    if (whole == 0 && bytes < room.size()) {
      file.scanned = at + bytes;
      break;
    }
    // A line that does not fit into the room is taken in pieces, and counts once its end is there.
    const std::size_t take = whole > 0 ? whole : bytes;
    intake_.take(take);
    at += take;
    if (whole > 0) file.offset = file.scanned = at;
    if (whole == 0) file.scanned = at;
    if (bytes < room.size()) {
      file.scanned = at + (bytes - take);
      break;
    }
    more = whole > 0 && at >= turn_end;
    if (more) break;
  }
  const std::uint64_t unread = at - file.offset;
  last_read_.store(file.read_at, std::memory_order_relaxed);
  end_turn(file, unread);
  if (file.scanned > file.offset) {
    see_partial(file);
  } else {
    file.partial_since.reset();
  }
  return more ? Left::more : Left::nothing;
}

void Follower::see_partial(FollowedFile& file) {
  // A line that grows is being written.
  if (!file.partial_since || file.grew_at == file.read_at) file.partial_since = file.read_at;
  waiting_.insert(&file);
}

// The last line is taken as it is; what is written behind it will be another.
void Follower::take_partial(FollowedFile& file) {
  begin_turn(file);
  std::uint64_t at = file.offset;
  while (at < file.scanned && phase() != Phase::stopping) {
    std::span<char> room = intake_.room();
    room = room.first(std::min<std::uint64_t>(room.size(), file.scanned - at));
    const auto got = file.read(at, room);
    if (!got || got.value() == 0) break;
    intake_.take(got.value());
    at += got.value();
  }
  intake_.end_input();
  file.offset = file.scanned = at;
  file.partial_since.reset();
  end_turn(file, 0);
}

void Follower::flush(FollowedFile& file) {
  begin_turn(file);
  intake_.flush();
  end_turn(file, 0);
}

void Follower::begin_turn(FollowedFile& file) {
  turn_run_ = file.run();
  turn_begin_ = file.settled;
  turn_last_.reset();
  in_order_ = true;
  if (!file.done.empty() && !file.waiting && file.offset > file.done.back().second) {
    file.done.clear();
  }
  done_.set_ranges(file.done);
  intake_.begin_turn(file.run(), file.offset, unwrap_of(file.path(), unwrap_),
                     std::move(file.waiting));
}

void Follower::end_turn(FollowedFile& file, std::uint64_t unread) {
  file.waiting = intake_.end_turn(unread);
  if (file.waiting) waiting_.insert(&file);
  const std::uint64_t end =
      file.waiting ? std::min(file.offset, file.waiting->begin()) : file.offset;
  if (end <= file.settled) return;
  if (follow_.on_read) follow_.on_read({file.run(), file.settled, end, in_order_});
  file.settled = end;
  if (follow_.on_tick) follow_.on_tick();
}

bool Follower::is_over(const FollowedFile& file) const {
  if (file.named || file.queued || file.waiting || file.partial_since) return false;
  const auto time = file.removed ? kRemovedTime : kRenamedTime;
  return clock_.steady() >= file.grew_at + time;
}

void Follower::let_go(FollowedFile& file) {
  open_.erase(&file);
  waiting_.erase(&file);
  unnamed_.erase(&file);
  files_.drop(file);
}

}  // namespace ship
