#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "record/level.hpp"

namespace ship {
namespace {

/// Applies from this number on, up to the next step.
struct Step {
  double from;
  Level level;
};

constexpr std::array kMonolog = {Step{0, kDebug}, Step{200, kInfo}, Step{300, kWarning},
                                 Step{400, kError}, Step{500, kCritical}};
constexpr std::array kLog4j = {Step{0, kFatal},  Step{101, kError}, Step{201, kWarning},
                               Step{301, kInfo}, Step{401, kDebug}, Step{501, kTrace}};
constexpr std::array kLogback = {Step{0, kTrace},      Step{10'000, kDebug},
                                 Step{20'000, kInfo},  Step{30'000, kWarning},
                                 Step{40'000, kError}, Step{50'000, kFatal}};
constexpr std::array kJul = {Step{0, kTrace}, Step{500, kDebug}, Step{800, kInfo},
                             Step{900, kWarning}, Step{1000, kError}};
constexpr std::array kDotnet = {Step{0, kTrace},   Step{1, kDebug}, Step{2, kInfo},
                                Step{3, kWarning}, Step{4, kError}, Step{5, kCritical}};
constexpr std::array kSyslog = {Step{0, kCritical}, Step{3, kError}, Step{4, kWarning},
                                Step{5, kInfo}, Step{7, kDebug}};
constexpr std::array kOpentelemetry = {Step{0, kTrace},    Step{5, kDebug},  Step{9, kInfo},
                                       Step{13, kWarning}, Step{17, kError}, Step{21, kFatal}};
constexpr std::array kSlog = {Step{-100, kDebug}, Step{0, kInfo}, Step{4, kWarning},
                              Step{8, kError}};
constexpr std::array kGoogle = {Step{0, kInfo},      Step{100, kDebug}, Step{200, kInfo},
                                Step{400, kWarning}, Step{500, kError}, Step{600, kCritical}};
constexpr std::array kConsola = {Step{-1e300, kError}, Step{1, kWarning}, Step{2, kInfo},
                                 Step{4, kDebug}, Step{5, kTrace}};
// If there is no clue: below 100 as pino, whose numbers mean less than Python's; then the lower of
// Monolog's and Log4j's; JUL's above those; Logback's thousands.
constexpr std::array kUnknown = {Step{100, kDebug},    Step{200, kInfo},     Step{300, kWarning},
                                 Step{301, kInfo},     Step{401, kDebug},    Step{501, kTrace},
                                 Step{601, kDebug},    Step{800, kInfo},     Step{900, kWarning},
                                 Step{1000, kError},   Step{1001, kInfo},    Step{5'000, kTrace},
                                 Step{10'000, kDebug}, Step{20'000, kInfo},  Step{30'000, kWarning},
                                 Step{40'000, kError}, Step{50'000, kFatal}, Step{60'000, kInfo}};

Level on_steps(std::span<const Step> steps, double number) {
  Level level = steps.front().level;
  for (const Step& step : steps) {
    if (number < step.from) break;
    level = step.level;
  }
  return level;
}

Level from_pino(double number) {
  if (number < 10) return {LevelName::trace, 0};
  if (number < 20) return kTrace;
  if (number >= 60) return kFatal;
  return level_from_python_number(number - 10);
}

}  // namespace

Level level_from_number(double number, LevelScale scale) {
  if (std::isnan(number)) return kInfo;
  switch (scale) {
    case LevelScale::unknown:
      return number < 100 ? from_pino(number) : on_steps(kUnknown, number);
    case LevelScale::python:
      return level_from_python_number(number);
    case LevelScale::pino:
      return from_pino(number);
    case LevelScale::monolog:
      return on_steps(kMonolog, number);
    case LevelScale::log4j:
      return on_steps(kLog4j, number);
    case LevelScale::logback:
      return on_steps(kLogback, number);
    case LevelScale::jul:
      return on_steps(kJul, number);
    case LevelScale::dotnet:
      return on_steps(kDotnet, number);
    case LevelScale::syslog:
      return on_steps(kSyslog, number);
    case LevelScale::opentelemetry:
      return on_steps(kOpentelemetry, number);
    case LevelScale::slog:
      return on_steps(kSlog, number);
    case LevelScale::google:
      return on_steps(kGoogle, number);
    case LevelScale::consola:
      return on_steps(kConsola, number);
  }
  return kInfo;
}

Level level_from_python_number(double number) {
  if (std::isnan(number)) return kInfo;
  const auto severity = static_cast<Severity>(std::clamp(number, 0.0, 99.0));
  static constexpr std::array<LevelName, 8> kByTens = {
      LevelName::trace, LevelName::debug,    LevelName::info,  LevelName::warning,
      LevelName::error, LevelName::critical, LevelName::audit, LevelName::security};
  return {kByTens[std::min<std::size_t>(severity / 10, kByTens.size() - 1)], severity};
}

}  // namespace ship
