#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/fd.hpp"

namespace ship {

/// A line that stays at the bottom of a terminal, below what others write there: a progress bar.
/// Everything that writes to that terminal goes through `write_above`, so that no line tears
/// another. Never waits: if the terminal takes no bytes now, the line is not drawn. After drawing,
/// the cursor is at its first column, so a terminal that rewraps lines on resize leaves no remains
/// of it. Any thread.
class StatusLine {
 public:
  /// One attempt at write(2); returns its result, with errno.
  using Write = std::function<ssize_t(std::string_view bytes)>;

  /// `fd` is a terminal. It is opened again here, so that it is non-blocking for nobody else.
  explicit StatusLine(int fd);

  /// False if the terminal cannot be opened; nothing is ever drawn then.
  bool usable() const { return static_cast<bool>(fd_); }
  /// Whether `fd` is the same terminal.
  bool shares(int fd) const;
  /// Current columns of the terminal; 0: unknown.
  unsigned columns() const;
  /// Columns that a text may have; if the terminal does not say, those of a small one.
  unsigned room() const {
    const unsigned all = columns();
    return all > 1 ? all - 1 : 79;
  }

  /// Erases the line, calls `write` once with all of `bytes` or its first lines, and redraws the
  /// line if all of those were written and end with a newline. Returns what `write` returned, or -1
  /// with EAGAIN if the terminal has no room even to erase the line.
  ssize_t write_above(std::string_view bytes, const Write& write);

  /// Draws `text`, a single line narrower than the terminal. Does nothing while someone is in the
  /// middle of a line or another process group has the terminal.
  void show(std::string text);
  /// Removes the line for good.
  void remove();

 private:
  static std::string_view piece_of(std::string_view bytes);
  bool put(std::string_view bytes);
  bool erase();
  void draw();

  Fd fd_;
  std::mutex mutex_;
  std::string text_;
  bool drawn_ = false;
  bool at_line_start_ = true;
};

}  // namespace ship
