#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "record/field.hpp"
#include "record/record.hpp"
#include "rows/labels.hpp"

namespace ship {

/// The number of a facility's name ("local0", "daemon") or digits from 0 to 23; none for others.
std::optional<std::uint8_t> syslog_facility(std::string_view name);

/// Writes records as syslog messages. The message is the record's line as it is; before it stand
/// facility and severity, the event's own time, this host, the application's name, its process id and
/// logger where the record tells them. Belongs to one thread.
class SyslogMessage {
 public:
  struct Names {
    std::uint8_t facility = 1;
    std::string host;
    std::string app_name;  ///< empty: the record's "service", else "fapilog-ship"
    std::string sd_id;     ///< the element that holds `structured_data`
    Labels structured_data;
  };
  explicit SyslogMessage(const Names& names);

  /// Appends a message of RFC 5424, without framing: `<14>1 2026-01-02T03:04:05.678000Z host app 7
  /// logger [id k="v"] {…}`. No byte order mark: the line is UTF-8 all the same.
  void append_rfc5424(const Record& record, std::string& out);
  /// Appends a message as the C library's syslog(3) writes it into /dev/log, in the machine's own
  /// time zone: `<14>Jan  2 04:04:05 app[7]: {…}`.
  void append_local(const Record& record, std::string& out);

 private:
  void look_up(const Record& record);
  void append_priority(const Record& record, std::string& out) const;

  const Names names_;
  const std::string host_;
  const std::string structured_data_;  ///< "-" or "[id k=\"v\"]"
  FieldFinder fields_;
  std::string app_name_;  ///< of the record that was looked up last
  std::string process_;
  std::string logger_;
};

}  // namespace ship
