#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "record/probe.hpp"
#include "sinks/line_stream.hpp"
#include "sinks/terminal/terminal_style.hpp"

namespace ship {

/// Turns what /tap answers with (see TapStream) into what a person or a program reads.
class TapView {
 public:
  struct Options {
    LineStream::Format format;  ///< none: each record as the line that it is
    Probe::Options probe;
    bool notes_between =
        false;           ///< what is not shown is told between the records; else by `on_left_out`
    bool color = false;  ///< of those notes, and of the names of sinks
    std::uint64_t at_most = 0;                            ///< records; 0: all
    std::function<void(std::string_view what)> on_begin;  ///< in, raw or out
    std::function<void(std::uint64_t count)> on_left_out;
  };
  explicit TapView(Options options);

  /// Appends to `out` what is complete with these bytes. False: there are as many records as were
  /// wanted.
  bool take(std::string_view bytes, std::string& out);

  std::uint64_t shown() const { return shown_; }
  std::uint64_t left_out() const { return left_out_; }

 private:
  void note(std::string_view text, std::string& out);
  void record(std::string_view line, std::string& out);

  Options options_;
  Pen pen_;
  Probe probe_;
  std::string begun_;  ///< of a line whose end has not come
  std::string sink_;
  std::uint64_t sinks_ = 0;  ///< how many times the name was another one
  std::uint64_t shown_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace ship
