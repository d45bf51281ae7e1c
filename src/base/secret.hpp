#pragma once

#include <string>

#include "base/result.hpp"

namespace ship {

/// A password or token, given as text or as the path of a file that holds it. Never printed: the
/// only conversion to text is `reveal()`, which only the code that sends it calls.
class Secret {
 public:
  Secret() = default;
  static Secret literal(std::string value);
  /// The file is read at each `reveal()`, so a rotated secret takes effect without a restart.
  static Secret from_file(std::string path);

  /// True if neither a value nor a file was given.
  bool empty() const { return value_.empty() && path_.empty(); }
  /// The path, empty for a literal; for messages and --print-config.
  const std::string& path() const { return path_; }
  /// The same text, or the same file.
  bool operator==(const Secret&) const = default;
  /// The secret itself. From a file: its content without the final newline. Errors: config, if the
  /// file cannot be read, is empty or is larger than 64 KB.
  Result<std::string> reveal() const;

 private:
  std::string value_;
  std::string path_;
};

}  // namespace ship
