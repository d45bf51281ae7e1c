#include "sinks/file/file_seal.hpp"

#include <algorithm>
#include <cerrno>
#include <random>

#include "base/hex.hpp"
#include "record/timestamp.hpp"
#include "seal/seal_anchor.hpp"

namespace ship {
namespace {

/// A block is closed once it has this many bytes or is this old, and signed if the last signature
/// is this old.
constexpr std::uint64_t kBlockBytes = 64 * 1024;
constexpr std::chrono::milliseconds kBlockTime{1000};
constexpr std::size_t kReadPiece = 256 * 1024;

std::string random_chain() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 32; ++i) id += kHexDigits[random() % 16];
  return id;
}

SealLosses seal_losses(const SinkLosses& taken) {
  SealLosses result;
  for (const auto& [reason, count] : taken.by_reason) {
    if (count > 0) result.emplace_back(std::string(reason), count);
  }
  return result;
}

}  // namespace

FileSeal::FileSeal(const FileSinkSettings& settings, Ed25519Key key,
                   const SinkEnvironment& environment)
    : settings_(settings),
      files_(*environment.files),
      clock_(*environment.clock),
      log_(environment.log),
      take_losses_(environment.take_losses),
      names_(settings.path),
      path_(seal_path(settings.path)),
      key_(std::move(key)) {}

std::string FileSeal::time_text() const { return format_rfc3339(clock_.wall()); }

Result<void> FileSeal::open(std::uint64_t size) {
  close();
  if (auto finished = finish_rotation(size); !finished.ok()) return finished;
  auto opened = files_.open(path_, OpenMode::append, settings_.mode);
  if (!opened.ok()) return std::move(opened).error();
  if (auto locked = opened.value()->lock(); !locked.ok()) {
    return std::move(locked).error().in("another process seals " + settings_.path);
  }
  auto tail = read_seal_tail(files_, path_);
  if (!tail.ok()) return std::move(tail).error();
  auto status = opened.value()->status();
  if (!status.ok()) return std::move(status).error();
  const std::uint64_t whole = tail.value() ? tail.value()->size : 0;
  if (status.value().size > whole) {
    // Cut the line that a crash or a full disk tore.
    if (auto cut = opened.value()->truncate(whole); !cut.ok()) return cut;
  }
  file_ = std::move(opened).value();
  Result<void> done;
  if (tail.value()) {
    done = continue_seal(*tail.value(), size);
  } else {
    if (!place_) done = find_place();
    if (done.ok()) {
      file_number_ = place_->file;
      first_record_ = place_->record;
      before_ = place_->prev;
      file_from_ = time_text();
      append_open(0);
      done = take_up(0, size, "before");
    }
  }
  if (done.ok()) done = flush();
  if (done.ok() && settings_.fsync == FileSinkSettings::Fsync::always) {
    done = files_.sync_directory(names_.directory());
  }
  if (!done.ok()) close();
  return done;
}

/// Completes the rotation of a run that was killed after renaming the log file and before renaming
/// its seal.
Result<void> FileSeal::finish_rotation(std::uint64_t size) {
  if (size > 0 || !files_.status(path_).ok()) return {};
  auto tail = read_seal_tail(files_, path_);
  if (!tail.ok() || !tail.value() || tail.value()->last.reason != "rotation") return {};
  const std::vector<std::string> logs = rotated_names(false);
  const std::vector<std::string> seals = rotated_names(true);
  if (logs.empty() || (!seals.empty() && seals.back() >= logs.back())) return {};
  return files_.rename_new(path_, seal_path(logs.back()));
}

