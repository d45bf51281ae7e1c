#include "input/multiline.hpp"

#include <utility>

namespace ship {
namespace {

// One long traceback must not keep its memory for ever.
constexpr std::size_t kKeptBytes = 64u << 10;

bool is_indented(std::string_view line) { return line.front() == ' ' || line.front() == '\t'; }

}  // namespace

Multiline::Multiline(Options options) : options_(std::move(options)) {}

bool Multiline::add(std::string_view line, std::string_view bare, TextFinding::Head head) {
  if (!holds()) {
    begin(bare, head);
  } else {
    const bool fits =
        lines_ < kMaxLines && text_.size() + blanks_ + 1 + line.size() <= options_.max_bytes;
    if (!fits || !joins(bare, head)) return false;
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

void Multiline::begin(std::string_view bare, TextFinding::Head head) {
  if (options_.start) return;
  head_ = head;
  indented_ = is_indented(bare);
  traceback_.begin(bare);
  pretty_ = is_pretty_head(bare);
  if (pretty_) extent_.begin(bare);
}

bool Multiline::joins(std::string_view bare, TextFinding::Head head) {
  using Head = TextFinding::Head;
  if (options_.start) return !options_.start->matches(bare);
  if (is_pretty_head(bare)) return false;
  if (pretty_ && (extent_.open() || bare.front() == '\'')) {
    extent_.add(bare);
    return true;
  }
  // A head that is indented is one only among its like.
  const bool begins = is_indented(bare) ? head == Head::time && head_ == Head::time && indented_
                                        : head == Head::time || head == Head::level;
  if (begins) {
    // "Error: …" may be the end of a traceback, "ERROR: …" is not.
    const bool names_error = head == Head::level && bare.starts_with("Error: ");
    return names_error && traceback_.joins(bare);
  }
  if (traceback_.joins(bare)) return true;
  if (head == Head::failure || head_ == Head::none || pretty_) return false;
  traceback_.append(bare);
  return true;
}

}  // namespace ship
