#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/line_pattern.hpp"

namespace ship {

/// The user's own patterns. They are not run by the scanner of the bundled ones: that one crashes
/// on some expressions and misses matches of others, and nobody has tried the user's. Never
/// changes once all are added; shared by all workers.
class UserPatterns {
 public:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint32_t pattern = 0;  ///< its position, in the order of `add`
  };

  /// Errors: config, where it is not an expression of RE2, or matches the empty text.
  Result<void> add(const std::string& regex);
  /// Prepares `may_match`; to be called once all are added.
  void finish();
  bool empty() const { return patterns_.empty(); }

  /// Whether a string of `line`, a record with its escapes undone, may hold a match.
  bool may_match(std::string_view line) const;
  /// Appends the matches in `text`: of each pattern the leftmost and longest, the next one behind
  /// it. False: there are too many, or it would take too long; then `matches` tells nothing. A
  /// longer match is looked for up to 16 kB further than one that is known.
  bool find(std::string_view text, std::vector<Match>& matches) const;

 private:
  std::vector<LinePattern> patterns_;
  std::string any_;                  ///< one expression for all of them
  std::optional<LinePattern> some_;  ///< `any_`, where it can be used
  bool anchored_ = false;            ///< a string may match where the line around it does not
};

}  // namespace ship
