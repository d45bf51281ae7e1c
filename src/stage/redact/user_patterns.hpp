#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/line_pattern.hpp"

namespace ship {

/// The user's own patterns. The scanner of the bundled ones does not run them: it crashes on some
/// expressions and misses matches of others, and nobody has tested the user's. Immutable once all
/// are added; shared by all workers.
class UserPatterns {
 public:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint32_t pattern = 0;  ///< its position, in the order of `add`
  };

  /// Errors: config, if it is not a valid RE2 expression, or matches the empty text.
  Result<void> add(const std::string& regex);
  /// Prepares `may_match`; call it once all are added.
  void finish();
  bool empty() const { return patterns_.empty(); }

  /// Whether a string of `line`, a record with its escapes undone, may hold a match.
  bool may_match(std::string_view line) const;
  /// Appends the matches in `text`: for each pattern the leftmost and longest, then the next one
  /// after it. False: there are too many, or it would take too long; `matches` is then meaningless.
  /// Looks for a longer match up to 16 kB past a known one.
  bool find(std::string_view text, std::vector<Match>& matches) const;

 private:
  std::vector<LinePattern> patterns_;
  std::string any_;                  ///< one expression for all of them
  std::optional<LinePattern> some_;  ///< `any_` compiled, if usable
  bool anchored_ = false;            ///< a string may match even if the line around it does not
};

}  // namespace ship
