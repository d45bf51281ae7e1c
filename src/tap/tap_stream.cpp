#include "tap/tap_stream.hpp"

#include <algorithm>
#include <cstring>

namespace ship {

using std::chrono::milliseconds;

namespace {

// The server has others to answer.
constexpr milliseconds kTakingAtMost{5};
constexpr std::size_t kTextAtMost = 64 * 1024;
constexpr milliseconds kSilence{900};
constexpr std::string_view kRedact = "redact";

}  // namespace

TapStream::TapStream(const TapHub& hub, std::unique_ptr<TapHub::Reader> reader,
                     std::optional<Expression> where, FuturePlan redaction, std::string_view what,
                     Clock& clock)
    : hub_(hub),
      reader_(std::move(reader)),
      where_(std::move(where)),
      plan_(std::move(redaction)),
      clock_(clock),
      text_("#tap " + std::string(what) + "\n"),
      last_(clock.steady()) {}

bool TapStream::has_news() const { return sent_ < text_.size() || reader_->has_news(); }

std::size_t TapStream::read(std::span<char> room) {
  const SteadyTime now = clock_.steady();
  if (sent_ == text_.size()) {
    text_.clear();
    sent_ = 0;
    if (is_ready()) take(now + kTakingAtMost);
    if (text_.empty() && now - last_ >= kSilence) text_ = "#\n";
  }
  const std::size_t bytes = std::min(room.size(), text_.size() - sent_);
  if (bytes == 0) return 0;
  std::memcpy(room.data(), text_.data() + sent_, bytes);
  sent_ += bytes;
  last_ = now;
  return bytes;
}

bool TapStream::is_ready() {
  if (!plan_.valid() || pipeline_) return true;
  if (plan_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
  if (plan_.get()->redaction) {
    pipeline_ = std::make_unique<Pipeline>(plan_.get());
  } else {
    plan_ = {};
  }
  return true;
}

void TapStream::take(SteadyTime until) {
  constexpr std::size_t kBetweenLooks = 64;
  for (std::size_t n = 1; text_.size() < kTextAtMost; ++n) {
    if (!reader_->pop(taken_)) {
      note_left_out(reader_->take_left_out());
      return;
    }
    take_one();
    if (n % kBetweenLooks == 0 && clock_.steady() >= until) return;
  }
}

void TapStream::take_one() {
  note_left_out(taken_.left_out);
  // Redacted first: a condition would tell of what is not shown.
  if (!redact(taken_.record)) return note_left_out(1);
  if (where_ && !where_->holds(taken_.record)) return;
  if (taken_.point != point_) {
    point_ = taken_.point;
    text_ += "#sink " + hub_.name_of(point_) + "\n";
  }
  text_ += taken_.record.line;
  text_ += '\n';
}

bool TapStream::redact(Record& record) {
  if (!pipeline_) return true;
  arena_.reset();
  for (std::size_t i = 0; i < pipeline_->size(); ++i) {
    if (pipeline_->stage_name(i) != kRedact) continue;
    if (pipeline_->process_stage(i, record, arena_) == Pipeline::Outcome::unredacted) return false;
  }
  return true;
}

void TapStream::note_left_out(std::uint64_t count) {
  if (count > 0) text_ += "#left out " + std::to_string(count) + "\n";
}

}  // namespace ship
