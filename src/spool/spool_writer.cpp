#include "spool/spool_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

#include "queue/eviction_policy.hpp"

namespace ship {
namespace {

/// How much is collected before it is written, so that a big append needs no big buffer.
constexpr std::size_t kChunkBytes = 64 * 1024;
/// Open runs of one class: the stream itself, and one for late records.
constexpr std::ptrdiff_t kTailsOfClass = 2;
/// How many names in a row may exist although the directory did not list them.
constexpr int kMaxNames = 100;

/// What a segment file starts with: the header, an empty state slot, and the first state.
std::string beginning(const SpoolSegment& segment) {
  SpoolState state;
  state.generation = 1;
  return encode_spool_header({segment.id, segment.kind, segment.first_sequence}) +
         std::string(kSpoolSlot, '\0') + encode_spool_state(state, segment.salt);
}

bool disk_full(const Error& error) { return error.code == ENOSPC || error.code == EDQUOT; }

}  // namespace

SpoolAppend SpoolWriter::append(std::span<const SpoolRecord> records) {
  SpoolAppend result;
  result_ = &result;
  records_ = records;
  order_.clear();
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    const std::size_t size = records[i].record.line.size();
    if (size == 0 || size > kSpoolMaxLine) {
      result.refused.push_back(i);
    } else {
      order_.push_back(i);
    }
  }
  // The most important first: it gets the available room.
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (records[a].kind() != records[b].kind()) return records[a].kind() > records[b].kind();
    if (records[a].sequence != records[b].sequence) {
      return records[a].sequence < records[b].sequence;
    }
    return a < b;
  });
  const std::span<const std::uint32_t> order(order_);
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && records[order[end]].kind() == records[order[begin]].kind()) ++end;
    append_class(order.subspan(begin, end - begin));
    begin = end;
  }
  finish_append(false);
  std::sort(result.refused.begin(), result.refused.end());
  std::sort(result.failed.begin(), result.failed.end());
  result_ = nullptr;
  return result;
}

void SpoolWriter::finish_append(bool seal) {
  for (const auto& tail : tails_) {
    if (tail->segment == nullptr && seal) claim(*tail);
    tail->full |= seal;
  }
  sync();
  {
    // All at once: a reader that saw one class before the other would break the order of arrival.
    const std::lock_guard state(table_.state);
    for (const auto& tail : tails_) {
      if (tail->segment != nullptr) publish(*tail);
    }
  }
  bool sealed = false;
  for (const auto& tail : tails_) {
    if (tail->segment == nullptr) continue;
    sealed |= tail->full || tail->spoilt;
    let_go(*tail);
  }
  if (sealed) reader_.check_names(result_->events);
  // A segment that was drained and removed in the meantime lives on while its file is open here.
  const auto done = [this](const auto& tail) { return !is_open(*tail); };
  tails_.erase(std::remove_if(tails_.begin(), tails_.end(), done), tails_.end());
}

