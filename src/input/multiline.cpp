#include "input/multiline.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "record/level_word.hpp"

namespace ship {
namespace {

// One long traceback must not hold its memory forever.
constexpr std::size_t kKeptBytes = 64u << 10;

bool is_indented(std::string_view line) { return line.front() == ' ' || line.front() == '\t'; }

/// The column after the first word of a line.
std::size_t word_end(std::string_view line) {
  const auto word = std::find_if(line.begin(), line.end(), is_letter);
  return static_cast<std::size_t>(std::find_if_not(word, line.end(), is_letter) - line.begin());
}

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
  level_end_ = 0;
  if (head == TextFinding::Head::level) level_end_ = static_cast<std::uint16_t>(word_end(bare));
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
  // An indented head counts only among others like it (log4j's "%5p" right-aligns levels), after a
  // blank line (consola), or with a level in a column (rich).
  const bool is_head = head == Head::time || head == Head::level;
  const auto among_like = [&] {
    return head == head_ && (head == Head::time ? indented_ : word_end(bare) == level_end_);
  };
  const bool begins = is_head && (!is_indented(bare) || blanks_ > 0 || among_like() ||
                                  padded_level(bare).has_value());
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
