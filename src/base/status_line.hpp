#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/fd.hpp"

namespace ship {

/// A line that stays at the bottom of a terminal, below what others write there: a progress bar.
/// Whoever writes to that terminal does so through `write_above`, so that no line is torn by
/// another. Waits for nothing: where the terminal takes no bytes now, the line is not drawn. After
/// drawing, the cursor stands at its first column, so that a terminal that breaks lines anew when
/// it is resized leaves nothing of it behind. Any thread.
class StatusLine {
 public:
  /// One try to write(2); its result, with errno.
  using Write = std::function<ssize_t(std::string_view bytes)>;

  /// `fd` is a terminal, opened once more here, so that it can be non-blocking for nobody else.
  explicit StatusLine(int fd);

  /// False where the terminal cannot be opened: nothing is ever drawn.
  bool usable() const { return static_cast<bool>(fd_); }
  /// Whether `fd` leads to the same terminal.
  bool shares(int fd) const;
  /// Columns of the terminal now; 0: not known.
  unsigned columns() const;
  /// Columns that a text may have; where the terminal does not tell, those of a small one.
  unsigned room() const {
    const unsigned all = columns();
    return all > 1 ? all - 1 : 79;
  }

  /// Takes the line away, calls `write` once, with all of `bytes` or its first lines, puts the line
  /// back where all of those are out and end with a newline. Returns what `write` did; where the
  /// terminal has no room even for taking the line away, -1 with EAGAIN.
  ssize_t write_above(std::string_view bytes, const Write& write);

  /// Draws `text`, one line shorter than the terminal is wide. Not while somebody is in the middle
  /// of a line, nor while another process group has the terminal.
  void show(std::string text);
  /// Takes the line away for good.
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
