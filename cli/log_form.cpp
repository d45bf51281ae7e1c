#include "cli/log_form.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include "record/timestamp.hpp"
#include "sinks/terminal/terminal_text.hpp"

namespace ship {
namespace {

struct LevelNames {
  std::string_view text;
  std::string_view json;
  std::string_view priority;
};

constexpr LevelNames names_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return {"debug", "DEBUG", "<7>"};
    case LogLevel::info:
      return {"info", "INFO", "<6>"};
    case LogLevel::warning:
      return {"warning", "WARNING", "<4>"};
    case LogLevel::error:
      return {"error", "ERROR", "<3>"};
  }
  return {};
}

/// `continuation` precedes every line except the first.
std::string escaped(std::string_view message, std::string_view continuation) {
  std::string text;
  for (bool first = true;; first = false) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    if (!first) text.append("\n").append(continuation).append("    ");
    append_harmless(message.substr(0, end), text);
    if (end == message.size()) return text;
    message.remove_prefix(end + 1);
  }
}

/// Compares with the "DEVICE:INODE" of the socket that the journal reads.
bool is_journal(int fd) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  unsigned long long device = 0;
  unsigned long long inode = 0;
  struct stat status {};
  return stream != nullptr && std::sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
         ::fstat(fd, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

std::string json_line(std::string_view level, std::string_view message, WallNanos now,
                      const Voice::Facts& facts) {
  std::string line = R"({"timestamp":")" + format_rfc3339(now) + R"(","level":")";
  line.append(level).append(R"(","logger":"fapilog-ship","message":)");
  line += '"';
  append_visible_json(message, line);
  line += '"';
  if (!facts.sink.empty()) {
    line += R"(,"sink":")";
    append_visible_json(facts.sink, line);
    line += '"';
    if (!facts.state.empty()) line.append(R"(,"state":")").append(facts.state) += '"';
    line += R"(,"losing":)" + std::string(facts.losing ? "true" : "false") + R"(,"lost":)" +
            std::to_string(facts.lost) + R"(,"lost_protected":)" +
            std::to_string(facts.lost_protected);
  }
  return line + "}\n";
}

}  // namespace

LogForm log_form(LogSettings::Format format, int fd) {
  switch (format) {
    case LogSettings::Format::json:
      return LogForm::json;
    case LogSettings::Format::journal:
      return LogForm::journal;
    case LogSettings::Format::automatic:
      if (is_journal(fd)) return LogForm::journal;
      break;
    case LogSettings::Format::text:
      break;
  }
  return ::isatty(fd) == 1 ? LogForm::person : LogForm::timed;
}

std::string log_line(LogForm form, LogLevel level, std::string_view message, WallNanos now,
                     const Voice::Facts& facts) {
  const LevelNames names = names_of(level);
  if (form == LogForm::json) return json_line(names.json, message, now, facts);
  if (form == LogForm::journal) {
    return std::string(names.priority) + escaped(message, names.priority) + "\n";
  }
  std::string line = form == LogForm::timed ? format_rfc3339(now) + " " : "";
  return line.append("fapilog-ship: ").append(names.text) + ": " + escaped(message, "") + "\n";
}

}  // namespace ship
