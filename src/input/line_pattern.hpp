#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// A regular expression of the user's: RE2's syntax and guarantee, a search takes time linear in
/// the text, and bounded memory. Copies share what was
/// compiled. May be used from any thread.
class LinePattern {
 public:
  struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// Errors: config, with what is wrong in the expression and where.
  static Result<LinePattern> compile(const std::string& expression);
  ~LinePattern();
  LinePattern(const LinePattern&);
  LinePattern& operator=(const LinePattern&);
  LinePattern(LinePattern&&) noexcept;
  LinePattern& operator=(LinePattern&&) noexcept;

  bool matches(std::string_view line) const;
  /// The leftmost match in [begin, end) of `text`, and the longest of those. The surrounding text
  /// counts for anchors and word boundaries.
  std::optional<Match> find(std::string_view text, std::size_t begin, std::size_t end) const;

 private:
  struct State;
  explicit LinePattern(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace ship
