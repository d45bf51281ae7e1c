#include "cli/top_line.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

unsigned width_of(std::string_view text) { return static_cast<unsigned>(display_width(text)); }

unsigned width_of(const TopPiece& piece) {
  unsigned width = 0;
  for (const TopSpan& span : piece) width += width_of(span.text);
  return width;
}

struct Word {
  std::string_view text;
  std::string_view style;
  bool after_blank = false;
};

/// The piece as words of which each can stand at a line's beginning; the blanks in front of the
/// first one are part of it.
std::vector<Word> words_of(const TopPiece& piece) {
  std::vector<Word> words;
  bool blank = false;
  for (const TopSpan& span : piece) {
    std::string_view text = span.text;
    while (!text.empty()) {
      const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
      if (!words.empty()) {
        blank = blank || begin > 0;
        text.remove_prefix(begin);
      }
      const std::size_t end = std::min(text.find(' ', words.empty() ? begin : 0), text.size());
      if (end == 0) break;
      words.push_back({text.substr(0, end), span.style, std::exchange(blank, false)});
      text.remove_prefix(end);
    }
  }
  return words;
}

/// As many bytes of `text` as fit into `width` columns.
std::size_t fitting(std::string_view text, unsigned width) {
  std::size_t bytes = 0;
  unsigned taken = 0;
  while (bytes < text.size()) {
    const std::size_t next = std::max<std::size_t>(utf8_sequence(text.substr(bytes)), 1);
    taken += width_of(text.substr(bytes, next));
    if (taken > width) break;
    bytes += next;
  }
  return bytes;
}

}  // namespace

/// Clearing to the end of a full line would take its last character: one column stays free.
TopLine::TopLine(const TopTerminal& terminal)
    : pen_(terminal.color), left_(std::max(terminal.columns, 2u) - 1) {}

TopLine& TopLine::add(std::string_view text, std::string_view style) {
  std::string fitting;
  while (!text.empty() && left_ > 0) {
    const std::size_t bytes = std::max<std::size_t>(utf8_sequence(text), 1);
    const unsigned width = width_of(text.substr(0, bytes));
    if (width > left_) {
      left_ = 0;
      break;
    }
    left_ -= width;
    fitting += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  if (!fitting.empty()) pen_.write(text_, style, fitting);
  return *this;
}

TopLine& TopLine::add_right(std::string_view text, std::string_view style) {
  const unsigned width = width_of(text);
  if (width + 1 > left_) return *this;
  text_ += std::string(left_ - width, ' ');
  left_ = width;
  return add(text, style);
}

std::vector<std::string> flow(const std::vector<TopPiece>& pieces, unsigned indent,
                              const TopTerminal& terminal) {
  std::vector<std::string> lines;
  TopLine line(terminal);
  bool fresh = true;
  const auto next_line = [&] {
    lines.push_back(line.take());
    line = TopLine(terminal);
    line.add(std::string(indent, ' '));
    fresh = true;
  };
  for (const TopPiece& piece : pieces) {
    const unsigned width = width_of(piece);
    if (!fresh && width + 2 > line.left()) next_line();
    if (!fresh) line.add("  ");
    if (width <= line.left()) {
      for (const TopSpan& span : piece) line.add(span.text, span.style);
      fresh = false;
      continue;
    }
    for (Word word : words_of(piece)) {
      const bool blank = word.after_blank && !fresh;
      if (!fresh && width_of(word.text) + (blank ? 1 : 0) > line.left()) {
        next_line();
      } else if (blank) {
        line.add(" ");
      }
      // A word that is longer than a line is broken where the line ends.
      while (width_of(word.text) > line.left() && terminal.columns > indent + 2) {
        const std::size_t bytes = fitting(word.text, line.left());
        if (bytes == 0) break;
        line.add(word.text.substr(0, bytes), word.style);
        word.text.remove_prefix(bytes);
        next_line();
      }
      line.add(word.text, word.style);
      fresh = false;
    }
  }
  if (!fresh) lines.push_back(line.take());
  return lines;
}

}  // namespace ship
