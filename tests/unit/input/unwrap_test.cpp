// What the envelopes of platforms hold (input.unwrap): Docker's json-file, CRI, journalctl -o json.
#include <string>
#include <vector>

#include "input/intake.hpp"
#include "record/timestamp.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

struct Seen {
  std::string line;
  std::string level;
  std::string time;
};

struct Run {
  explicit Run(Unwrap what, bool multiline = true) {
    options.input.unwrap = what;
    options.input.multiline = multiline;
  }
  void all(std::string_view bytes) {
    Intake intake(
        options,
        [this](std::span<const Record> records) {
          for (const Record& record : records) {
            seen.push_back({std::string(record.line), std::string(level_text(record.level)),
                            format_rfc3339(record.time)});
          }
        },
        [this](std::string_view line, std::string_view, const RecordId&) {
          invalid.emplace_back(line);
        });
    intake.feed(bytes);
    intake.end_input();
    intake.finish();
    counts = intake.counts();
    CHECK(counts.balanced());
  }
  /// The message of a wrapped line, as it is escaped; else the line.
  std::string message(std::size_t index) const {
    if (index >= seen.size()) return "nothing";
    const std::string& line = seen[index].line;
    const std::string before = R"("logger":"fapilog-ship","message":")";
    const std::size_t start = line.find(before);
    if (start == std::string::npos) return line;
    const std::size_t from = start + before.size();
    return line.substr(from, line.find(R"(","timestamp":")", from) - from);
  }

  Intake::Options options;
  std::vector<Seen> seen;
  std::vector<std::string> invalid;
  InputCounts counts;
};

std::string docker(const std::string& log, const std::string& stream = "stdout") {
  return R"({"log":")" + log + R"(","stream":")" + stream +
         R"(","time":"2026-01-02T03:04:05.678901234Z"})" + "\n";
}

std::string journal(const std::string& message, const std::string& more = "") {
  return R"({"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1767323045678901","PRIORITY":"6","_PID":"7",)" +
         more + R"("MESSAGE":)" + message + "}\n";
}

TEST_CASE("unwrap: Docker's text is shipped, JSON byte for byte, with its own level and time",
          "[unwrap]") {
  Run run(Unwrap::docker);
  run.all(docker(R"({\"level\":\"error\",\"msg\":\"no\",\"time\":\"2026-02-02T00:00:00Z\"}\n)") +
          docker(R"({\"msg\":\"\\u00fc\"}\r\n)", "stderr") + docker(R"(WARN low\n)", "stderr"));
  REQUIRE(run.seen.size() == 3);
  CHECK(run.seen[0].line == R"({"level":"error","msg":"no","time":"2026-02-02T00:00:00Z"})");
  CHECK(run.seen[0].level == "ERROR");
  CHECK(run.seen[0].time == "2026-02-02T00:00:00.000Z");
  CHECK(run.seen[1].line == R"({"msg":"\u00fc"})");
  CHECK(run.seen[1].time == "2026-01-02T03:04:05.678Z");
  CHECK(run.message(2) == "WARN low");
  CHECK(run.seen[2].level == "WARNING");
  CHECK(run.seen[2].line.find(R"("stream":"stderr")") != std::string::npos);
  CHECK(run.seen[2].time == "2026-01-02T03:04:05.678Z");
}

TEST_CASE("unwrap: Docker's parts, which end without a newline, are joined in each stream",
          "[unwrap]") {
  Run run(Unwrap::docker);
  run.all(docker(R"({\"level\":)") + docker(R"(ERROR a\n)", "stderr") +
          docker(R"(\"warn\",\"a\":\"12)") + docker(R"(34\"}\n)") + docker("cut"));
  REQUIRE(run.seen.size() == 3);
  CHECK(run.message(0) == "ERROR a");
  CHECK(run.seen[1].line == R"({"level":"warn","a":"1234"})");
  CHECK(run.seen[1].level == "WARNING");
  CHECK(run.message(2) == "cut");
}

TEST_CASE("unwrap: a traceback in Docker's lines is one record; blank lines are none", "[unwrap]") {
  Run run(Unwrap::automatic);
  run.all(docker(R"(2021-08-12T13:41:30 [ERROR] division by zero\r\n)") +
          docker(R"(Traceback (most recent call last):\r\n)") +
          docker(R"(  File \"/app/main.py\", line 37, in read_item\r\n)") +
          docker(R"(ZeroDivisionError: division by zero\r\n)") + docker(R"(\n)") +
          docker(R"(2021-08-12T13:41:31 [INFO] next\r\n)"));
  REQUIRE(run.seen.size() == 2);
  CHECK(run.seen[0].level == "ERROR");
  CHECK(run.seen[0].time == "2021-08-12T13:41:30.000Z");
  CHECK(run.counts.blank == 1);
}

TEST_CASE("unwrap: what is not of the platform passes as it came", "[unwrap]") {
  const std::string other = R"({"log":{"level":"INFO"},"stream":"stdout","time":1})";
  const std::string bare = R"({"log":"a","level":"error"})";
  for (const Unwrap what : {Unwrap::none, Unwrap::cri, Unwrap::journald, Unwrap::automatic}) {
    Run run(what);
    run.all(other + "\n" + bare + "\n");
    REQUIRE(run.seen.size() == 2);
    CHECK(run.seen[0].line == other);
    CHECK(run.seen[1].line == bare);
  }
  Run run(Unwrap::none);
  run.all(docker("a"));
  CHECK(run.message(0) + "\n" == docker("a"));
}

