#include "input/follow/checkpoint.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ship {
namespace {

constexpr std::chrono::seconds kSyncInterval{5};
/// Of one file, behind a record that is not done with.
constexpr std::size_t kMostRanges = 65536;
/// A journal that is longer is written into the checkpoint at once.
constexpr std::uint64_t kLongJournal = 16u << 20;

Result<void> write_all(File& file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto written = file.write(bytes);
    if (!written) return std::move(written).error();
    if (written.value() == 0) return Error{ErrorKind::transient, "nothing was written"};
    bytes.remove_prefix(written.value());
  }
  return {};
}

/// The lines of a text with newlines; what stands behind the last newline is none.
template <class Take>
void each_line(std::string_view text, Take take) {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    if (!take(text.substr(0, end))) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Checkpoint::Checkpoint(Files& files, Clock& clock, std::string path, LogFunction log)
    : files_(files), clock_(clock), path_(std::move(path)), log_(std::move(log)) {}

Result<std::unique_ptr<Checkpoint>> Checkpoint::open(Files& files, Clock& clock, std::string path,
                                                     LogFunction log) {
  std::unique_ptr<Checkpoint> checkpoint(
      new Checkpoint(files, clock, std::move(path), std::move(log)));
  const std::string& name = checkpoint->path_;
  const std::string journal = name + ".journal";
  auto opened = files.open(journal, OpenMode::append, 0600);
  if (!opened) return std::move(opened).error().in("checkpoint");
  if (auto locked = opened.value()->lock(); !locked) {
    if (locked.error().kind != ErrorKind::transient) return std::move(locked).error();
    return Error{ErrorKind::config,
                 "checkpoint " + name + ": another fapilog-ship has it; give each its own file"};
  }
  auto text = checkpoint->read(name);
  if (!text) return std::move(text).error().in("checkpoint");
  checkpoint->load(text.value());
  auto changes = checkpoint->read(journal);
  if (!changes) return std::move(changes).error().in("checkpoint");
  checkpoint->load_journal(changes.value());
  checkpoint->journal_ = std::move(opened).value();
  checkpoint->changed_ = true;
  checkpoint->sync();
  return checkpoint;
}

// Empty where nothing is there.
Result<std::string> Checkpoint::read(const std::string& path) const {
  auto file = files_.open(path, OpenMode::read);
  if (!file && file.error().code == ENOENT) return std::string();
  if (!file) return std::move(file).error();
  std::string text;
  std::string piece(64u << 10, '\0');
  while (true) {
    auto got = file.value()->read_at(text.size(), piece.data(), piece.size());
    if (!got) return std::move(got).error();
    if (got.value() == 0) return text;
    text.append(piece, 0, got.value());
  }
}

void Checkpoint::load(std::string_view text) {
  std::size_t damaged = 0;
  bool ended = false;
  each_line(text, [&](std::string_view line) {
    const auto parsed = parse_checkpoint_line(line);
    if (!parsed || !apply(*parsed)) ++damaged;
    if (parsed && parsed->kind == CheckpointLine::Kind::header) serial_ = parsed->number;
    if (parsed && parsed->kind == CheckpointLine::Kind::end) ended = true;
    return true;
  });
  if (text.empty() || (ended && damaged == 0)) return;
  log_(LogLevel::warning, "checkpoint " + path_ + " is damaged: of its files " +
                              std::to_string(entries_.size()) +
                              " are known; the others are read again as new ones");
}

void Checkpoint::load_journal(std::string_view text) {
  bool first = true;
  each_line(text, [&](std::string_view line) {
    const auto parsed = parse_checkpoint_line(line);
    if (std::exchange(first, false)) {
      return parsed && parsed->kind == CheckpointLine::Kind::header && parsed->name == "journal" &&
             parsed->number == serial_;
    }
    return parsed && apply(*parsed);
  });
}

bool Checkpoint::apply(const CheckpointLine& line) {
  const FileEntry& told = line.entry;
  const Key key{told.run.high, told.run.low};
  switch (line.kind) {
    case CheckpointLine::Kind::header:
    case CheckpointLine::Kind::end:
      return true;
    case CheckpointLine::Kind::entry: {
      FileEntry& entry = entries_[key];
      FileEntry former = std::exchange(entry, told);
      if (former.run == told.run) {
        entry.offset = former.offset;
        entry.done = std::move(former.done);
        raise(entry, told.offset);
      }
      return true;
    }
    case CheckpointLine::Kind::removal:
      entries_.erase(key);
      return true;
    case CheckpointLine::Kind::range:
    case CheckpointLine::Kind::place:
      break;
  }
  const auto found = entries_.find(key);
  if (found == entries_.end()) return true;
  if (line.kind == CheckpointLine::Kind::place) {
    raise(found->second, told.offset);
  } else {
    found->second.done.emplace_back(told.offset, line.last);
  }
  return true;
}

void Checkpoint::raise(FileEntry& entry, std::uint64_t offset) {
  if (offset <= entry.offset) return;
  entry.offset = offset;
  std::erase_if(entry.done, [offset](const auto& range) { return range.second < offset; });
}

std::vector<FileEntry> Checkpoint::entries() const {
  const std::lock_guard lock(mutex_);
  std::vector<FileEntry> entries;
  entries.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) entries.push_back(entry);
  return entries;
}

