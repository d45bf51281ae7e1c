#pragma once

#include <optional>
#include <string>

#include "cli/top_stats.hpp"

namespace ship {

/// What `top` shows at one moment.
struct TopView {
  std::string url;
  std::optional<TopStats> stats;  ///< the latest statistics
  TopHistory history;
  std::string trouble;  ///< why there are no newer ones; empty: these are current
};

struct TopTerminal {
  unsigned columns = 80;
  unsigned rows = 24;
  bool color = true;
  bool unicode = true;
};

/// One frame: exactly as many lines as fit, none wider than the terminal, separated by "\r\n",
/// without a final newline, each line cleared to its end. Sinks get as much room as there is:
/// charts if there is enough for all, else three lines or one each. Text from outside is made
/// harmless.
std::string top_frame(const TopView& view, const TopTerminal& terminal);

}  // namespace ship