TEST_CASE("unwrap: a CRI line may be empty, end behind its tag, and come in many parts",
          "[unwrap]") {
  for (const Unwrap what : {Unwrap::none, Unwrap::cri, Unwrap::automatic}) {
    Run run(what);
    run.all(
        "2023-11-16T14:09:20.808806147+03:00 stdout F\n"
        "2023-11-16T14:09:20.808806147+03:00 stdout F \n"
        "2021-09-21T18:03:44.312144359Z stdout P 2021-09-21 This \n"
        "2021-09-21T18:03:44.312144359Z stdout P is \n"
        "2021-09-21T18:03:44.312144359Z stdout F Partial 7\n"
        "2021-09-21T18:03:45.312144359Z stdout F {\"level\":\"fatal\"}\n");
    REQUIRE(run.seen.size() == 2);
    CHECK(run.counts.blank == 2);
    CHECK(run.message(0) == "2021-09-21 This is Partial 7");
    CHECK(run.seen[0].time == "2021-09-21T18:03:44.312Z");
    CHECK(run.seen[1].level == "FATAL");
  }
}

TEST_CASE("unwrap: the journal's MESSAGE is shipped, PRIORITY counts where it tells no level",
          "[unwrap]") {
  Run run(Unwrap::journald);
  run.all(journal(R"("{\"level\":\"debug\",\"msg\":\"a\"}")") + journal(R"("plain")") +
          R"({"__REALTIME_TIMESTAMP":"1767323045678901","PRIORITY":"3","MESSAGE":"bad"})" + "\n");
  REQUIRE(run.seen.size() == 3);
  CHECK(run.seen[0].line == R"({"level":"debug","msg":"a"})");
  CHECK(run.seen[0].level == "DEBUG");
  CHECK(run.seen[0].time == "2026-01-02T03:04:05.678Z");
  CHECK(run.message(1) == "plain");
  CHECK(run.seen[1].level == "INFO");
  CHECK(run.message(2) == "bad");
  CHECK(run.seen[2].level == "ERROR");
}

TEST_CASE("unwrap: the journal's MESSAGE may be bytes, several texts, or left out", "[unwrap]") {
  Run run(Unwrap::automatic, false);
  const std::string left_out = journal("null");
  run.all(journal("[69,82,82,79,82,58,32,255,10]") + journal(R"(["one",[116,119,111]])") +
          left_out + journal("[300]"));
  REQUIRE(run.seen.size() == 4);
  CHECK(run.message(0) == "ERROR: \xEF\xBF\xBD");
  CHECK(run.seen[0].level == "ERROR");
  CHECK(run.message(1) == "one\\ntwo");
  CHECK(run.seen[2].line + "\n" == left_out);
  CHECK(run.seen[3].line + "\n" == journal("[300]"));
}

TEST_CASE("unwrap: entries of two processes are never one message, parts of one are", "[unwrap]") {
  Run run(Unwrap::journald);
  run.all(journal(R"("Traceback (most recent call last):")") +
          journal(R"("  File \"a\"")", R"("SYSLOG_IDENTIFIER":"other",)") +
          journal(R"("0123")", R"("_LINE_BREAK":"line-max",)") + journal(R"("456")"));
  REQUIRE(run.seen.size() == 3);
  CHECK(run.message(2) == "0123456");
}

TEST_CASE("unwrap: format and on_invalid mean what the envelope holds", "[unwrap]") {
  Run text(Unwrap::docker);
  text.options.input.format = InputFormat::text;
  text.all(docker(R"({\"level\":\"error\"}\n)"));
  CHECK(text.message(0) == R"({\"level\":\"error\"})");
  Run dropping(Unwrap::docker);
  dropping.options.input.on_invalid = OnInvalid::dead_letter;
  dropping.all(docker(R"(text\n)") + docker(R"({\"a\":1}\n)"));
  CHECK(dropping.invalid == std::vector<std::string>{"text"});
  REQUIRE(dropping.seen.size() == 1);
  CHECK(dropping.seen[0].line == R"({"a":1})");
}

TEST_CASE("unwrap: the envelope's time and level hold where nobody looks into text", "[unwrap]") {
  Run run(Unwrap::automatic);
  run.options.input.level_from_text = false;
  run.all(docker(R"(2020-01-01 00:00:00 ERROR no\n)") +
          R"({"__CURSOR":"s","__REALTIME_TIMESTAMP":"1767323045678901","PRIORITY":"4",)"
          R"("MESSAGE":"ERROR no"})" +
          "\n");
  REQUIRE(run.seen.size() == 2);
  CHECK(run.seen[0].level == "INFO");
  CHECK(run.seen[0].time == "2026-01-02T03:04:05.678Z");
  CHECK(run.seen[1].level == "WARNING");
}

}  // namespace
}  // namespace ship