void Checkpoint::put(const FileEntry& entry) {
  const std::lock_guard lock(mutex_);
  apply({CheckpointLine::Kind::entry, {}, 0, 0, entry});
  note(entry_line(entries_[{entry.run.high, entry.run.low}]));
}

void Checkpoint::remove(const RunId& run) {
  const std::lock_guard lock(mutex_);
  if (entries_.erase({run.high, run.low}) > 0) note(removal_line(run));
}

void Checkpoint::settle(std::span<const FilePlace> places, std::span<const FileRange> ranges) {
  std::string lines;
  const std::lock_guard lock(mutex_);
  for (const FilePlace& place : places) {
    const auto found = entries_.find({place.file.high, place.file.low});
    if (found == entries_.end() || place.offset <= found->second.offset) continue;
    raise(found->second, place.offset);
    lines += place_line(place);
  }
  for (const FileRange& range : ranges) {
    const auto found = entries_.find({range.file.high, range.file.low});
    if (found == entries_.end() || range.last < found->second.offset) continue;
    if (found->second.done.size() >= kMostRanges) continue;
    found->second.done.emplace_back(range.first, range.last);
    lines += range_line(range);
  }
  if (!lines.empty()) note(lines);
}

// A line that was written in part ends the journal for who reads it: nothing goes behind it.
void Checkpoint::note(const std::string& lines) {
  changed_ = true;
  if (syncing_) since_ += lines;
  if (!journal_good_) return;
  journal_size_ += lines.size();
  if (auto written = write_all(*journal_, lines); !written) {
    journal_good_ = false;
    failed(written.error());
  }
}

bool Checkpoint::wants_sync() const {
  const std::lock_guard lock(mutex_);
  if (!changed_) return false;
  return clock_.steady() >= synced_at_ + kSyncInterval ||
         (journal_size_ > kLongJournal && journal_good_);
}

void Checkpoint::sync() {
  std::string text;
  std::uint64_t serial = 0;
  {
    const std::lock_guard lock(mutex_);
    synced_at_ = clock_.steady();
    if (!changed_) return;
    changed_ = false;
    syncing_ = true;
    since_.clear();
    serial = serial_ + 1;
    text = header_line("checkpoint", serial);
    for (const auto& [key, entry] : entries_) {
      text += entry_line(entry);
      for (const auto& [first, last] : entry.done) text += range_line({entry.run, first, last});
    }
    text += end_line(entries_.size());
  }
  auto written = write_anew(text, serial);
  const std::lock_guard lock(mutex_);
  syncing_ = false;
  if (written) {
    if (std::exchange(failing_, false)) {
      log_(LogLevel::info, "checkpoint " + path_ + " is written again");
    }
    return;
  }
  changed_ = true;
  failed(written.error());
}

Result<void> Checkpoint::write_anew(const std::string& text, std::uint64_t serial) {
  const std::string fresh = path_ + ".new";
  static_cast<void>(files_.remove(fresh).ok());
  auto file = files_.open(fresh, OpenMode::create_new, 0600);
  if (!file) return std::move(file).error();
  if (auto written = write_all(*file.value(), text); !written) return written;
  if (auto synced = file.value()->sync(); !synced) return synced;
  {
    const std::lock_guard lock(mutex_);
    if (auto renamed = files_.rename(fresh, path_); !renamed) return renamed;
    serial_ = serial;
    begin_journal();
  }
  return files_.sync_directory(directory_of(path_));
}

void Checkpoint::begin_journal() {
  journal_good_ = true;
  journal_size_ = 0;
  Result<void> begun = journal_->truncate(0);
  if (begun) begun = write_all(*journal_, header_line("journal", serial_) + since_);
  if (begun) return;
  journal_good_ = false;
  failed(begun.error());
}

void Checkpoint::failed(const Error& error) {
  if (std::exchange(failing_, true)) return;
  log_(LogLevel::warning, "checkpoint " + path_ + " cannot be written (" + error.message +
                              "): after a crash, what was shipped since is shipped again");
}

}  // namespace ship
