#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// How much a record matters, on fapilog's scale: DEBUG 10, INFO 20, WARNING 30, ERROR 40, CRITICAL
/// and FATAL 50, AUDIT 60, SECURITY 70; 0 to 99 are allowed. Compares as a number.
using Severity = std::uint8_t;

/// The names that fapilog knows, and TRACE, which pino, logrus and serilog write. `other` is any
/// other name: it counts as INFO and keeps its own text (see Record::level_name).
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

inline constexpr Level kTrace{LevelName::trace, 5};
inline constexpr Level kDebug{LevelName::debug, 10};
inline constexpr Level kInfo{LevelName::info, 20};
inline constexpr Level kWarning{LevelName::warning, 30};
inline constexpr Level kError{LevelName::error, 40};
inline constexpr Level kCritical{LevelName::critical, 50};
inline constexpr Level kFatal{LevelName::fatal, 50};
inline constexpr Level kAudit{LevelName::audit, 60};
inline constexpr Level kSecurity{LevelName::security, 70};

/// The canonical text: "WARNING", never "WARN". For `other`, "INFO". Static.
std::string_view level_text(Level level);

/// The level that `text` names, in any case, with the words of the loggers that the table of
/// dialects knows ("warn", "err", "Information", "SEVERE", "dpanic", "notice", "ERROR+2").
/// Steps between two levels that only some loggers have ("notice", "success", "http") are
/// LevelName::other with INFO's severity. None if the name is unknown; the caller then uses
/// `Level{LevelName::other, 20}`.
std::optional<Level> parse_level(std::string_view text);

/// The level of a value where a level is expected: as parse_level, and also one letter ("E",
/// MongoDB's "D2"), with spaces, brackets or a colon around it ("[error]"), after the name of its
/// type ("LogLevel.ERROR"), or with colours, raw or JSON-escaped. Allocates nothing.
std::optional<Level> read_level(std::string_view text);

/// What a logger's numbers mean. `unknown`: there is no clue; of the meanings that the number has
/// for loggers that write such numbers, the least severe one counts.
enum class LevelScale : std::uint8_t {
  unknown,
  python,         ///< 10 DEBUG … 50 CRITICAL, and fapilog's 60 AUDIT, 70 SECURITY
  pino,           ///< pino and bunyan: 10 trace … 60 fatal
  monolog,        ///< 100 DEBUG … 600 EMERGENCY
  log4j,          ///< Log4j 2, backwards: 100 FATAL … 600 TRACE
  logback,        ///< Logback and Log4j 1: 5000 TRACE … 50000 FATAL
  jul,            ///< java.util.logging: 300 FINEST … 1000 SEVERE
  dotnet,         ///< 0 Trace … 5 Critical
  syslog,         ///< 0 emerg … 7 debug
  opentelemetry,  ///< 1 TRACE … 24 FATAL4
  slog,           ///< -4 DEBUG, 0 INFO, 4 WARN, 8 ERROR
  google,         ///< 100 DEBUG … 800 EMERGENCY
  consola,        ///< 0 error … 5 trace
};

/// The level of a number on its writer's scale. A number between two steps counts as the lower one.
Level level_from_number(double number, LevelScale scale);

/// The level of a number on fapilog's and Python's scale (10, 20, 30, 40, 50 …; any 0 to 99).
/// A number above 99 counts as 99.
Level level_from_python_number(double number);

/// Whether a name in a sink's `levels` means all levels that no other sink names.
bool is_catch_all(std::string_view level);

/// A set of levels, as named by `queue.protected_levels` and a sink's `levels`. Known names match
/// by their canonical name, so that "warn" matches WARNING; unknown names, and those that only some
/// loggers have between two levels ("notice", "success"), match the record's own text, in any case.
class LevelSet {
 public:
  LevelSet() = default;
  /// With a catch-all among the names: these, and all that are not in `elsewhere`.
  explicit LevelSet(const std::vector<std::string>& names,
                    const std::vector<std::string>& elsewhere = {});

  bool empty() const { return known_ == 0 && other_.empty() && !catches_all_; }
  /// `name` is the level's text as the application wrote it; used only for LevelName::other.
  bool contains(Level level, std::string_view name) const {
    if (level.name != LevelName::other) return (known_ >> static_cast<unsigned>(level.name)) & 1u;
    return contains_other(name);
  }

 private:
  bool contains_other(std::string_view name) const;

  std::uint32_t known_ = 0;  ///< bit N: the LevelName of value N
  std::vector<std::string> other_;
  bool catches_all_ = false;            ///< everything not in `other_` or in:
  std::vector<std::string> elsewhere_;  ///< names that are not a LevelName
};

}  // namespace ship
