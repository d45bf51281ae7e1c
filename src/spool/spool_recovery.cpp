#include "spool/spool_recovery.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ship {
namespace {

/// One segment file while it is being loaded.
class Recovery {
 public:
  Recovery(SpoolTable& table, std::string name, SpoolSegmentName parsed,
           std::vector<std::string>& messages)
      : table_(table),
        name_(std::move(name)),
        parsed_(parsed),
        path_(table.directory.path_of(name_)),
        messages_(messages) {}

  void run() {
    const auto status = table_.files.status(path_);
    if (!status) return say(status.error().message + "; left alone");
    if (status.value().kind != FileStatus::Kind::regular) {
      return say(path_ + " is not a regular file; left alone");
    }
    const OpenMode mode = table_.read_only ? OpenMode::read : OpenMode::update;
    auto file = table_.files.open(path_, mode);
    if (!file) return say(file.error().message + "; left for the next start");
    file_ = std::move(file).value();
    size_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(status.value().size, std::numeric_limits<std::uint32_t>::max()));
    if (!read_front()) return;
    if (size_ <= kSpoolData && !state_.sealed) return remove_empty();
    if (!has_header_) note_damage(0, "its header is wrong");
    const bool whole = state_.sealed && state_.data_end <= size_;
    if (whole) {
      segment_->end = state_.data_end;
      segment_->unread = state_.records - segment_->acknowledged.records();
    } else if (!scan()) {
      return;
    }
    if (segment_->unread == 0) return finish_empty();
    tell();
    if (!table_.read_only) {
      if (whole) {
        cut();
      } else {
        seal();
      }
      make_durable();
    }
    adopt();
  }

 private:
  void say(std::string message) { messages_.push_back(std::move(message)); }

  /// Reads header and state; false: unreadable now.
  bool read_front() {
    std::string front(kSpoolData + kSpoolOldRecordHeader, '\0');
    std::size_t filled = 0;
    while (filled < front.size()) {
      const auto n = file_->read_at(filled, front.data() + filled, front.size() - filled);
      if (!n) {
        say(n.error().message + "; left for the next start");
        return false;
      }
      if (n.value() == 0) break;
      filled += n.value();
    }
    front.resize(filled);
    const auto header = decode_spool_header(front);
    const std::uint32_t salt = spool_salt(header ? header->id : parsed_.id);
    segment_ = std::make_unique<SpoolSegment>(parsed_.id, header ? header->kind : parsed_.kind,
                                              path_, salt);
    if (header) segment_->first_sequence = header->first_sequence;
    has_header_ = header.has_value();
    has_content_ = front.find_first_not_of('\0') != std::string::npos;
    const auto first = std::string_view(front).substr(std::min<std::size_t>(filled, kSpoolData));
    segment_->old_run = spool_old_run(front, first);
    for (std::uint32_t slot = 1; slot <= 2 && filled >= kSpoolData; ++slot) {
      const auto bytes = std::string_view(front).substr(kSpoolSlot * slot, kSpoolSlot);
      auto state = decode_spool_state(bytes, salt);
      if (!state) has_bad_slot_ |= bytes.find_first_not_of('\0') != std::string_view::npos;
      if (state && state->generation > state_.generation) state_ = *std::move(state);
    }
    segment_->generation = state_.generation;
    segment_->damaged = state_.damaged;
    segment_->last_sequence = state_.last_sequence;
    std::vector<SpoolRange> ranges = std::move(state_.acknowledged);
    for (const SpoolRange& range : ranges) acknowledged_ += range.records;
    while (!ranges.empty() && ranges.back().from >= size_) ranges.pop_back();
    if (!ranges.empty() && ranges.back().to > size_) {
      ranges.back().to = size_;
      is_cut_ = true;
    }
    segment_->acknowledged = SpoolRanges(std::move(ranges));
    return true;
  }

  /// Removes a file that has a front but no record.
  void remove_empty() {
    if (has_content_ && !has_header_ && size_ >= kSpoolData) {
      return set_aside("holds nothing that can be read");
    }
    say(path_ + " ends before its first record, as after a crash; removed");
    remove();
  }

  /// Reads everything not acknowledged. False: unreadable now.
  bool scan() {
    segment_->visible_end = std::max(size_, kSpoolData);
    segment_->end = kSpoolData;
    for (const SpoolRange& range : segment_->acknowledged.ranges()) segment_->end = range.to;
    SpoolCursor cursor(segment_->salt);
    std::vector<SpoolRange> bad;
    std::uint64_t found = 0;
    for (std::uint32_t at = kSpoolData;;) {
      at = segment_->skip_settled(at);
      const auto what = cursor.read(*file_, at, segment_->settled_after(at));
      if (what == SpoolCursor::Found::end) break;
      if (what == SpoolCursor::Found::failed) {
        say(cursor.error().message + "; left for the next start");
        return false;
      }
      const std::uint32_t to = cursor.to();
      if (what == SpoolCursor::Found::record) {
        ++found;
        segment_->last_sequence = std::max(segment_->last_sequence, cursor.record().sequence);
        segment_->end = std::max(segment_->end, to);
      } else if (to < size_ || cursor.whole() || state_.sealed) {
        note_damage(at, cursor.reason());
        bad.push_back({at, to, 0});
        if (cursor.whole()) segment_->end = std::max(segment_->end, to);
      }
      at = to;
    }
    for (const SpoolRange& range : bad) {
      if (range.to <= segment_->end) segment_->acknowledged.add(range);
    }
    segment_->unread = found;
    if (state_.sealed) is_cut_ = segment_->damaged = true;
    return true;
  }

