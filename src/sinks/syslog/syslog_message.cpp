#include "sinks/syslog/syslog_message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <unistd.h>

#include "record/timestamp.hpp"
#include "sinks/syslog_severity.hpp"

namespace ship {
namespace {

constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

// RFC 5424, 6: the longest that each may be.
constexpr std::size_t kMaxHost = 255;
constexpr std::size_t kMaxAppName = 48;
constexpr std::size_t kMaxProcess = 128;
constexpr std::size_t kMaxMessageId = 32;
constexpr std::size_t kMaxName = 32;

/// `text` as a word of the header: printable ASCII without blanks; "-" for nothing.
std::string header_word(std::string_view text, std::size_t longest) {
  std::string word(text.substr(0, longest));
  for (char& c : word) {
    if (c <= ' ' || c >= 0x7F) c = '_';
  }
  return word.empty() ? "-" : word;
}

std::string sd_name(std::string_view text) {
  std::string name = header_word(text, kMaxName);
  for (char& c : name) {
    if (c == '=' || c == ']' || c == '"') c = '_';
  }
  return name;
}

std::string structured_data(const std::string& id, const Labels& parameters) {
  if (parameters.empty()) return "-";
  std::string text = "[" + id;
  for (const auto& [key, value] : parameters) {
    text += " " + sd_name(key) + "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\' || c == ']') text += '\\';
      // A newline would end the message where newlines tell messages apart.
      const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      text += control ? ' ' : c;
    }
    text += '"';
  }
  return text + "]";
}

std::string_view scalar_text(const Field& field) {
  return field.is_scalar() ? field.text : std::string_view();
}

/// Of a file's name its last part: loggers name programs by their paths.
std::string tag_word(std::string_view name) {
  std::string word = header_word(name, kMaxAppName);
  for (char& c : word) {
    if (c == ':' || c == '[' || c == ']') c = '_';
  }
  return word;
}

}  // namespace

std::optional<std::uint8_t> syslog_facility(std::string_view name) {
  const auto known = std::find(kFacilities.begin(), kFacilities.end(), name);
  if (known != kFacilities.end()) {
    return static_cast<std::uint8_t>(known - kFacilities.begin());
  }
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (name.empty() || error != std::errc{} || stop != name.data() + name.size()) {
    return std::nullopt;
  }
  if (number >= kFacilities.size()) return std::nullopt;
  return static_cast<std::uint8_t>(number);
}

SyslogMessage::SyslogMessage(const Names& names)
    : names_(names),
      host_(header_word(names.host, kMaxHost)),
      structured_data_(structured_data(names.sd_id, names.structured_data)),
      fields_({"service", "pid", "process.pid", "process_id", "logger"}) {}

void SyslogMessage::look_up(const Record& record) {
  const std::span<const Field> found = fields_.find(record.line);
  app_name_ = names_.app_name.empty() ? scalar_text(found[0]) : std::string_view(names_.app_name);
  if (app_name_.empty()) app_name_ = "fapilog-ship";
  process_.clear();
  for (std::size_t i = 1; i <= 3 && process_.empty(); ++i) process_ = scalar_text(found[i]);
  logger_ = scalar_text(found[4]);
}

void SyslogMessage::append_priority(const Record& record, std::string& out) const {
  out += '<';
  out += std::to_string(names_.facility * 8 + syslog_severity(record));
  out += '>';
}

void SyslogMessage::append_rfc5424(const Record& record, std::string& out) {
  look_up(record);
  append_priority(record, out);
  out += "1 ";
  std::array<char, kMaxRfc3339> time{};
  constexpr unsigned kFractionDigits = 6;
  out.append(time.data(), write_rfc3339(time.data(), record.time, kFractionDigits));
  for (const std::string& word :
       {host_, header_word(app_name_, kMaxAppName), header_word(process_, kMaxProcess),
        header_word(logger_, kMaxMessageId), structured_data_}) {
    out += ' ';
    out += word;
  }
  out += ' ';
  out += record.line;
}

void SyslogMessage::append_local(const Record& record, std::string& out) {
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  look_up(record);
  append_priority(record, out);
  const std::time_t seconds = record.time / 1'000'000'000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> clock{};
  // The C locale's, whatever ours is.
  out += kMonths[static_cast<std::size_t>(std::clamp(local.tm_mon, 0, 11))];
  std::strftime(clock.data(), clock.size(), " %e %H:%M:%S ", &local);
  out += clock.data();
  out += tag_word(app_name_);
  const std::string_view pid = process_;
  const bool digits =
      !pid.empty() && pid.size() <= 10 && pid.find_first_not_of("0123456789") == pid.npos;
  out.append("[").append(digits ? process_ : std::to_string(::getpid())).append("]: ");
  out += record.line;
}

}  // namespace ship