void SpoolWriter::append_class(std::span<const std::uint32_t> indexes) {
  const auto record = [&](std::size_t i) -> const SpoolRecord& { return records_[indexes[i]]; };
  const auto footprint = [&](std::size_t i) {
    return spool_footprint(record(i).record.line.size());
  };
  const SpoolClass kind = record(0).kind();
  for (std::size_t i = 0; i < indexes.size();) {
    if (!make_room(kind, record(i).sequence, footprint(i))) {
      result_->refused.push_back(indexes[i++]);
      continue;
    }
    Tail* tail = tail_for(kind, record(i).sequence, footprint(i));
    if (tail == nullptr) return fail(indexes.subspan(i));
    const std::uint64_t room = free_bytes();
    const std::size_t first = i;
    chunk_.clear();
    if (tail->written == 0) chunk_ = beginning(*tail->segment);
    do {
      append_spool_record(chunk_, record(i), tail->segment->salt);
      ++i;
    } while (i < indexes.size() && chunk_.size() < kChunkBytes &&
             chunk_.size() + footprint(i) <= room &&
             tail->written + chunk_.size() + footprint(i) <= table_.options.segment_bytes);
    if (!write_chunk(*tail, record(first).sequence)) return fail(indexes.subspan(first));
    tail->last_sequence = record(i - 1).sequence;
    tail->pending.insert(tail->pending.end(), indexes.begin() + static_cast<std::ptrdiff_t>(first),
                         indexes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::uint64_t SpoolWriter::free_bytes() const {
  const std::lock_guard state(table_.state);
  return table_.options.max_bytes - std::min(table_.options.max_bytes, table_.counts.bytes);
}

bool SpoolWriter::make_room(SpoolClass kind, std::uint64_t sequence, std::uint64_t footprint) {
  for (;;) {
    // A new file's front takes room too.
    const Tail* tail = open_tail(kind, sequence);
    const bool fits = tail != nullptr && tail->written + footprint <= table_.options.segment_bytes;
    const std::uint64_t bytes = footprint + (fits ? 0 : kSpoolData);
    const std::uint64_t room = free_bytes();
    if (bytes <= room) return true;
    const std::uint64_t id = victim(kind, sequence, bytes - room);
    if (id != 0) {
      reader_.evict(id, result_->events);
      continue;
    }
    // Segments that this append filled can give way once they are finished.
    const auto is_full = [](const auto& candidate) { return candidate->full; };
    if (std::none_of(tails_.begin(), tails_.end(), is_full)) return false;
    finish_append(false);
  }
}

std::uint64_t SpoolWriter::victim(SpoolClass newcomer, std::uint64_t sequence,
                                  std::uint64_t shortage) const {
  const auto how = [&](SpoolClass kind) {
    return gives_way(table_.options.drop, newcomer.is_protected, newcomer.severity,
                     kind.is_protected, kind.severity);
  };
  const auto is_candidate = [&](const SpoolSegment& segment) {
    if (segment.appending) return false;
    // An object is not sent again without some of its records.
    if (table_.options.keeps_batches && segment.in_flight > 0) return false;
    if (segment.unread == 0) return segment.in_flight == 0;
    const GivesWay way = how(segment.kind);
    // A record that waited in memory may be older than everything here; it is then the oldest.
    if (way == GivesWay::oldest_first) return segment.first_sequence < sequence;
    return way != GivesWay::never;
  };
  const auto rank = [&](const SpoolSegment& segment) {
    const bool lowest_first = how(segment.kind) == GivesWay::lowest_first;
    return std::make_tuple(segment.unread > 0, !lowest_first,
                           lowest_first ? segment.kind : SpoolClass{}, segment.first_sequence);
  };
  const std::lock_guard state(table_.state);
  const SpoolSegment* first = nullptr;
  std::uint64_t bytes = 0;
  for (const auto& [id, segment] : table_.segments) {
    if (!is_candidate(*segment)) continue;
    bytes += segment->file_bytes;
    if (first == nullptr || rank(*segment) < rank(*first)) first = segment.get();
  }
  return first != nullptr && bytes >= shortage ? first->id : 0;
}

SpoolWriter::Tail* SpoolWriter::open_tail(SpoolClass kind, std::uint64_t sequence) {
  Tail* latest = nullptr;
  for (const auto& tail : tails_) {
    if (tail->kind != kind || tail->last_sequence > sequence || !is_open(*tail)) continue;
    if (latest == nullptr || tail->last_sequence > latest->last_sequence) latest = tail.get();
  }
  return latest;
}

SpoolWriter::Tail* SpoolWriter::tail_for(SpoolClass kind, std::uint64_t sequence,
                                         std::uint64_t footprint) {
  Tail* tail = open_tail(kind, sequence);
  if (tail != nullptr && tail->written + footprint <= table_.options.segment_bytes) {
    if (claim(*tail)) return tail;
    return make_tail(kind, sequence);
  }
  if (tail == nullptr) {
    // All runs of this class are ahead of the record: it needs one of its own.
    std::ptrdiff_t tails = 0;
    for (const auto& other : tails_) {
      if (other->kind != kind || !is_open(*other)) continue;
      ++tails;
      if (tail == nullptr || other->last_sequence < tail->last_sequence) tail = other.get();
    }
    if (tails < kTailsOfClass) tail = nullptr;
  }
  if (tail != nullptr && claim(*tail)) tail->full = true;
  return make_tail(kind, sequence);
}

SpoolWriter::Tail* SpoolWriter::make_tail(SpoolClass kind, std::uint64_t sequence) {
  for (int attempt = 0;; ++attempt) {
    const std::uint64_t id = next_id_++;
    const std::string path = table_.directory.path_of(spool_segment_name(id, kind));
    auto file = table_.files.open(path, OpenMode::create_update, 0600);
    if (!file) {
      if (file.error().code == EEXIST && attempt < kMaxNames) continue;
      if (file.error().code == ENOENT && attempt == 0) {
        // The directory is gone.
        reader_.check_names(result_->events);
        continue;
      }
      set_error(std::move(file).error());
      return nullptr;
    }
    auto tail = std::make_unique<Tail>();
    tail->id = id;
    tail->kind = kind;
    tail->file = std::move(file).value();
    if (auto status = tail->file->status()) tail->opened = status.value();
    tail->fresh = std::make_unique<SpoolSegment>(id, kind, path, spool_salt(id));
    tail->fresh->first_sequence = sequence;
    tail->fresh->appending = true;
    tail->fresh->generation = 1;
    tail->segment = tail->fresh.get();
    tails_.push_back(std::move(tail));
    return tails_.back().get();
  }
}

bool SpoolWriter::is_open(const Tail& tail) const {
  if (tail.file == nullptr || tail.full || tail.spoilt) return false;
  if (tail.segment != nullptr) return true;
  const std::lock_guard state(table_.state);
  const SpoolSegment* segment = table_.find(tail.id);
  return segment != nullptr && !segment->sealed;
}

bool SpoolWriter::claim(Tail& tail) {
  if (tail.file == nullptr || tail.segment != nullptr) return tail.file != nullptr;
  if (!is_in_place(tail)) {
    tail.file.reset();
    return false;
  }
  const std::lock_guard state(table_.state);
  SpoolSegment* segment = table_.find(tail.id);
  if (segment == nullptr || segment->sealed) {
    tail.file.reset();
    return false;
  }
  segment->appending = true;
  tail.segment = segment;
  return true;
}

bool SpoolWriter::is_in_place(const Tail& tail) {
  const auto there =
      table_.files.status(table_.directory.path_of(spool_segment_name(tail.id, tail.kind)));
  if (there ? there.value().same_file(tail.opened) : there.error().code != ENOENT) return true;
  reader_.check_names(result_->events);
  return false;
}

bool SpoolWriter::write_chunk(Tail& tail, std::uint64_t sequence) {
  std::uint64_t freed = 0;
  for (;;) {
    const auto written = write_fully(*tail.file, tail.written, chunk_);
    if (written) break;
    const std::uint64_t id = disk_full(written.error()) ? victim(tail.kind, sequence, 0) : 0;
    if (id == 0 || freed > chunk_.size() + table_.options.segment_bytes) {
      set_error(written.error());
      take_back(tail, tail.written);
      return false;
    }
    // The disk is full before max_bytes is reached: more important records still get the available
    // room.
    const std::uint64_t room = free_bytes();
    reader_.evict(id, result_->events);
    freed += free_bytes() - room;
  }
  table_.written += chunk_.size();
  tail.written += static_cast<std::uint32_t>(chunk_.size());
  const std::lock_guard state(table_.state);
  tail.segment->file_bytes += static_cast<std::uint32_t>(chunk_.size());
  table_.counts.bytes += chunk_.size();
  return true;
}

void SpoolWriter::take_back(Tail& tail, std::uint32_t to) {
  {
    const std::lock_guard state(table_.state);
    tail.segment->file_bytes -= tail.written - to;
    table_.counts.bytes -= tail.written - to;
  }
  tail.written = to;
  if (to > 0) {
    tail.spoilt |= !tail.file->truncate(to).ok();
    return;
  }
  tail.file.reset();
  tail.segment = nullptr;
  reader_.discard(std::move(tail.fresh));
}

void SpoolWriter::sync() {
  if (table_.options.mode != SpoolMode::durable) return;
  bool new_names = false;
  for (const auto& tail : tails_) {
    if (tail->segment == nullptr || tail->written == tail->end) continue;
    if (auto synced = tail->file->sync(); !synced) {
      not_synced(*tail, std::move(synced).error());
    } else {
      new_names |= tail->fresh != nullptr;
    }
  }
  if (!new_names) return;
  const auto synced = table_.directory.sync();
  if (synced) return;
  for (const auto& tail : tails_) {
    if (tail->fresh != nullptr) not_synced(*tail, synced.error());
  }
}

void SpoolWriter::not_synced(Tail& tail, Error error) {
  set_error(std::move(error));
  fail(tail.pending);
  tail.pending.clear();
  // It is unknown what the failed sync did to the file's pages, so nothing more is written there.
  tail.spoilt = true;
  take_back(tail, tail.end);
}

void SpoolWriter::publish(Tail& tail) {
  const std::uint64_t records = tail.pending.size();
  std::uint64_t line_bytes = 0;
  for (const std::uint32_t index : tail.pending) line_bytes += records_[index].record.line.size();
  result_->stored += records;
  tail.pending.clear();
  tail.end = tail.written;
  SpoolSegment& segment = *tail.segment;
  segment.end = tail.end;
  segment.last_sequence = std::max(segment.last_sequence, tail.last_sequence);
  segment.unread += records;
  table_.add_unread_bytes(segment, line_bytes);
  if (tail.fresh) {
    table_.add(std::move(tail.fresh));
    return;
  }
  table_.counts.records += records;
  if (tail.kind.is_protected) table_.counts.protected_records += records;
  table_.next_sequence = std::max(table_.next_sequence, segment.last_sequence + 1);
}

void SpoolWriter::let_go(Tail& tail) {
  SpoolSegment& segment = *std::exchange(tail.segment, nullptr);
  if (tail.full || tail.spoilt) {
    reader_.seal(segment, *tail.file, result_->events);
    tail.file.reset();
    return;
  }
  const std::lock_guard state(table_.state);
  segment.appending = false;
}

void SpoolWriter::fail(std::span<const std::uint32_t> indexes) {
  result_->failed.insert(result_->failed.end(), indexes.begin(), indexes.end());
}

void SpoolWriter::set_error(Error error) {
  error.kind = ErrorKind::transient;
  // Each attempt makes another file: without the file's name it is the same problem, reported once.
  const std::string& directory = table_.options.directory;
  const std::size_t at = error.message.find(directory + '/');
  const std::size_t end = at == std::string::npos ? at : error.message.find(".seg", at);
  if (end != std::string::npos) {
    error.message.erase(at + directory.size(), end + 4 - at - directory.size());
  }
  result_->events.error = std::move(error);
}

void SpoolWriter::close(SpoolEvents& events) {
  SpoolAppend result;
  result_ = &result;
  finish_append(true);
  result_ = nullptr;
  events = std::move(result.events);
}

}  // namespace ship
