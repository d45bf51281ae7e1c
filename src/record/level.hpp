#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// How much a record matters, on fapilog's scale: DEBUG 10, INFO 20, WARNING 30, ERROR 40,
/// CRITICAL and FATAL 50, AUDIT 60, SECURITY 70; 0 to 99 are allowed. Compared as a number.
using Severity = std::uint8_t;

/// The names fapilog knows, and TRACE, which pino, logrus and serilog write. `other` is any name
/// beside these: it counts as INFO and its own text is kept (see Record::level_name).
enum class LevelName : std::uint8_t {
  other,
  trace,
  debug,
  info,
  warning,
  error,
  critical,
  fatal,
  audit,
  security
};

/// A level: the name and its severity. Two bytes; pass by value.
struct Level {
  LevelName name = LevelName::info;
  Severity severity = 20;

  friend bool operator==(Level, Level) = default;
};

/// The canonical text: "WARNING", never "WARN". For `other`, "INFO". Lives for ever.
std::string_view level_text(Level level);

/// The level that `text` names, in any case, with the aliases that pino, zap, logrus, slog,
/// structlog, bunyan and serilog write ("warn", "err", "Information", "dpanic", "ERROR+2").
/// None where the name is unknown; the caller then uses `Level{LevelName::other, 20}`.
std::optional<Level> parse_level(std::string_view text);

/// The level of a number on fapilog's and Python's scale (10, 20, 30, 40, 50 …; any 0 to 99).
/// Above 99 counts as 99.
Level level_from_python_number(double number);

/// The level of a number on pino's and bunyan's scale (10 trace … 60 fatal).
Level level_from_pino_number(double number);

/// Whether a name in a sink's `levels` means all that no other sink names.
bool is_catch_all(std::string_view level);

/// A set of levels, as `queue.protected_levels` and a sink's `levels` name it. Known names match by
/// their canonical name, so that "warn" finds WARNING; unknown names match the record's own text,
/// in any case.
class LevelSet {
 public:
  LevelSet() = default;
  /// With a catch-all among the names: these, and all that are not `elsewhere`.
  explicit LevelSet(const std::vector<std::string>& names,
                    const std::vector<std::string>& elsewhere = {});

  bool empty() const { return known_ == 0 && other_.empty() && !catches_all_; }
  /// `name` is the level's text as the application wrote it; looked at only for LevelName::other.
  bool contains(Level level, std::string_view name) const {
    if (level.name != LevelName::other) return (known_ >> static_cast<unsigned>(level.name)) & 1u;
    return contains_other(name);
  }

 private:
  bool contains_other(std::string_view name) const;

  std::uint32_t known_ = 0;  ///< bit N: the LevelName of value N
  std::vector<std::string> other_;
  bool catches_all_ = false;            ///< what is not in `other_` nor in:
  std::vector<std::string> elsewhere_;  ///< names that are no LevelName
};

}  // namespace ship
