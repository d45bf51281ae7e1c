#pragma once

#include <memory>

#include "assembly/ship.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/status_line.hpp"
#include "cli/diagnostics.hpp"
#include "cli/progress_text.hpp"
#include "config/sources.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Whether standard error may show a bar that nobody asked for: it is a terminal, TERM is not dumb,
/// and CI is not set.
bool may_show_bar();

/// Shows on standard error how far the reading of files has got: on a terminal a bar below
/// everything else, redrawn ten times a second and gone at the end; elsewhere, if requested, a line
/// now and then. Used by the main thread.
class Progress {
 public:
  enum class When { automatic, always, never };
  /// The setting `progress`, and `quiet`, which turns off the automatic one.
  static When when(const Values& globals);

  /// Automatic is a bar for regular files on a terminal, in the foreground; none if TERM is dumb,
  /// CI is set, a command is run, or standard output sends the lines into a pipe, whose reader may
  /// use the same terminal. `diagnostics` outlives it. Errors: io.
  static Result<std::unique_ptr<Progress>> open(When when, const Settings& settings,
                                                Diagnostics& diagnostics);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Null: no line stays at the bottom of a terminal. Must outlive the ship that uses it.
  StatusLine* status_line() const { return line_.get(); }

  /// Readable when `tick` is due; -1: never.
  int fd() const { return timer_.get(); }
  /// Shows the current state; may also be called out of turn (the terminal has a new size).
  void tick(const Ship& ship);
  /// Removes the bar. May be called again.
  void finish();

 private:
  explicit Progress(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Diagnostics& diagnostics_;
  std::unique_ptr<StatusLine> line_;
  Fd timer_;
  RateMeter meter_;
};

}  // namespace ship
