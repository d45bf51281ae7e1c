#include "input/intake.hpp"

#include <algorithm>
#include <utility>

namespace ship {
namespace {

// Wrapped lines are handed over when they fill this, so that short lines, which grow most, need no
// more.
constexpr std::size_t kWrappedBytes = 512u << 10;

bool is_blank(std::string_view line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

}  // namespace

Intake::Intake(const Options& options, OnRecords on_records, OnInvalidLine on_invalid_line,
               Clock& clock)
    : options_(options),
      on_records_(std::move(on_records)),
      on_invalid_line_(std::move(on_invalid_line)),
      clock_(clock),
      splitter_(options.input.max_line_bytes) {
  batch_.reserve(kBatchRecords);
}

void Intake::take(std::size_t bytes) {
  counting_.bytes += bytes;
  splitter_.commit(bytes);
  take_blocks();
}

void Intake::end_input() {
  splitter_.end_input();
  take_blocks();
}

void Intake::finish() { hand_over(true); }

std::optional<SteadyTime> Intake::wake_at() const {
  return options_.filter ? options_.filter->wake_at() : std::nullopt;
}

InputCounts Intake::counts() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

void Intake::take_blocks() {
  arrival_ = clock_.wall();
  const bool probing = options_.input.format != InputFormat::text;
  Block block;
  while (splitter_.next(block)) {
    if (probing && block.original_size == 0) probe_.begin(block.bytes);
    Lines lines(block, options_.input.max_line_bytes);
    for (Line line; lines.next(line);) {
      if (line.cut()) {
        take_cut(line);
      } else {
        take_line(line.text);
      }
    }
  }
  hand_over();
}

void Intake::take_cut(const Line& line) {
  ++counting_.truncated;
  wrap(line.text, Envelope::level_of(options_.stream), line.original_size);
}

void Intake::take_line(std::string_view line) {
  if (line.empty() || (line.front() <= ' ' && is_blank(line))) {
    ++counting_.blank;
    return;
  }
  if (options_.input.format == InputFormat::text) {
    wrap(line, Envelope::level_of(options_.stream), 0);
    return;
  }
  const Finding finding = probe_.next(line);
  if (finding.fault != Fault::none) {
    take_invalid(line, finding.fault);
    return;
  }
  Record record;
  record.line = line;
  record.time = finding.has_time ? finding.time : arrival_;
  record.level = finding.level;
  record.level_size = finding.level_size;
  record.level_at = finding.level_at;
  submit(record);
}

void Intake::take_invalid(std::string_view line, Fault fault) {
  ++counting_.invalid;
  switch (options_.input.on_invalid) {
    case OnInvalid::wrap:
      wrap(line, Envelope::level_of(options_.stream), 0);
      return;
    case OnInvalid::dead_letter:
      if (on_invalid_line_) on_invalid_line_(line, fault_text(fault));
      [[fallthrough]];
    case OnInvalid::drop:
      ++counting_.lines;
      ++counting_.discarded;
      return;
  }
}

void Intake::wrap(std::string_view text, Level level, std::uint64_t original_size) {
  char* const out = reserve(Envelope::max_size(text.size()));
  const Record record =
      envelope_.write(out, {text, original_size, arrival_, level, options_.stream});
  wrapped_size_ += record.line.size();
  submit(record);
}

void Intake::submit(const Record& record) {
  batch_.push_back(record);
  if (batch_.size() == kBatchRecords) hand_over();
}

// Room for a wrapped line. What the batch holds stays where it is, or is handed over first.
char* Intake::reserve(std::size_t bytes) {
  if (wrapped_capacity_ - wrapped_size_ < bytes) {
    hand_over();
    if (wrapped_capacity_ < bytes) {
      wrapped_capacity_ = std::max(bytes, kWrappedBytes);
      wrapped_ = std::make_unique_for_overwrite<char[]>(wrapped_capacity_);
    }
  }
  return wrapped_.get() + wrapped_size_;
}

void Intake::hand_over(bool end) {
  // A record that the filter holds back counts as a line when it is passed on or left out.
  const std::uint64_t filtered = options_.filter ? options_.filter->filter(batch_, end) : 0;
  counting_.lines += batch_.size() + filtered;
  counting_.filtered += filtered;
  counting_.submitted += batch_.size();
  if (!batch_.empty()) on_records_(batch_);
  batch_.clear();
  wrapped_size_ = 0;
  if (wrapped_capacity_ > kWrappedBytes) {
    wrapped_.reset();
    wrapped_capacity_ = 0;
  }
  const std::lock_guard lock(mutex_);
  published_ = counting_;
}

}  // namespace ship