/// Paths of rotated log files, without compression suffix, by age: of those that exist, or of those
/// whose seal exists.
std::vector<std::string> FileSeal::rotated_names(bool seals) {
  std::vector<std::string> found;
  const auto listed = files_.list(names_.directory());
  if (!listed.ok()) return found;
  for (const std::string& name : listed.value()) {
    std::string_view plain = name;
    if (seals != plain.ends_with(kSealEnding)) continue;
    if (seals) plain.remove_suffix(kSealEnding.size());
    const auto parsed = names_.parse(plain);
    if (!parsed || parsed->temporary || (seals && parsed->compression != Compression::none)) {
      continue;
    }
    plain.remove_suffix(compression_suffix(parsed->compression).size());
    found.push_back(names_.directory() + (names_.directory() == "/" ? "" : "/") +
                    std::string(plain));
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Finds the place after the youngest rotated file, or at the start of a chain.
Result<void> FileSeal::find_place() {
  const std::vector<std::string> sealed = rotated_names(true);
  if (sealed.empty()) {
    place_ = Place{random_chain(), 1, 1, no_seal_hash()};
    return {};
  }
  auto tail = read_seal_tail(files_, seal_path(sealed.back()));
  if (!tail.ok()) return std::move(tail).error();
  if (!tail.value()) {
    return Error{ErrorKind::corrupt,
                 seal_path(sealed.back()) + " is empty: the chain cannot go on"};
  }
  place_ = Place{tail.value()->first.chain, tail.value()->first.file + 1,
                 tail.value()->last.next_record(), tail.value()->last_hash};
  return {};
}

Result<void> FileSeal::continue_seal(const SealTail& tail, std::uint64_t size) {
  const bool new_to_this_run = !place_;
  place_ = Place{tail.first.chain, tail.first.file, tail.last.next_record(), tail.last_hash};
  file_number_ = tail.first.file;
  first_record_ = tail.first.record;
  file_from_ = tail.first.from;
  before_ = tail.first.prev;
  const bool ended = tail.last.kind == SealEntry::Kind::manifest;
  if (size < tail.sealed || (size > tail.sealed && ended)) {
    changed_by_others(size);
    append_open(size);
    return {};
  }
  // The same run reopens its file (SIGHUP): nothing ended in between.
  if (ended || new_to_this_run || size > tail.sealed) append_open(tail.sealed);
  block_.begin(tail.sealed);
  return take_up(tail.sealed, size, "restart");
}

/// Seals what is already in the log file.
Result<void> FileSeal::take_up(std::uint64_t from, std::uint64_t to, const char* found) {
  block_.begin(from);
  if (from == to) return {};
  const std::uint64_t first = place_->record;
  block_from_ = time_text();
  auto taken = read_range(from, to, [this, found] { return close_block(found); });
  if (taken.ok()) {
    log_(LogLevel::info, settings_.path + ": took up " + std::to_string(place_->record - first) +
                             " lines that were not sealed yet");
  }
  return taken;
}

Result<void> FileSeal::read_range(std::uint64_t from, std::uint64_t to,
                                  const std::function<Result<void>()>& after_piece) {
  auto reader = files_.open(settings_.path, OpenMode::read);
  if (!reader.ok()) return std::move(reader).error();
  std::string piece(kReadPiece, '\0');
  while (from < to) {
    const auto size = std::min<std::uint64_t>(piece.size(), to - from);
    auto got = reader.value()->read_at(from, piece.data(), static_cast<std::size_t>(size));
    if (!got.ok()) return std::move(got).error();
    if (got.value() == 0) break;
    block_.add(std::string_view(piece).substr(0, got.value()));
    from += got.value();
    if (!after_piece) continue;
    if (auto done = after_piece(); !done.ok()) return done;
  }
  return {};
}

void FileSeal::add(std::string_view bytes) {
  if (!file_) return;
  if (block_.bytes() == 0) {
    block_begun_ = clock_.steady();
    block_from_ = time_text();
  }
  block_.add(bytes);
}

Result<void> FileSeal::cut(std::uint64_t size) {
  if (!file_ || size >= block_.end()) return {};
  const std::uint64_t from = block_.offset();
  block_.begin(from);
  return read_range(from, size, {});
}

void FileSeal::changed_by_others(std::uint64_t size) {
  if (!file_) return;
  log_(LogLevel::warning,
       settings_.path + ": somebody else changed this sealed file: verify will report it");
  // What cannot be written now stays in pending_ and is tried again.
  [[maybe_unused]] const auto closed = close_block("");
  block_.begin(size);
}

std::optional<SteadyTime> FileSeal::due() const {
  if (!file_ || block_.bytes() == 0) return std::nullopt;
  return block_begun_ + kBlockTime;
}

Result<void> FileSeal::commit(bool now) {
  if (!file_) return {};
  now = now || settings_.fsync == FileSinkSettings::Fsync::always;
  if (block_.bytes() > 0 && (now || block_.bytes() >= kBlockBytes || clock_.steady() >= *due())) {
    return close_block("");
  }
  return flush();
}

Result<void> FileSeal::close_block(const char* found) {
  if (block_.bytes() == 0) return flush();
  SealEntry entry;
  entry.kind = SealEntry::Kind::block;
  entry.record = place_->record;
  block_.finish(entry);
  entry.from = block_from_;
  entry.to = time_text();
  entry.found = found;
  if (take_losses_) entry.lost = seal_losses(take_losses_());
  place_->record += entry.records;
  const bool sign = *found != '\0' || ++unsigned_blocks_ >= kMaxUnsignedBlocks ||
                    clock_.steady() - signed_at_ >= kBlockTime;
  append(entry, sign);
  return flush();
}

void FileSeal::append_open(std::uint64_t offset) {
  SealEntry entry;
  entry.kind = SealEntry::Kind::open;
  entry.chain = place_->chain;
  entry.file = file_number_;
  entry.name = name_of(settings_.path);
  entry.record = place_->record;
  entry.offset = offset;
  entry.from = time_text();
  append(entry, true);
}

void FileSeal::append(SealEntry& entry, bool sign) {
  entry.prev = place_->prev;
  const std::string line = seal_line(entry, sign ? &key_ : nullptr);
  place_->prev = seal_line_hash(line);
  pending_ += line;
  pending_ += '\n';
  ended_ = entry.kind == SealEntry::Kind::manifest;
  if (!sign) return;
  signed_at_ = clock_.steady();
  unsigned_blocks_ = 0;
  if (ended_ && !settings_.anchor.empty()) {
    entry.key = key_.id();
    entry.signature = line.substr(line.size() - 130, 128);
    notes_.push_back({anchor_record(settings_.path, place_->chain, entry, place_->prev),
                      anchor_id(entry, place_->prev)});
  }
}

Result<void> FileSeal::flush() {
  if (pending_.empty() || !file_) return {};
  while (!pending_.empty()) {
    auto written = file_->write(pending_);
    if (!written.ok()) {
      Error error = std::move(written).error();
      if (error.kind == ErrorKind::io) error.kind = ErrorKind::transient;
      return std::move(error).in("the seal of " + settings_.path);
    }
    pending_.erase(0, written.value());
  }
  return settings_.fsync == FileSinkSettings::Fsync::always ? file_->sync() : Result<void>();
}

Result<void> FileSeal::sync() { return file_ ? file_->sync() : Result<void>(); }

Result<void> FileSeal::end(std::string_view reason) {
  if (!file_) return {};
  if (auto closed = close_block(""); !closed.ok()) return closed;
  // Nothing came since the last one.
  if (ended_ && reason == "end") return {};
  SealEntry entry;
  entry.kind = SealEntry::Kind::manifest;
  entry.reason = reason;
  entry.file = file_number_;
  entry.record = first_record_;
  entry.records = place_->record - first_record_;
  entry.bytes = block_.offset();
  entry.from = file_from_;
  entry.to = time_text();
  if (take_losses_) {
    const SinkLosses taken = take_losses_();
    entry.waiting = taken.waiting;
    entry.spooled = taken.spooled;
    entry.lost = seal_losses(taken);
  }
  entry.before = before_;
  append(entry, true);
  if (auto written = flush(); !written.ok()) return written;
  return settings_.fsync == FileSinkSettings::Fsync::never ? Result<void>() : sync();
}

Result<void> FileSeal::resume() {
  if (!file_ || !ended_) return {};
  append_open(block_.offset());
  return flush();
}

Result<void> FileSeal::follow(const std::string& path) {
  auto renamed = files_.rename_new(path_, seal_path(path));
  if (!renamed.ok()) return renamed;
  place_->file = file_number_ + 1;
  close();
  return {};
}

void FileSeal::lose_file() {
  if (!file_) return;
  if (auto ended = end("moved"); !ended.ok()) log_(LogLevel::warning, ended.error().message);
  const auto here = files_.status(path_);
  const auto own = file_->status();
  if (here.ok() && own.ok() && here.value().same_file(own.value())) {
    const std::string to = names_.path_at(clock_.wall());
    if (auto followed = follow(to); !followed.ok()) {
      log_(LogLevel::warning, followed.error().message);
    } else {
      log_(LogLevel::info, "the seal of the file that was moved is " + seal_path(to));
      return;
    }
  }
  place_->file = file_number_ + 1;
  close();
}

void FileSeal::close() {
  file_.reset();
  pending_.clear();
  block_.begin(0);
}

void FileSeal::reload_key() {
  auto key = Ed25519Key::read_private(settings_.seal_key_file);
  if (key.ok()) {
    key_ = std::move(key).value();
  } else {
    log_(LogLevel::warning, "seal_key_file: " + key.error().message + "; the old key stays");
  }
}

}  // namespace ship
