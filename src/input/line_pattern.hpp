#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// A user's regular expression, with RE2's syntax and guarantee: a search takes time linear in the
/// text, and bounded memory. Movable. Any thread.
class LinePattern {
 public:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// Errors: config, with what is wrong in the expression and where.
  static Result<LinePattern> compile(const std::string& expression);
  ~LinePattern();
  LinePattern(LinePattern&&) noexcept;
  LinePattern& operator=(LinePattern&&) noexcept;

  bool matches(std::string_view line) const;
  /// The leftmost match in [begin, end) of `text`, and the longest of those. The surrounding text
  /// counts for anchors and word boundaries.
  std::optional<Match> find(std::string_view text, std::size_t begin, std::size_t end) const;

 private:
  struct State;
  explicit LinePattern(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
