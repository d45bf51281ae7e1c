#include <string>

#include "record/probe.hpp"
#include "record/record.hpp"
#include "record/timestamp.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

struct Seen {
  std::string level;  // as the application wrote it, or the canonical name
  int severity = 0;
  std::string time;  // empty: none found
};
bool operator==(const Seen& a, const Seen& b) {
  return a.level == b.level && a.severity == b.severity && a.time == b.time;
}
std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << seen.level << ' ' << seen.severity << ' ' << seen.time;
}

Seen see(std::string_view line) {
  const Finding finding = Probe().probe(line);
  REQUIRE(finding.fault == Fault::none);
  Record record{line, finding.time, finding.level, finding.level_size, false, finding.level_at};
  return {std::string(record.level_name()), finding.level.severity,
          finding.has_time ? format_rfc3339(finding.time, 3) : ""};
}

TEST_CASE("probe: reads the JSON of the usual libraries", "[probe]") {
  const auto [line, expected] = GENERATE(table<std::string, Seen>({
      // fapilog, wrapped and flat
      {R"({"log":{"context":{"message_id":"x"},"data":{"level":"DEBUG"},"level":"AUDIT","message":"m","timestamp":"2026-11-22T09:09:09.624Z"},"schema_version":"1.1"})",
       {"AUDIT", 60, "2026-11-22T09:09:09.624Z"}},
      {R"({"timestamp":"2026-11-22T09:09:09.624Z","level":"SECURITY","message":"m","logger":"l"})",
       {"SECURITY", 70, "2026-11-22T09:09:09.624Z"}},
      // fapilog's size_guard
      {R"({"_truncated":true,"_original_size":3323})", {"INFO", 20, ""}},
      // pino
      {R"({"level":30,"time":1531171074631,"pid":657,"hostname":"h","msg":"hello"})",
       {"INFO", 20, "2018-07-09T21:17:54.631Z"}},
      {R"({"level":60,"time":1531171074631,"msg":"bye"})",
       {"FATAL", 50, "2018-07-09T21:17:54.631Z"}},
      {R"({"level":10,"time":1531171074631,"msg":"x"})", {"TRACE", 5, "2018-07-09T21:17:54.631Z"}},
      {R"({"level":35,"time":1531171074631,"msg":"custom"})",
       {"INFO", 25, "2018-07-09T21:17:54.631Z"}},
      // zap, production and with ISO 8601
      {R"({"level":"info","ts":1700000000.1234567,"caller":"a.go:1","msg":"m"})",
       {"info", 20, "2023-11-14T22:13:20.123Z"}},
      {R"({"level":"dpanic","ts":"2023-11-14T22:13:20.123Z","msg":"m"})",
       {"dpanic", 50, "2023-11-14T22:13:20.123Z"}},
      {R"({"level":"WARN","ts":"2023-11-14T22:13:20.123+0100","msg":"m"})",
       {"WARN", 30, "2023-11-14T21:13:20.123Z"}},
      // logrus
      {R"({"level":"warning","msg":"m","time":"2015-03-26T01:27:38-04:00"})",
       {"warning", 30, "2015-03-26T05:27:38.000Z"}},
      {R"({"level":"panic","msg":"m","time":"2015-03-26T01:27:38Z"})",
       {"panic", 50, "2015-03-26T01:27:38.000Z"}},
      // slog
      {R"({"time":"2022-11-08T15:28:26.000000001-05:00","level":"ERROR+2","msg":"m"})",
       {"ERROR+2", 40, "2022-11-08T20:28:26.000Z"}},
      {R"({"time":"2022-11-08T15:28:26Z","level":"DEBUG-4","msg":"m"})",
       {"DEBUG-4", 10, "2022-11-08T15:28:26.000Z"}},
      // structlog
      {R"({"event":"m","level":"critical","timestamp":"2022-11-08T15:28:26.123456Z"})",
       {"critical", 50, "2022-11-08T15:28:26.123Z"}},
      // bunyan
      {R"({"name":"a","hostname":"h","pid":1,"level":50,"msg":"m","time":"2012-02-06T04:19:23.402Z","v":0})",
       {"ERROR", 40, "2012-02-06T04:19:23.402Z"}},
      // serilog, compact
      {R"({"@t":"2016-06-07T03:44:57.8532799Z","@mt":"Hello","@l":"Warning"})",
       {"Warning", 30, "2016-06-07T03:44:57.853Z"}},
      {R"({"@t":"2016-06-07T03:44:57Z","@l":"Verbose","@m":"m"})",
       {"Verbose", 5, "2016-06-07T03:44:57.000Z"}},
      {R"({"@t":"2016-06-07T03:44:57Z","@m":"information has no @l"})",
       {"INFO", 20, "2016-06-07T03:44:57.000Z"}},
      // python-json-logger and Python's numbers
      {R"({"asctime":"x","levelname":"ERROR","message":"m","timestamp":"2022-11-08 15:28:26,123"})",
       {"ERROR", 40, "2022-11-08T15:28:26.123Z"}},
      {R"({"levelno":30,"message":"m"})", {"WARNING", 30, ""}},
      {R"({"message":"m","levelno":45,"asctime":"x"})", {"ERROR", 45, ""}},
      // Google Cloud, Elastic
      {R"({"severity":"EMERGENCY","message":"m","time":"2022-11-08T15:28:26Z"})",
       {"EMERGENCY", 50, "2022-11-08T15:28:26.000Z"}},
      {R"({"@timestamp":"2022-11-08T15:28:26Z","log.level":"error","message":"m","lvl":"dbg"})",
       {"error", 40, "2022-11-08T15:28:26.000Z"}},
      {R"({"@timestamp":"2022-11-08T15:28:26Z","log.level":"error","log":{"logger":"a"}})",
       {"error", 40, "2022-11-08T15:28:26.000Z"}},
      // Docker's json-file: "log" is a text, or JSON in a text
      {R"({"log":"2021-01-01T00:00:00Z INFO m\n","stream":"stderr","time":"2022-11-08T15:28:26.5Z"})",
       {"INFO", 20, "2021-01-01T00:00:00.000Z"}},
      {R"({"log":"{\"level\":\"fatal\",\"msg\":\"a\\nb\"}\n","stream":"stdout","time":"2022-11-08T15:28:26.5Z"})",
       {"FATAL", 50, "2022-11-08T15:28:26.500Z"}},
      {R"({"log":"level=error\n","stream":"stderr","time":"2022-11-08T15:28:26.5Z"})",
       {"ERROR", 40, "2022-11-08T15:28:26.500Z"}},
  }));
  CAPTURE(line);
  CHECK(see(line) == expected);
}

