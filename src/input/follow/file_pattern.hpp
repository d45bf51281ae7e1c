#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// A path, or a pattern as the shell has them: `*`, `?`, `[…]` within a component, `{a,b}`.
class FilePattern {
 public:
  explicit FilePattern(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  /// False: it names one file.
  bool has_wildcards() const;
  /// What is there now and fits, in no order; of a plain path itself, whether it is there or not.
  std::vector<std::string> paths() const;
  /// The directories that are there now in which something may turn up that fits, or that leads to
  /// it.
  std::vector<std::string> directories() const;

 private:
  std::string text_;
};

}  // namespace ship
