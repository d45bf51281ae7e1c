#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "input/input_settings.hpp"
#include "input/text_group.hpp"
#include "record/json_walk.hpp"
#include "record/probe.hpp"

namespace ship {

/// An application's line, taken out of what a platform (a container runtime or journald) wrapped
/// around it. Views live as long as the line and the Unwrapper that read it.
struct EnvelopedLine {
  std::string_view text;  ///< what the application wrote; without its newline
  Around around;
  TextSource source;
  bool partial = false;  ///< the text continues in the next line of the source
};

/// Strips the envelopes of platforms. One thread; allocates nothing after its first lines.
class Unwrapper {
 public:
  explicit Unwrapper(Unwrap what) : what_(what) {}

  /// A line as Kubernetes' runtimes write it (CRI, "kubernetes.io: logging format"):
  /// "2026-01-02T03:04:05.678901234Z stdout F text"; P marks a part, and an empty text may come
  /// without its space. Recognised whatever the setting says. None if the line is something else.
  std::optional<EnvelopedLine> text(std::string_view line) const;

  /// A valid JSON object, with the probe's `finding`. Docker's json-file has the text in "log",
  /// which ends with a newline unless more of the line follows. `journalctl -o json` has it in
  /// "MESSAGE": a text, an array of bytes if it is not plain UTF-8, or an array of several.
  /// None if the setting does not name the platform, or if the line is of another one or holds no
  /// text (a MESSAGE that journalctl left out because of its size is null).
  std::optional<EnvelopedLine> object(std::string_view line, const Finding& finding);

  /// Other lines come from now on.
  void set_what(Unwrap what) { what_ = what; }
  bool unwraps_objects() const { return what_ != Unwrap::none && what_ != Unwrap::cri; }

 private:
  bool take_text(const JsonValue& value);

  Unwrap what_;
  std::string text_;
};

/// The parts of one line of a source, as far as they have come.
struct LineParts {
  bool waits = false;  ///< there are some
  std::string text;
  Around around;  ///< of the first part
  TextSource source;
  std::uint64_t at = 0;
  Fault fault = Fault::none;

  /// Adds a part; returns whether it is the last. `part_at` is where it begins in the input,
  /// `part_fault` why its text is not an object; those of the first part count.
  bool add(const EnvelopedLine& part, std::uint64_t part_at, Fault part_fault);
};

}  // namespace ship
