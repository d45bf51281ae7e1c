#include "sinks/terminal/stdout_format.hpp"

#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include "sinks/terminal/logfmt.hpp"
#include "sinks/terminal/pretty.hpp"

namespace ship {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

unsigned columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

bool shows_colors(const StdoutSinkSettings& settings, int fd) {
  switch (settings.color) {
    case StdoutSinkSettings::Color::always:
      return true;
    case StdoutSinkSettings::Color::never:
      return false;
    case StdoutSinkSettings::Color::automatic:
      break;
  }
  return ::isatty(fd) == 1 && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
}

bool keeps_colors(const SinkKind& only_sink) {
  const auto* only = only_sink.get<StdoutSinkSettings>();
  return only && only->format == StdoutSinkSettings::Format::pretty &&
         shows_colors(*only, STDOUT_FILENO);
}

LineStream::Format make_stdout_format(const StdoutSinkSettings& settings, int fd,
                                      const SinkEnvironment& environment) {
  switch (settings.format) {
    case StdoutSinkSettings::Format::json:
      return {};
    case StdoutSinkSettings::Format::logfmt:
      return [fields = environment.message_fields](const Record& record, std::string& out) {
        append_logfmt(record, out, fields);
      };
    case StdoutSinkSettings::Format::pretty:
      break;
  }
  PrettyFormat::Options options;
  options.color = shows_colors(settings, fd);
  options.utc = settings.time == StdoutSinkSettings::Time::utc;
  if (::isatty(fd) == 1) options.width = [fd] { return columns(fd); };
  options.clock = environment.clock;
  options.message_fields = environment.message_fields;
  return [pretty = PrettyFormat(std::move(options))](
             const Record& record, std::string& out) mutable { pretty.append(record, out); };
}

}  // namespace ship
