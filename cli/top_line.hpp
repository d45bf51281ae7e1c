#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/top_screen.hpp"
#include "sinks/terminal/terminal_style.hpp"

namespace ship {

/// One line that is never wider than the terminal.
class TopLine {
 public:
  explicit TopLine(const TopTerminal& terminal);

  /// As much of it as there is room for.
  TopLine& add(std::string_view text, std::string_view style = {});
  /// Blanks, so that `text` ends at the right edge; where there is no room for it, nothing.
  TopLine& add_right(std::string_view text, std::string_view style = {});
  unsigned left() const { return left_; }
  std::string take() { return std::move(text_); }

 private:
  Pen pen_;
  unsigned left_;
  std::string text_;
};

/// Words that belong together, of one style.
struct TopSpan {
  std::string text;
  std::string_view style = {};
};
/// What stays on one line where that can be.
using TopPiece = std::vector<TopSpan>;

/// The pieces with two blanks between them, on as many lines as they need: none is cut. All lines
/// but the first begin with `indent` blanks.
std::vector<std::string> flow(const std::vector<TopPiece>& pieces, unsigned indent,
                              const TopTerminal& terminal);

}  // namespace ship