TEST_CASE("probe: the first place in the order of preference counts, in any order of keys",
          "[probe]") {
  CHECK(
      see(R"({"@l":"a1","log_level":"a2","lvl":"a3","levelname":"a4","severity":"a5","level":"a6","log":{"level":"a7"}})")
          .level == "a7");
  CHECK(
      see(R"({"@l":"a1","log_level":"a2","lvl":"a3","levelname":"a4","severity":"a5","level":"a6"})")
          .level == "a6");
  CHECK(see(R"({"@l":"a1","log_level":"a2","lvl":"a3","levelname":"a4","severity":"a5"})").level ==
        "a5");
  CHECK(see(R"({"@l":"a1","log_level":"a2","lvl":"a3","levelname":"a4"})").level == "a4");
  CHECK(see(R"({"@l":"a1","log_level":"a2","lvl":"a3"})").level == "a3");
  CHECK(see(R"({"@l":"a1","log_level":"a2"})").level == "a2");
  CHECK(see(R"({"@l":"a1"})").level == "a1");
  const std::string y = "-01-01T00:00:00.000Z";
  CHECK(
      see(R"({"@t":"2001-01-01T00:00:00Z","@timestamp":"2002-01-01T00:00:00Z","ts":"2003-01-01T00:00:00Z","time":"2004-01-01T00:00:00Z","timestamp":"2005-01-01T00:00:00Z","log":{"timestamp":"2006-01-01T00:00:00Z"}})")
          .time == "2006" + y);
  CHECK(
      see(R"({"@t":"2001-01-01T00:00:00Z","@timestamp":"2002-01-01T00:00:00Z","ts":"2003-01-01T00:00:00Z","time":"2004-01-01T00:00:00Z","timestamp":"2005-01-01T00:00:00Z"})")
          .time == "2005" + y);
  CHECK(
      see(R"({"@t":"2001-01-01T00:00:00Z","@timestamp":"2002-01-01T00:00:00Z","ts":"2003-01-01T00:00:00Z","time":"2004-01-01T00:00:00Z"})")
          .time == "2004" + y);
  CHECK(
      see(R"({"@t":"2001-01-01T00:00:00Z","@timestamp":"2002-01-01T00:00:00Z","ts":"2003-01-01T00:00:00Z"})")
          .time == "2003" + y);
  CHECK(see(R"({"@t":"2001-01-01T00:00:00Z","@timestamp":"2002-01-01T00:00:00Z"})").time ==
        "2002" + y);
}

