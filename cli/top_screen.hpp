#pragma once

#include <optional>
#include <string>

#include "cli/top_stats.hpp"

namespace ship {

/// What `top` shows at one moment.
struct TopView {
  std::string url;
  std::optional<TopStats> stats;  ///< the last there were
  TopHistory history;
  std::string trouble;  ///< why there are no newer ones; empty: there are
};

struct TopTerminal {
  unsigned columns = 80;
  unsigned rows = 24;
  bool color = true;
  bool unicode = true;
};

/// One frame: exactly as many lines as fit, none longer than the terminal is wide, between them
/// "\r\n", no newline at the end, each line cleared to its end. Sinks get as much room as there is:
/// charts where it is enough for all, else three lines or one for each. Text from outside is made
/// harmless.
std::string top_frame(const TopView& view, const TopTerminal& terminal);

}  // namespace ship
