#include "input/multiline.hpp"

#include <utility>

namespace ship {
namespace {

// One long traceback must not keep its memory for ever.
constexpr std::size_t kKeptBytes = 64u << 10;

}  // namespace

Multiline::Multiline(Options options) : options_(std::move(options)) {}

bool Multiline::add(std::string_view line, std::string_view bare) {
  if (!holds()) {
    begin(bare);
  } else {
    const bool fits =
        lines_ < kMaxLines && text_.size() + blanks_ + 1 + line.size() <= options_.max_bytes;
    if (!fits || !joins(bare)) return false;
    text_.append(blanks_ + 1, '\n');
  }
  text_.append(line);
  blanks_ = 0;
  ++lines_;
  return true;
}

void Multiline::add_blank() {
  if (holds() && blanks_ < kMaxLines) ++blanks_;
}

void Multiline::clear() {
  text_.clear();
  if (text_.capacity() > kKeptBytes) text_.shrink_to_fit();
  lines_ = 0;
  blanks_ = 0;
}

void Multiline::begin(std::string_view bare) {
  if (options_.start) return;
  traceback_.begin(bare);
  pretty_ = is_pretty_head(bare);
  if (pretty_) extent_.begin(bare);
}

bool Multiline::joins(std::string_view bare) {
  if (options_.start) return !options_.start->matches(bare);
  if (is_pretty_head(bare)) return false;
  if (pretty_ && (extent_.open() || bare.front() == '\'')) {
    extent_.add(bare);
    return true;
  }
  return traceback_.joins(bare);
}

}  // namespace ship