TEST_CASE("probe: a level inside data, an array or a text is not the record's", "[probe]") {
  CHECK(see(R"({"data":{"level":"FATAL","log":{"level":"FATAL"}},"msg":"m"})").level == "INFO");
  CHECK(
      see(R"({"log":{"data":{"level":"FATAL"},"context":{"timestamp":"2001-01-01T00:00:00Z"}}})") ==
      Seen{"INFO", 20, ""});
  CHECK(see(R"({"x":[{"level":"FATAL"}],"log":[{"level":"FATAL"}]})").level == "INFO");
  CHECK(see(R"({"msg":"\"level\":\"FATAL\"","x":"{\"level\":\"FATAL\"}"})").level == "INFO");
  CHECK(see(R"({"levels":"FATAL","leve":"FATAL","LeveL":"FATAL"})").level == "INFO");
  CHECK(see(R"({"log":{"severity":"FATAL","time":1700000000}})") == Seen{"INFO", 20, ""});
}

TEST_CASE("probe: of duplicate keys the last one counts", "[probe]") {
  CHECK(see(R"({"level":"a1","level":"a2"})").level == "a2");
  CHECK(see(R"({"level":"a1","level":null,"lvl":"a3"})").level == "a3");
  CHECK(see(R"({"log":{"level":"a1"},"log":{}})").level == "INFO");
  CHECK(see(R"({"log":{"level":"a1"},"log":{"level":"a2"}})").level == "a2");
  CHECK(see(R"({"log":{"level":"a1"},"log":7})").level == "INFO");
}

TEST_CASE("probe: what is no level or time is passed over for the next place", "[probe]") {
  CHECK(see(R"({"level":null,"severity":"a"})").level == "a");
  CHECK(see(R"({"level":{"level":"x"},"severity":"a"})").level == "a");
  CHECK(see(R"({"level":["x"],"severity":true,"lvl":"","log_level":"a"})").level == "a");
  CHECK(see(R"({"timestamp":"soon","time":null,"ts":1700000000})").time ==
        "2023-11-14T22:13:20.000Z");
}

TEST_CASE("probe: an unknown level counts as INFO and keeps its name", "[probe]") {
  CHECK(see(R"({"level":"Loud"})") == Seen{"Loud", 20, ""});
  CHECK(see(R"({"level" : "Loud" })") == Seen{"Loud", 20, ""});
  CHECK(see("{\"level\":\"" + std::string(255, 'n') + "\"}").level == std::string(255, 'n'));
  CHECK(see("{\"level\":\"" + std::string(256, 'n') + "\"}").level == "INFO");
  CHECK(see(R"({"level":"no\ttice"})") == Seen{"INFO", 20, ""});
  CHECK(Probe().probe(R"({"level":"Loud"})").level.name == LevelName::other);
}

TEST_CASE("probe: a level number may be a text", "[probe]") {
  CHECK(see(R"({"level":"50"})") == Seen{"ERROR", 40, ""});
  CHECK(see(R"({"levelno":"50"})") == Seen{"CRITICAL", 50, ""});
  CHECK(see(R"({"severity":5e2})") == Seen{"ERROR", 40, ""});
  CHECK(see(R"({"severity":-1})") == Seen{"TRACE", 0, ""});
}

TEST_CASE("probe: a number is read by its writer's scale", "[probe]") {
  const auto [line, level] = GENERATE(table<std::string, std::string>({
      {R"({"level":50,"pid":1,"hostname":"h","message":"m"})", "ERROR"},
      {R"({"level":40,"levelname":"","levelno":40})", "ERROR"},
      {R"({"level":400,"level_name":"","channel":"a","datetime":"x"})", "ERROR"},
      {R"({"channel":"a","datetime":"x","level":100})", "DEBUG"},
      {R"({"level":200,"loggerFqcn":"x","endOfBatch":false})", "ERROR"},
      {R"({"level":{"intLevel":500},"instant":{"epochSecond":1}})", "DEBUG"},
      {R"({"level_value":40000,"@version":"1","thread_name":"main"})", "ERROR"},
      {R"({"LevelValue":"1000","LogMessage":"m"})", "ERROR"},
      {R"({"LogLevel":4,"EventId":0,"Category":"a"})", "ERROR"},
      {R"({"level":3,"short_message":"m","version":"1.1","host":"h"})", "ERROR"},
      {R"({"PRIORITY":"3","MESSAGE":"m"})", "ERROR"},
      {R"({"severity":3,"syslogtag":"a"})", "ERROR"},
      {R"({"severityNumber":17})", "ERROR"},
      {R"({"severity_number":21,"body":"m"})", "FATAL"},
      {R"({"severity":"DEFAULT","jsonPayload":{"level":"error"},"insertId":"a"})", "ERROR"},
      {R"({"context":{"logLevel":50},"sequence":"1","version":"2.0.0","message":"m"})", "ERROR"},
      {R"({"level":40,"message":"nothing tells the scale"})", "WARNING"},
  }));
  CAPTURE(line);
  CHECK(level_text(Probe().probe(line).level) == level);
}

