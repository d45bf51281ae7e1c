#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// A regular expression of the user's that a line matches somewhere: RE2's syntax and guarantee,
/// time linear in the line and memory bounded. Movable. `matches` may be called from any thread.
class LinePattern {
 public:
  /// Errors: config, with what is wrong in the expression.
  static Result<LinePattern> compile(const std::string& expression);
  ~LinePattern();
  LinePattern(LinePattern&&) noexcept;
  LinePattern& operator=(LinePattern&&) noexcept;

  bool matches(std::string_view line) const;

 private:
  struct State;
  explicit LinePattern(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
