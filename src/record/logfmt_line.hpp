#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ship {

/// Reads lines of plain text that are entirely logfmt, `key=value key="a value"` and nothing else,
/// as Go's slog, logrus and go-kit write them. One thread; allocates nothing after its first lines.
class LogfmtLine {
 public:
  static constexpr std::size_t kMostFields = 64;

  /// The line's fields as one JSON object, except those for level and time; keys sorted, the last
  /// of duplicates counts. Plain numbers, `true` and `false` are values of that type; everything
  /// else is text. "{}" if the line is something else, has only one field or more than kMostFields,
  /// or if line or object are longer than `most_bytes`. Lives until the next call.
  std::string_view fields(std::string_view line, std::size_t most_bytes = SIZE_MAX);

 private:
  struct Field {
    std::string_view key;
    std::string_view value;  ///< without its quotes
    bool quoted = false;
  };
  bool read(std::string_view line);
  void write();

  std::array<Field, kMostFields> fields_;
  std::size_t size_ = 0;
  std::string unescaped_;
  std::string object_;
};

/// Whether a logfmt key holds the level; then, the time.
bool is_logfmt_level_key(std::string_view key);
bool is_logfmt_time_key(std::string_view key);

}  // namespace ship