TEST_CASE("probe: a weak key counts with its value and its dialect's marks only", "[probe]") {
  const auto [line, level] = GENERATE(table<std::string, std::string>({
      {R"({"s":"E","c":"NETWORK","t":{"$date":"2026-01-02T03:04:05Z"}})", "ERROR"},
      {R"({"s":"D2","c":"NETWORK","t":{"$date":"2026-01-02T03:04:05Z"}})", "DEBUG"},
      {R"({"s":"E","c":"NETWORK"})", "INFO"},
      {R"({"label":"Error","prio":1,"msg":"m"})", "ERROR"},
      {R"({"label":"Error","msg":"m"})", "INFO"},
      {R"({"status":"error","ddsource":"python"})", "ERROR"},
      {R"({"status":"error","message":"m"})", "INFO"},
      {R"({"status":500,"ddsource":"python"})", "INFO"},
      {R"({"type":"error","args":["m"],"date":"x"})", "ERROR"},
      {R"({"type":"error","message":"m"})", "INFO"},
      {R"({"context":{"logLevel":50},"message":"m"})", "INFO"},
      {R"({"data":{"level":"FATAL"},"extra":{"level":"FATAL"}})", "INFO"},
      {R"({"status":"error","ddsource":"a","level":"info"})", "INFO"},
  }));
  CAPTURE(line);
  CHECK(level_text(Probe().probe(line).level) == level);
}

TEST_CASE("probe: times stand where their loggers write them", "[probe]") {
  const std::string expected = "2026-01-02T03:04:05.678Z";
  const std::string line = GENERATE(
      as<std::string>{}, R"({"instant":{"epochSecond":1767323045,"nanoOfSecond":678000000}})",
      R"({"timestamp":{"seconds":1767323045,"nanos":678000000}})",
      R"({"timestampSeconds":1767323045,"timestampNanos":678000000})",
      R"({"t":{"$date":"2026-01-02T03:04:05.678+00:00"}})",
      R"({"timeUnixNano":"1767323045678000000"})", R"({"__REALTIME_TIMESTAMP":"1767323045678000"})",
      R"({"record":{"time":{"timestamp":1767323045.678}}})",
      R"({"time_local":"02/Jan/2026:03:04:05.678 +0000"})", R"({"msec":"1767323045.678"})",
      R"({"datetime":"2026-01-02T03:04:05.678000+00:00"})", R"({"created":1767323045.678})",
      R"({"eventTime":"2026-01-02T03:04:05.678Z"})", R"({"Timestamp":"2026-01-02T03:04:05.678Z"})",
      R"({"date":"2026/01/02 03:04:05.678 UTC"})", R"({"time":0.012,"ts":1767323045.678})",
      R"({"time":"20250504","ts":1767323045.678})",
      R"({"time":"2026-01-02 03:04:05.678 +0000 UTC"})",
      R"({"time":"2026-01-02T03:04:05.678Z[UTC]"})",
      R"({"timestamp":"2026-01-02 04:04:05.678 CET"})");
  CAPTURE(line);
  CHECK(see(line).time == expected);
}

TEST_CASE("probe: the beginning of a cut line tells level and time as far as they are whole",
          "[probe]") {
  const std::string line =
      R"({"data":{"level":"FATAL"},"level":"error","time":1700000000,"message":"a\\\"b"})";
  Probe probe;
  for (std::size_t size = 0; size <= line.size(); ++size) {
    CAPTURE(line.substr(0, size));
    const Finding finding = probe.probe_beginning(std::string_view(line).substr(0, size));
    CHECK(finding.has_level == (size > line.find(",\"time")));
    CHECK(finding.has_time == (size > line.find(",\"message")));
    if (finding.has_level) CHECK(finding.level.severity == 40);
    if (finding.has_time) CHECK(finding.time == 1'700'000'000'000'000'000);
  }
  CHECK_FALSE(probe.probe_beginning("level=error text").has_level);
  CHECK_FALSE(probe.probe_beginning("{\"level\":\"error\",\"x\":\"\xFF").has_level);
}

TEST_CASE("probe: a beginning asked for within a block leaves the block's lines alone", "[probe]") {
  const std::string block = "{\"a\":1}\n{\"level\":\"error\",\"x\":\"\\n\"}\n{\"b\":}\n{}\n" +
                            std::string(Probe::kPadding, '}');
  Probe probe;
  probe.begin(std::string_view(block).substr(0, block.size() - Probe::kPadding));
  const auto line_at = [&block](std::size_t at) {
    return std::string_view(block).substr(at, block.find('\n', at) - at);
  };
  CHECK(probe.next(line_at(0)).fault == Fault::none);
  CHECK(probe.probe_beginning("{\"level\":\"fatal\",\"").level.severity == 50);
  CHECK(probe.next(line_at(8)).level.severity == 40);
  CHECK(probe.next(line_at(block.find("{\"b"))).fault == Fault::grammar);
  CHECK(probe.next(line_at(block.find("{}"))).fault == Fault::none);
}

}  // namespace
}  // namespace ship
