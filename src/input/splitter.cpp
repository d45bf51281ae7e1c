#include "input/splitter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/utf8.hpp"
#include "record/json_text.hpp"

namespace ship {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

const char* find_newline(const char* from, const char* end) {
  return static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
}

/// How many bytes of NULs and complete byte order marks the text begins with.
std::size_t framing_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\0') {
      ++at;
    } else if (text.substr(at).starts_with(kByteOrderMark)) {
      at += kByteOrderMark.size();
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

bool Lines::next(Line& line) {
  if (rest_.empty()) return false;
  if (original_size_ != 0) {
    line = {without_partial_utf8(rest_), original_size_};
    rest_ = {};
    return true;
  }
  if (rest_.front() == '\0' || rest_.front() == kByteOrderMark.front()) {
    const std::size_t framing = framing_bytes(rest_);
    skipped_bytes_ += framing;
    rest_.remove_prefix(framing);
  }
  const char* const start = rest_.data();
  const char* const newline = find_newline(start, start + rest_.size());
  auto size = static_cast<std::size_t>(newline - start);
  rest_.remove_prefix(size + 1);
  if (size > 0 && newline[-1] == '\r') --size;
  line = {{start, size}, size};
  if (size > max_line_bytes_) line.text = utf8_prefix(line.text, max_line_bytes_);
  return true;
}

Splitter::Splitter(std::uint64_t max_line_bytes, std::size_t block_bytes)
    : max_line_bytes_(std::max<std::uint64_t>(max_line_bytes, 1)),
      block_bytes_(std::max<std::size_t>(block_bytes, 16)) {}

std::span<char> Splitter::room() {
  if (!data_) {
    data_ = std::make_unique_for_overwrite<char[]>(block_bytes_ + kPadding);
    capacity_ = block_bytes_;
  }
  const std::size_t held = end_ - begin_;
  if (begin_ > 0) {
    std::memmove(data_.get(), data_.get() + begin_, held);
    scanned_ -= begin_;
    offset_ += begin_;
    begin_ = 0;
    end_ = held;
  }
  const std::size_t least = block_bytes_ / 4;
  if (capacity_ - end_ < least) {
    // Two bytes more than the longest line: for its newline, and a carriage return before it.
    const std::size_t most = static_cast<std::size_t>(max_line_bytes_) + 2 + least;
    const std::size_t wanted = std::max(end_ + least, std::min(capacity_ * 2, most));
    auto larger = std::make_unique_for_overwrite<char[]>(wanted + kPadding);
    std::memcpy(larger.get(), data_.get(), end_);
    data_ = std::move(larger);
    capacity_ = wanted;
  }
  return {data_.get() + end_, capacity_ - end_};
}

void Splitter::commit(std::size_t bytes) { end_ += bytes; }

// A line starts at begin_, or there is nothing yet.
void Splitter::drop_framing() {
  const std::size_t bytes = framing_bytes({data_.get() + begin_, end_ - begin_});
  begin_ += bytes;
  framing_ += bytes;
  scanned_ = std::max(scanned_, begin_);
}

bool Splitter::next(Block& block) {
  if (std::exchange(cut_now_, false)) {
    const std::uint64_t size = end_ - begin_ + (skipping_ ? skipped_ : 0);
    block = {{data_.get() + begin_, end_ - begin_},
             skipping_ ? skipped_at_ : offset_ + begin_,
             false,
             size + 1};
    begin_ = scanned_ = end_;
    skipping_ = last_skipped_is_return_ = false;
    skipping_rest_ = true;
    return true;
  }
  if (skipping_rest_ && skip_rest()) return false;
  if (skipping_) return skip(block);
  drop_framing();

  char* const data = data_.get();
  const void* last = end_ > scanned_ ? memrchr(data + scanned_, '\n', end_ - scanned_) : nullptr;
  if (last != nullptr) {
    const auto after = static_cast<std::size_t>(static_cast<const char*>(last) - data) + 1;
    block = {{data + begin_, after - begin_}, offset_ + begin_};
    begin_ = scanned_ = after;
    return true;
  }
  scanned_ = end_;
  if (end_ - begin_ > max_line_bytes_ + 1) {
    // Certainly over-long, even if the last byte is the carriage return of a line end.
    const std::size_t kept_end = begin_ + static_cast<std::size_t>(max_line_bytes_);
    skipping_ = true;
    skipped_ = end_ - kept_end;
    skipped_at_ = offset_ + begin_;
    offset_ += skipped_;
    last_skipped_is_return_ = data[end_ - 1] == '\r';
    end_ = scanned_ = kept_end;
    return skip(block);
  }
  if (!ended_) return false;
  const bool any = end_ > begin_;
  if (any) {
    data[end_] = '\n';
    block = {{data + begin_, end_ - begin_ + 1}, offset_ + begin_, true};
  }
  reset();
  return any;
}

// Whether all that there is belongs to that line.
bool Splitter::skip_rest() {
  const char* const newline =
      end_ > begin_ ? find_newline(data_.get() + begin_, data_.get() + end_) : nullptr;
  begin_ = scanned_ = newline ? static_cast<std::size_t>(newline - data_.get()) + 1 : end_;
  skipping_rest_ = newline == nullptr;
  if (skipping_rest_ && ended_) reset();
  return newline == nullptr;
}

// The room was read into behind the kept beginning, which ends at scanned_.
bool Splitter::skip(Block& block) {
  char* const data = data_.get();
  const std::size_t kept_end = scanned_;
  const char* const newline = find_newline(data + kept_end, data + end_);
  const std::size_t stop = newline ? static_cast<std::size_t>(newline - data) : end_;
  if (stop > kept_end) {
    skipped_ += stop - kept_end;
    last_skipped_is_return_ = data[stop - 1] == '\r';
  }
  if (newline == nullptr && !ended_) {
    offset_ += end_ - kept_end;
    end_ = kept_end;
    return false;
  }
  const std::size_t kept = kept_end - begin_;
  block = {{data + begin_, kept},
           skipped_at_,
           newline == nullptr,
           kept + skipped_ - (last_skipped_is_return_ ? 1 : 0)};
  skipping_ = false;
  if (newline == nullptr) {
    reset();
  } else {
    begin_ = scanned_ = stop + 1;
  }
  return true;
}

void Splitter::end_input() { ended_ = true; }

void Splitter::cut_line() { cut_now_ = end_ > begin_; }

void Splitter::release() {
  const std::size_t held = end_ - begin_;
  // A line that grows is not copied for each piece of it.
  if (capacity_ - held <= held / 4) return;
  std::unique_ptr<char[]> smaller;
  if (held > 0) {
    smaller = std::make_unique_for_overwrite<char[]>(held + kPadding);
    std::memcpy(smaller.get(), data_.get() + begin_, held);
  }
  data_ = std::move(smaller);
  capacity_ = held;
  scanned_ -= begin_;
  offset_ += begin_;
  begin_ = 0;
  end_ = held;
}

void Splitter::reset() {
  begin_ = end_ = scanned_ = 0;
  offset_ = skipped_ = 0;
  skipping_ = last_skipped_is_return_ = false;
  cut_now_ = skipping_rest_ = false;
  ended_ = false;
}

}  // namespace ship
