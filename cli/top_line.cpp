#include "cli/top_line.hpp"

#include <algorithm>

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

/// The piece as words of which each can stand at a line's beginning, the blanks behind them in it.
std::vector<TopSpan> words_of(const TopPiece& piece) {
  std::vector<TopSpan> words;
  for (const TopSpan& span : piece) {
    std::string_view text = span.text;
    while (!text.empty()) {
      const std::size_t blank = text.find(' ');
      const std::size_t end = blank == text.npos ? text.size() : blank + 1;
      words.push_back({std::string(text.substr(0, end)), span.style});
      text.remove_prefix(end);
    }
  }
  return words;
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
    for (const TopSpan& word : words_of(piece)) {
      const std::string_view bare(word.text.data(), word.text.find_last_not_of(' ') + 1);
      if (!fresh && width_of(bare) > line.left()) next_line();
      std::string_view rest = word.text;
      // A word that is longer than a line is broken where the line ends.
      while (width_of(bare) > line.left() && !rest.empty() && line.left() > 0 &&
             terminal.columns > indent + 2) {
        std::size_t bytes = 0;
        unsigned taken = 0;
        while (bytes < rest.size()) {
          const std::size_t next = std::max<std::size_t>(utf8_sequence(rest.substr(bytes)), 1);
          const unsigned wide = width_of(rest.substr(bytes, next));
          if (taken + wide > line.left()) break;
          taken += wide;
          bytes += next;
        }
        if (bytes == 0 || bytes == rest.size()) break;
        line.add(rest.substr(0, bytes), word.style);
        rest.remove_prefix(bytes);
        next_line();
      }
      line.add(rest, word.style);
      fresh = false;
    }
  }
  if (!fresh) lines.push_back(line.take());
  return lines;
}

}  // namespace ship
