#include "input/intake.hpp"

#include <algorithm>
#include <utility>

#include "input/reading_options.hpp"
#include "record/ansi.hpp"
#include "record/json_text.hpp"
#include "record/pretty_line.hpp"

namespace ship {
namespace {

// Wrapped lines are handed over when they fill this; it suffices even for short lines, which grow
// most.
constexpr std::size_t kWrappedBytes = 512u << 10;

// How far the times given to lines may run ahead of the clock; beyond that, the clock was set back.
constexpr WallNanos kMostAhead = 1'000'000'000;

bool is_blank(std::string_view line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

// However steadily lines join a group, its first line never waits longer than this many timeouts.
constexpr int kMostTimeouts = 10;

}  // namespace

Intake::Intake(const Options& options, OnRecords on_records, OnInvalidLine on_invalid_line,
               Clock& clock)
    : options_(options),
      on_records_(std::move(on_records)),
      on_invalid_line_(std::move(on_invalid_line)),
      clock_(clock),
      multiline_(multiline_options(options.input)),
      own_flow_(make_flow(Splitter::kDefaultBlockBytes)),
      probe_(probe_options(options.input)),
      unwrapper_(options.input.unwrap),
      text_times_(time_zone_of(options.input)),
      numbers_(options.numbers ? *options.numbers : own_numbers_.emplace()) {
  batch_.reserve(kBatchRecords);
}

void Intake::take(std::size_t bytes) {
  counting_.bytes += bytes;
  flow_->splitter_.commit(bytes);
  take_blocks();
}

void Intake::end_input() {
  flow_->splitter_.end_input();
  take_blocks();
  flush();
  file_.reset();
  known_id_.reset();
}

std::optional<SteadyTime> Intake::deadline() const {
  const auto filter_at = options_.filter ? options_.filter->wake_at() : std::nullopt;
  if (!flow_->waiting_.deadline || !filter_at)
    return flow_->waiting_.deadline ? flow_->waiting_.deadline : filter_at;
  return std::min(*flow_->waiting_.deadline, *filter_at);
}

void Intake::wake() {
  if (flow_->waiting_.deadline && clock_.steady() >= *flow_->waiting_.deadline) {
    flush();
  } else {
    hand_over();
  }
}

void Intake::flush() {
  if (prompt_waits()) {
    flow_->splitter_.end_input();
    take_blocks();
  }
  for (LineParts& parts : flow_->waiting_.parts) finish_parts(parts);
  close_group();
  flow_->waiting_.deadline.reset();
  hand_over();
}

void Intake::take_blocks() {
  // Each line has its own time: some servers treat lines with equal time and text as one.
  const WallNanos now = clock_.wall();
  if (now > arrival_ || arrival_ - now > kMostAhead) arrival_ = now;
  probe_.set_now(now);
  text_times_.set_now(now);
  const bool probing = options_.input.format != InputFormat::text || unwrapper_.unwraps_objects();
  Splitter& splitter = flow_->splitter_;
  const std::uint64_t skipped_before = splitter.skipped_bytes();
  Block block;
  while (splitter.next(block)) {
    if (probing && block.original_size == 0) probe_.begin(block.bytes);
    Lines lines(block, options_.input.max_line_bytes);
    for (Line line; lines.next(line);) {
      line_at_ = block.position + static_cast<std::uint64_t>(line.text.data() - block.bytes.data());
      if (block.unended) line_at_ |= kUnendedLine;
      if (line.cut()) {
        take_cut(line);
      } else {
        take_line(line.text);
      }
    }
    counting_.skipped_bytes += lines.skipped_bytes();
  }
  counting_.skipped_bytes += splitter.skipped_bytes() - skipped_before;
  set_deadline();
  hand_over();
}

void Intake::take_cut(const Line& line) {
  close_group();
  ++counting_.truncated;
  TextFinding told;
  if (options_.input.format != InputFormat::text && line.text.front() == '{') {
    const Finding known = probe_.probe_beginning(line.text);
    told.has_level = known.has_level;
    told.level = known.level;
    told.has_time = known.has_time;
    told.time = known.time;
  } else {
    if (options_.input.level_from_text) told = read_text_line(line.text, text_times_);
  }
  wrap(line.text, line.original_size, told, line_at_);
}

void Intake::take_line(std::string_view line) {
  if (line.empty() || (line.front() <= ' ' && is_blank(line))) {
    ++counting_.blank;
    flow_->waiting_.group.add_blank();
    return;
  }
  const bool text = options_.input.format == InputFormat::text;
  const bool unwraps = unwrapper_.unwraps_objects();
  if (text && !unwraps) {
    take_text(line, Fault::none);
    return;
  }
  const Finding finding = probe_.next(line);
  if (unwraps && finding.fault == Fault::none) {
    if (const auto inside = unwrapper_.object(line, finding)) {
      take_enveloped(*inside, text ? Fault::none : Fault::not_an_object);
      return;
    }
  }
  if (text || finding.fault != Fault::none) {
    take_text(line, text ? Fault::none : finding.fault);
    return;
  }
  if (flow_->waiting_.group.holds()) close_group();
  submit_object(line, finding, line_at_);
}

void Intake::submit_object(std::string_view line, const Finding& finding, std::uint64_t at) {
  Record& record = batch_.emplace_back();
  record.line = line;
  record.time = finding.has_time ? finding.time : arrival_++;
  record.level = finding.level;
  record.level_size = finding.level_size;
  record.level_at = finding.level_at;
  submit_last(at);
}

// A line that is not a JSON object: strips what a container runtime put around it.
void Intake::take_text(std::string_view line, Fault fault) {
  if (const auto inside = unwrapper_.text(line)) {
    take_enveloped(*inside, fault);
  } else {
    group_of({options_.stream});
    take_bare_text(line, fault);
  }
}

void Intake::take_enveloped(const EnvelopedLine& line, Fault fault) {
  LineParts& parts = flow_->waiting_.parts[line.source.stream == Stream::standard_error ? 1 : 0];
  if (parts.waits && parts.source != line.source) finish_parts(parts);
  const bool whole = parts.add(line, line_at_, fault);
  if (whole || parts.text.size() >= options_.input.max_line_bytes) finish_parts(parts);
}

// The parts of one line are complete, or no more of it came.
void Intake::finish_parts(LineParts& parts) {
  if (!parts.waits) return;
  parts.waits = false;
  const std::uint64_t next_at = std::exchange(line_at_, parts.at);
  group_of(parts.source);
  if (parts.text.empty() || is_blank(parts.text)) {
    ++counting_.blank;
    flow_->waiting_.group.add_blank();
  } else if (!take_part_object(parts)) {
    take_bare_text(parts.text, parts.fault, parts.around);
  }
  line_at_ = next_at;
}

bool Intake::take_part_object(const LineParts& parts) {
  const std::string& text = parts.text;
  if (options_.input.format == InputFormat::text || text.front() != '{') return false;
  if (text[text.find_last_not_of(" \t\r\n")] != '}') return false;
  close_group();
  return take_object(text, parts.at, parts.around);
}

void Intake::group_of(const TextSource& source) {
  if (flow_->waiting_.group.holds() && source != flow_->waiting_.group.source()) close_group();
  flow_->waiting_.group.set_source(source);
}

void Intake::take_bare_text(std::string_view line, Fault fault, const Around& around) {
  // A line that was meant to be an object is not part of a traceback.
  const bool object = fault != Fault::none && line.front() == '{' && line.back() == '}';
  if (object) {
    close_group();
    finish_text({line, {}, around, fault, line_at_});
    return;
  }
  const std::string_view bare = without_ansi(line, bare_line_);
  if (bare.empty() || is_blank(bare)) {
    ++counting_.blank;
    flow_->waiting_.group.add_blank();
    return;
  }
  const TextFinding told = read_text_line(bare, text_times_);
  if (!options_.input.multiline) {
    finish_text({line, told, around, fault, line_at_});
    return;
  }
  const bool as_it_came =
      options_.keep_colors || options_.input.on_invalid == OnInvalid::dead_letter;
  const TextGroup::Line next{as_it_came ? line : bare, bare, told, around, fault, line_at_};
  if (!flow_->waiting_.group.add(next)) {
    close_group();
    flow_->waiting_.group.add(next);
  }
  if (flow_->waiting_.group.lines() == 1) flow_->waiting_.group_is_new = true;
}

void Intake::close_group() {
  if (!flow_->waiting_.group.holds()) return;
  finish_text(flow_->waiting_.group.message(text_times_));
  flow_->waiting_.group.clear();
}

bool Intake::prompt_waits() const {
  if (!options_.prompts) return false;
  const std::string_view begun = flow_->splitter_.begun_line();
  const std::size_t first = begun.find_first_not_of(" \t\r");
  return first != std::string_view::npos && begun[first] != '{';
}

// Reads the clock once for each block, and only if something waits.
void Intake::set_deadline() {
  flow_->waiting_.deadline.reset();
  const bool prompt = prompt_waits();
  const bool part = flow_->waiting_.parts[0].waits || flow_->waiting_.parts[1].waits;
  if (!flow_->waiting_.group.holds() && !prompt && !part) return;
  const SteadyTime now = clock_.steady();
  const auto timeout = options_.input.multiline_timeout;
  if (!flow_->waiting_.group.holds()) {
    flow_->waiting_.deadline = now + timeout;
    return;
  }
  if (std::exchange(flow_->waiting_.group_is_new, false)) flow_->waiting_.group_began = now;
  flow_->waiting_.deadline =
      std::min(now + timeout, flow_->waiting_.group_began + kMostTimeouts * timeout);
}

void Intake::finish_text(const TextGroup::Message& message) {
  const auto& [text, told, around, fault, at] = message;
  const bool fails = fault != Fault::none;
  if (fails && finish_object(text, at, around)) return;
  if (fails) ++counting_.invalid;
  if (!fails || options_.input.on_invalid == OnInvalid::wrap) {
    const TextFinding own = options_.input.level_from_text ? told : TextFinding();
    wrap(text, 0, around.complete(own), at);
    return;
  }
  if (options_.input.on_invalid == OnInvalid::dead_letter && on_invalid_line_) {
    on_invalid_line_(text, fault_text(fault), identity(at));
  }
  ++counting_.lines;
  ++counting_.discarded;
}

// Turns an object written over many lines into one line: wherever valid JSON has a newline, a space
// means the same. False: the text is not an object.
bool Intake::finish_object(std::string_view text, std::uint64_t at, const Around& around) {
  return (text.starts_with("{\n") || text.starts_with("{\r\n")) && take_object(text, at, around);
}

// Takes an object that is not in a block; newlines in it become spaces. False: the text is not an
// object.
bool Intake::take_object(std::string_view text, std::uint64_t at, const Around& around) {
  char* const out = reserve(text.size());
  std::copy(text.begin(), text.end(), out);
  std::replace(out, out + text.size(), '\n', ' ');
  const std::string_view line(out, text.size());
  if (!joined_probe_) joined_probe_ = std::make_unique<Probe>(probe_options(options_.input, 4096));
  Finding finding = joined_probe_->probe(line);
  if (finding.fault != Fault::none) return false;
  if (!finding.has_time && around.time) {
    finding.has_time = true;
    finding.time = *around.time;
  }
  if (!finding.has_level && around.level) finding.level = *around.level;
  wrapped_size_ += line.size();
  submit_object(line, finding, at);
  return true;
}

// Cuts a text whose escapes would make it longer than max_line_bytes.
void Intake::wrap(std::string_view text, std::uint64_t original_size, const TextFinding& told,
                  std::uint64_t at) {
  const std::string_view whole = text;
  text = json_text_prefix(text, options_.input.max_line_bytes);
  if (text.size() < whole.size() && original_size == 0) {
    ++counting_.truncated;
    original_size = whole.size();
  }
  const std::string_view bare = without_ansi(text, bare_text_);
  // A cut text gets no fields: its record would grow past max_line_bytes.
  const bool looks = options_.input.level_from_text && original_size == 0;
  const std::string_view data =
      looks ? logfmt_.fields(bare, options_.input.max_line_bytes / 4) : "{}";
  char* const out =
      reserve(std::max(Envelope::max_size(text.size(), data.size()), max_pretty_size(text.size())));
  const auto pretty = original_size == 0 ? parse_pretty(bare) : std::nullopt;
  Record record;
  if (pretty) {
    const auto id = envelope_.message_id();
    record =
        write_pretty(out, *pretty, flow_->waiting_.group.source().stream, {id.data(), id.size()});
  } else {
    const WallNanos time = told.has_time ? told.time : arrival_++;
    const std::string_view kept = options_.keep_colors ? text : bare;
    record = envelope_.write(
        out, {kept, original_size, time, told.level, flow_->waiting_.group.source().stream, data});
  }
  wrapped_size_ += record.line.size();
  batch_.push_back(record);
  submit_last(at);
}

// The identity of the line that begins at `at`.
RecordId Intake::identity(std::uint64_t at) {
  if (known_id_) return *std::exchange(known_id_, std::nullopt);
  if (file_) return {*file_, at};
  if (next_number_ == numbers_end_) {
    next_number_ = numbers_.take(kBatchRecords);
    numbers_end_ = next_number_ + kBatchRecords;
  }
  return {numbers_.run(), next_number_++};
}

void Intake::submit_last(std::uint64_t at) {
  batch_.back().id = identity(at);
  if (batch_.size() == kBatchRecords) hand_over();
}

// Room for a wrapped line. The batch's content stays in place, or is handed over first.
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
  // A record that the filter holds back counts as a line once it is passed on or left out.
  const std::uint64_t filtered = options_.filter ? options_.filter->filter(batch_, end) : 0;
  counting_.lines += batch_.size() + filtered;
  counting_.filtered += filtered;
  counting_.count_submitted(batch_);
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
