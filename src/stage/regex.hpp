#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ship {

/// A regular expression in RE2's syntax over UTF-8: matches in time linear in the text, whatever
/// the pattern (no look-around, no back references). Matching may grow a cache up to a fixed bound.
/// One for each thread.
class Regex {
 public:
  /// Errors: config, with what RE2 says of the pattern.
  static Result<Regex> compile(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  /// Whether it matches anywhere in `text`.
  bool found_in(std::string_view text) const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
