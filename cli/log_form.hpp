#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "settings/settings.hpp"
#include "stats/voice.hpp"

namespace ship {

/// What one message of the shipper's own looks like on standard error.
enum class LogForm : std::uint8_t {
  person,  ///< "fapilog-ship: warning: …", for a terminal that somebody looks at
  timed,   ///< the same behind the time, for a file or a collector
  json,    ///< one JSON object a line, with fapilog's names
  journal  ///< "<4>…": the priority of sd-daemon(3); the journal knows time and name
};

/// The form for messages that are written to `fd`. `automatic` is the journal where systemd has
/// connected `fd` with it (JOURNAL_STREAM, systemd.exec(5)), else text; text has no time on a
/// terminal.
LogForm log_form(LogSettings::Format format, int fd);

/// The message as it is written, with its newline. Further lines of `message` are indented, or
/// escaped in JSON, which has `facts`, too; control characters are shown escaped.
std::string log_line(LogForm form, LogLevel level, std::string_view message, WallNanos now,
                     const Voice::Facts& facts = {});

}  // namespace ship
