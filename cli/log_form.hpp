#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "settings/settings.hpp"
#include "stats/voice.hpp"

namespace ship {

/// What one of the shipper's own messages looks like on standard error.
enum class LogForm : std::uint8_t {
  person,  ///< "fapilog-ship: warning: …", for a person at a terminal
  timed,   ///< the same after the time, for a file or a collector
  json,    ///< one JSON object per line, with fapilog's names
  journal  ///< "<4>…": the priority of sd-daemon(3); the journal adds time and name
};

/// The form for messages that are written to `fd`. `automatic` is the journal if systemd has
/// connected `fd` to it (JOURNAL_STREAM, systemd.exec(5)), else text; text has no time on a
/// terminal.
LogForm log_form(LogSettings::Format format, int fd);

/// The message as written, with its newline. Further lines of `message` are indented, or escaped in
/// JSON, which also has `facts`; control characters are escaped.
std::string log_line(LogForm form, LogLevel level, std::string_view message, WallNanos now,
                     const Voice::Facts& facts = {});

}  // namespace ship
