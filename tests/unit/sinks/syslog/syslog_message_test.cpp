#include "sinks/syslog/syslog_message.hpp"

#include <cstdlib>
#include <ctime>

#include "sinks/syslog_severity.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

constexpr WallNanos kTime = 1767323045'678901234;  // 2026-01-02T03:04:05.678901234Z

Record record_of(std::string_view line, Level level = kInfo) {
  Record record;
  record.line = line;
  record.time = kTime;
  record.level = level;
  return record;
}

SyslogMessage::Names names() {
  SyslogMessage::Names names;
  names.facility = 16;
  names.host = "web-01";
  names.sd_id = "labels@32473";
  return names;
}

std::string rfc5424(const SyslogMessage::Names& how, const Record& record) {
  SyslogMessage message(how);
  std::string out;
  message.append_rfc5424(record, out);
  return out;
}

}  // namespace

TEST_CASE("syslog: a message has priority, the event's time, host, names and the line as it is",
          "[sinks][syslog]") {
  static constexpr std::string_view kLine =
      R"({"log":{"diagnostics":{"pid":29590,"service":"shop"},"level":"ERROR","logger":"orders","message":"no"}})";
  CHECK(rfc5424(names(), record_of(kLine, kError)) ==
        "<131>1 2026-01-02T03:04:05.678901Z web-01 shop 29590 orders - " + std::string(kLine));
}

TEST_CASE("syslog: what a record does not tell is a dash, and the application has a name",
          "[sinks][syslog]") {
  CHECK(rfc5424(names(), record_of("{}")) ==
        "<134>1 2026-01-02T03:04:05.678901Z web-01 fapilog-ship - - - {}");
  SyslogMessage::Names named = names();
  named.app_name = "my shop\xc3\xa9";
  CHECK(rfc5424(named, record_of("{}")).find(" my_shop__ ") != std::string::npos);
  named.app_name = std::string(60, 'a');
  CHECK(rfc5424(named, record_of("{}")).find(" " + std::string(48, 'a') + " ") !=
        std::string::npos);
}

TEST_CASE("syslog: labels are structured data, escaped, their names made to fit",
          "[sinks][syslog]") {
  SyslogMessage::Names labelled = names();
  labelled.structured_data = {{"app", R"(a"b\c]d)"}, {"a b=]\"", "\xc3\xa4"}, {"n", "x\ny\x7f"}};
  CHECK(rfc5424(labelled, record_of("{}"))
            .find(R"( - - [labels@32473 app="a\"b\\c\]d" a_b___=")"
                  "\xc3\xa4\" n=\"x y \"] {}") != std::string::npos);
}

TEST_CASE("syslog: each level has its severity, notice and alert by their own names",
          "[sinks][syslog]") {
  const auto severity = [](Level level) { return int{syslog_severity(record_of("{}", level))}; };
  CHECK(severity(kTrace) == 7);
  CHECK(severity(kDebug) == 7);
  CHECK(severity(kInfo) == 6);
  CHECK(severity(kWarning) == 4);
  CHECK(severity(kError) == 3);
  CHECK(severity(kCritical) == 2);
  CHECK(severity(kFatal) == 2);
  CHECK(severity(kAudit) == 5);
  CHECK(severity(kSecurity) == 4);
  static constexpr std::string_view kNotice = R"({"level":"Notice"})";
  Record named = record_of(kNotice, Level{LevelName::other, 20});
  named.level_at = 10;
  named.level_size = 6;
  CHECK(int{syslog_severity(named)} == 5);
}

TEST_CASE("syslog: facilities by name and by number, and no others", "[sinks][syslog]") {
  CHECK(syslog_facility("kern") == 0);
  CHECK(syslog_facility("user") == 1);
  CHECK(syslog_facility("local7") == 23);
  CHECK(syslog_facility("23") == 23);
  CHECK_FALSE(syslog_facility("24"));
  CHECK_FALSE(syslog_facility(""));
  CHECK_FALSE(syslog_facility("local8"));
}

TEST_CASE("syslog: the local form is that of syslog(3), in the machine's own time",
          "[sinks][syslog]") {
  std::tm broken{};
  const std::time_t seconds = kTime / 1'000'000'000;
  ::localtime_r(&seconds, &broken);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &broken);
  SyslogMessage message(names());
  std::string out;
  static constexpr std::string_view kLine = R"({"service":"a:b[c]","pid":7})";
  message.append_local(record_of(kLine), out);
  CHECK(out == "<134>" + std::string(stamp) + " a_b_c_[7]: " + std::string(kLine));
}

}  // namespace ship