  void note_damage(std::uint32_t at, std::string_view reason) {
    segment_->damaged = true;
    if (damaged_places_++ == 0)
      first_damage_ = std::to_string(at) + " (" + std::string(reason) + ")";
  }

  /// Adds one message for each file, however much is wrong with it.
  void tell() {
    if (has_bad_slot_) {
      say(path_ + ": the note of what was delivered is damaged; some records may come again");
    }
    if (is_cut_) say(path_ + " is cut short" + missing());
    if (damaged_places_ > 0) {
      say(path_ + " is damaged in " + std::to_string(damaged_places_) +
          (damaged_places_ == 1 ? " place, at byte " : " places, first at byte ") + first_damage_ +
          ": what is good in it is delivered, then the file is kept as *.bad");
    }
    if (!state_.sealed && !is_cut_ && size_ > segment_->end) {
      say(path_ + " ended within a record, as after a crash: " +
          std::to_string(size_ - segment_->end) + " bytes were cut off");
    }
  }

  std::string missing() const {
    const std::uint64_t stored = segment_->unread + acknowledged_;
    if (!state_.sealed || stored >= state_.records) return {};
    return ": " + std::to_string(state_.records - stored) + " of its " +
           std::to_string(state_.records) + " records are lost";
  }

  /// Deals with a segment that has no record left to deliver.
  void finish_empty() {
    if (segment_->damaged) {
      return set_aside("holds nothing more that can be read" + missing());
    }
    tell();
    remove();
  }

  bool cut() { return size_ <= segment_->end || file_->truncate(segment_->end).ok(); }

  /// The process that wrote it may have been killed before it synced; what is delivered from here on
  /// must be known as that after a loss of power as well.
  void make_durable() {
    if (table_.options.mode != SpoolMode::durable) return;
    if (auto synced = file_->sync(); !synced) {
      say(synced.error().message + "; a loss of power may cost what it holds");
    }
  }

  /// So that the next start need not read it through.
  void seal() {
    // If this fails, the next start does the same again.
    if (!cut()) return;
    SpoolState state = segment_->next_state();
    state.sealed = true;
    state.data_end = segment_->end;
    state.last_sequence = segment_->last_sequence;
    state.records = static_cast<std::uint32_t>(segment_->acknowledged.records() + segment_->unread);
    [[maybe_unused]] const auto sealed = write_spool_state(*file_, state, segment_->salt).ok();
  }

  void adopt() {
    segment_->sealed = true;
    segment_->file_bytes = std::max(segment_->end, kSpoolData);
    std::uint64_t unread = segment_->end - std::min(segment_->end, kSpoolData);
    for (const SpoolRange& range : segment_->acknowledged.ranges()) {
      unread -= std::min<std::uint64_t>(unread, range.to - range.from);
    }
    table_.add_unread_bytes(*segment_,
                            unread - std::min(unread, segment_->unread * kSpoolRecordHeader));
    table_.counts.bytes += segment_->file_bytes;
    table_.add(std::move(segment_));
  }

  void set_aside(const std::string& reason) {
    if (table_.read_only) return say(path_ + " " + reason);
    const auto aside = table_.directory.set_aside(name_);
    say(path_ + " " + reason +
        (aside ? "; set aside as " + aside.value() : "; " + aside.error().message));
  }

  void remove() {
    if (table_.read_only) return;
    // A file that stays is found again next time, and does no harm.
    [[maybe_unused]] const auto removed = table_.files.remove(path_).ok();
  }

  SpoolTable& table_;
  const std::string name_;
  const SpoolSegmentName parsed_;
  const std::string path_;
  std::vector<std::string>& messages_;
  std::unique_ptr<File> file_;
  std::uint32_t size_ = 0;
  bool has_header_ = false;
  bool has_content_ = false;
  bool has_bad_slot_ = false;
  bool is_cut_ = false;
  std::uint64_t acknowledged_ = 0;  ///< records, according to the state
  std::uint64_t damaged_places_ = 0;
  std::string first_damage_;
  SpoolState state_;
  std::unique_ptr<SpoolSegment> segment_;
};

}  // namespace

Result<std::uint64_t> recover_spool(SpoolTable& table, std::vector<SpoolClaimName>& claims,
                                    std::vector<std::string>& messages) {
  auto names = table.directory.names();
  if (!names) return std::move(names).error();
  std::uint64_t highest = 0;
  for (std::string& name : names.value()) {
    if (const auto claim = parse_spool_claim_name(name)) {
      claims.push_back(*claim);
      continue;
    }
    const auto parsed = parse_spool_segment_name(name);
    if (!parsed) {
      messages.push_back(table.directory.path_of(name) + " is not the spool's own; left alone");
      continue;
    }
    highest = std::max(highest, parsed->id);
    if (parsed->set_aside) {
      table.directory.found_aside(std::move(name));
    } else {
      Recovery(table, std::move(name), *parsed, messages).run();
    }
  }
  if (!table.read_only && table.options.mode == SpoolMode::durable && highest > 0) {
    if (auto synced = table.directory.sync(); !synced) messages.push_back(synced.error().message);
  }
  return highest + 1;
}

}  // namespace ship
