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

/// Whether a bar that nobody asked for may stand on standard error: that is a terminal, TERM is not
/// dumb, and CI is not set.
bool may_show_bar();

/// Shows on standard error how far the reading of files has come: on a terminal a bar below all
/// else, redrawn ten times a second and gone at the end; elsewhere, where it is asked for, a line
/// now and then. Used by the main thread.
class Progress {
 public:
  enum class When { automatic, always, never };
  /// The setting `progress`, and `quiet`, which turns the automatic one off.
  static When when(const Values& globals);

  /// Automatic is a bar for regular files on a terminal, in the foreground; none where TERM is
  /// dumb, CI is set, a command is run, or standard output takes the lines into a pipe, whose
  /// reader may have the same terminal. `diagnostics` outlives it. Errors: io.
  static Result<std::unique_ptr<Progress>> open(When when, const Settings& settings,
                                                Diagnostics& diagnostics);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Null: no line stays at the bottom of a terminal. Outlives the ship that is given it.
  StatusLine* status_line() const { return line_.get(); }

  /// Readable when `tick` is due; -1: never.
  int fd() const { return timer_.get(); }
  /// Shows the present state, also out of turn (the terminal has a new size).
  void tick(const Ship& ship);
  /// Takes the bar away. May be called again.
  void finish();

 private:
  explicit Progress(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Diagnostics& diagnostics_;
  std::unique_ptr<StatusLine> line_;
  Fd timer_;
  RateMeter meter_;
};

}  // namespace ship
