#include "sinks/terminal/pretty.hpp"

#include <cstdlib>
#include <ctime>
#include <fstream>

#include "record/envelope.hpp"
#include "record/probe.hpp"
#include "sinks/terminal/terminal_text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"

namespace ship {
namespace {

constexpr WallNanos kNow = 1795338549624000000;  // 2026-11-22T09:09:09.624Z

/// A pretty format at a standing clock, in UTC.
struct Bench {
  ManualClock clock;
  PrettyFormat::Options options;
  std::unique_ptr<PrettyFormat> format;

  Bench() {
    clock.set_wall(kNow);
    options.utc = true;
    options.clock = &clock;
  }

  std::string show(const std::string& line) {
    Probe probe;
    const Finding finding = probe.probe(line);
    REQUIRE(finding.fault == Fault::none);
    Record record;
    record.line = line;
    record.time = finding.has_time ? finding.time : kNow;
    record.level = finding.level;
    record.level_at = finding.level_at;
    record.level_size = finding.level_size;
    return show(record);
  }

  std::string show(const Record& record) {
    if (!format) format = std::make_unique<PrettyFormat>(options);
    std::string out;
    format->append(record, out);
    return out;
  }
};

std::string shown(const std::string& line) { return Bench().show(line); }

/// The beginning of a line of now at INFO, up to the message.
const std::string kInfoLine = "09:09:09.624Z INFO     ";

}  // namespace

TEST_CASE("pretty: time, level, message, then the telling fields and the request's context",
          "[pretty]") {
  CHECK(shown(R"({"log":{"context":{"correlation_id":"req-1","message_id":"m","tenant_id":null},)"
              R"("data":{"duration_ms":1.5,"method":"GET","size":3,"status_code":200},)"
              R"("diagnostics":{},"level":"INFO","logger":"api","message":"HTTP request",)"
              R"("timestamp":"2026-11-22T09:09:09.624Z"},"schema_version":"1.1"})") ==
        kInfoLine +
            "HTTP request  method=GET status_code=200 duration_ms=1.5 size=3 "
            "correlation_id=req-1 logger=api\n");
}

TEST_CASE("pretty: the message is at a path of the user's before the known places", "[pretty]") {
  Bench bench;
  bench.options.message_fields = {"meta.text"};
  CHECK(bench.show(R"({"msg":"a","meta":{"text":"b"}})") == kInfoLine + "b  msg=a\n");
  CHECK(bench.show(R"({"msg":"a"})") == kInfoLine + "a\n");
}

TEST_CASE("pretty: messages begin in the same column whatever the level", "[pretty]") {
  for (const char* level :
       {"debug", "INFO", "Warning", "error", "CRITICAL", "AUDIT", "SECURITY", "notice"}) {
    const std::string text = shown(R"({"level":")" + std::string(level) + R"(","message":"here"})");
    CHECK(text.find("here") == kInfoLine.size());
  }
}

TEST_CASE("pretty: a record of another day shows its date", "[pretty]") {
  CHECK(shown(R"({"ts":"2026-11-21T23:59:59.999Z","msg":"m"})") ==
        "2026-11-21 23:59:59.999Z INFO     m\n");
  CHECK(shown(R"({"ts":"2025-11-22T09:09:09Z","msg":"m"})") ==
        "2025-11-22 09:09:09.000Z INFO     m\n");
}

TEST_CASE("pretty: local time is the machine's own", "[pretty]") {
  const char* before = std::getenv("TZ");
  const std::string zone = before ? before : "";
  ::setenv("TZ", "XXX-05:30", 1);
  ::tzset();
  Bench bench;
  bench.options.utc = false;
  CHECK(bench.show(R"({"msg":"m"})") == "14:39:09.624 INFO     m\n");
  before ? ::setenv("TZ", zone.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("pretty: facts about the process show only where they change", "[pretty]") {
  Bench bench;
  const auto line = [](const char* pid) {
    return R"({"log":{"diagnostics":{"host":"a","origin":"native","pid":)" + std::string(pid) +
           R"(},"message":"m"}})";
  };
  CHECK(bench.show(line("1")) == kInfoLine + "m  host=a pid=1\n");
  CHECK(bench.show(line("1")) == kInfoLine + "m\n");
  CHECK(bench.show(line("2")) == kInfoLine + "m  pid=2\n");
  CHECK(bench.show(line("1")) == kInfoLine + "m  pid=1\n");
}

TEST_CASE("pretty: an exception of fapilog stands below as its traceback", "[pretty]") {
  CHECK(shown(R"({"log":{"diagnostics":{"exception":{"error.frames":[{"file":"a.py"}],)"
              R"("error.message":"'k'","error.stack":"Traceback (most recent call last):\n)"
              R"(  File \"a.py\", line 1\nKeyError: 'k'\n","error.type":"KeyError"}},)"
              R"("level":"ERROR","message":"order failed"}})") ==
        "09:09:09.624Z ERROR    order failed\n"
        "    Traceback (most recent call last):\n"
        "      File \"a.py\", line 1\n"
        "    KeyError: 'k'\n");
}

TEST_CASE("pretty: frames that are text already said by the stack are not said again", "[pretty]") {
  const std::string text = shown(
      R"({"level":"INFO","message":"m","diagnostics":{"exception":{"error.type":"KeyError",)"
      R"("error.stack":"Traceback\n  File\nKeyError: 'k'","error.frames":"[{'file': 'a.py'}]"}}})");
  CHECK(text.find("frames") == std::string::npos);
  CHECK(text.find("KeyError: 'k'") != std::string::npos);
}

TEST_CASE("pretty: exceptions of other loggers stand below, too", "[pretty]") {
  CHECK(shown(R"({"err":{"type":"E","message":"bad","stack":"E: bad\n    at f","code":7}})") ==
        "09:09:09.624Z INFO      err.code=7\n    E: bad\n        at f\n");
  CHECK(shown(R"({"msg":"m","error":"eof","stacktrace":"main.f\n\t/a.go:1"})") ==
        kInfoLine + "m  error=eof\n    main.f\n    \t/a.go:1\n");
  CHECK(shown(R"({"event":"m","exception":"Traceback\n  x\nE: bad"})") ==
        kInfoLine + "m\n    Traceback\n      x\n    E: bad\n");
  CHECK(shown(R"({"event":"m","exception":[{"exc_type":"E","exc_value":"bad","is_cause":false,)"
              R"("frames":[{"filename":"a.py","lineno":3,"name":"f"}]}]})") ==
        kInfoLine + "m\n    E: bad\n      at f (a.py:3)\n");
  CHECK(shown(R"({"msg":"m","err":{"code":7},"error":null})") ==
        kInfoLine + "m  error=null err.code=7\n");
}

TEST_CASE("pretty: nested fields are dotted, lists stay JSON, texts are quoted where needed",
          "[pretty]") {
  CHECK(shown(R"({"msg":"m","a":{"b":{"c":1},"d":{}},"l":[1,{"x":2}],"s":"x y","q":"a\"b","e":"",)"
              R"("u":"http://h/?a=b","n":null,"t":true})") ==
        kInfoLine +
            R"(m  a.b.c=1 a.d={} l=[1,{"x":2}] s="x y" q="a\"b" e="" u=http://h/?a=b n=null )"
            "t=true\n");
}

TEST_CASE("pretty: texts of several lines stand indented below", "[pretty]") {
  CHECK(shown(R"({"message":"one\ntwo","sql":"SELECT *\n  FROM t\n"})") ==
        kInfoLine + "one\n    two\n  sql:\n    SELECT *\n      FROM t\n");
}

TEST_CASE("pretty: a record without message, level or time shows what it has", "[pretty]") {
  CHECK(shown(R"({"_truncated":true,"_original_size":3323})") ==
        kInfoLine.substr(0, kInfoLine.size() - 1) + "  _truncated=true _original_size=3323\n");
  CHECK(shown("{}") == "09:09:09.624Z INFO    \n");
}

TEST_CASE("pretty: log data writes nothing but visible text to the terminal", "[pretty]") {
  const std::string evil = R"(\u001b[2J\u0007\r\n\u202e\u009b)";
  const std::string line = R"({"level":")" + evil + R"(","message":")" + evil + R"(","a)" + evil +
                           R"(":")" + evil + R"(","logger":")" + evil + R"(","err":{"stack":")" +
                           evil + R"(","type":")" + evil + R"("},"l":[")" + evil +
                           R"("],"log2":{"k)" + evil + R"(":1},"diagnostics":{"host":")" + evil +
                           R"(","k)" + evil + R"(":1},"context":{"c":")" + evil + R"("}})";
  for (const bool color : {false, true}) {
    Bench bench;
    bench.options.color = color;
    std::string text = bench.show(line);
    std::string without_own;
    append_harmless(text, without_own, true);  // takes our own colours out
    for (const char byte : without_own)
      CHECK((byte == '\n' || static_cast<unsigned char>(byte) >= 0x20));
    CHECK(without_own.find("\xc2\x9b") == std::string::npos);
    CHECK(text.find("\x1b[2J") == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
  }
}

TEST_CASE("pretty: text that was no JSON passes as it is", "[pretty]") {
  Envelope envelope(1);
  std::string room(2000, '\0');
  const auto wrapped = [&](std::string_view text, Stream stream) {
    return envelope.write(room.data(), {.text = text,
                                        .original_size = 0,
                                        .time = kNow + 123456,
                                        .level = Level{LevelName::info, 20},
                                        .stream = stream});
  };
  CHECK(Bench().show(wrapped("Listening on :8080", Stream::standard_output)) ==
        "Listening on :8080\n");
  CHECK(Bench().show(wrapped("Traceback:\n  File\nE: x", Stream::standard_error)) ==
        "Traceback:\n  File\nE: x\n");
  const std::string_view colored = "\x1b[32mgreen\x1b[2J";
  CHECK(Bench().show(wrapped(colored, Stream::standard_output)) == "green\\x1b[2J\n");
  Bench bench;
  bench.options.color = true;
  CHECK(bench.show(wrapped(colored, Stream::standard_output)) == "\x1b[32mgreen\\x1b[2J\x1b[0m\n");
}

TEST_CASE("pretty: colours are there where they are asked for, and nowhere else", "[pretty]") {
  const std::string line = R"({"level":"ERROR","message":"m","status":503,"a":1})";
  CHECK(shown(line).find('\x1b') == std::string::npos);
  Bench bench;
  bench.options.color = true;
  CHECK(bench.show(line) ==
        "\x1b[2m09:09:09.624Z\x1b[0m \x1b[1;31mERROR\x1b[0m    \x1b[1mm\x1b[0m  "
        "\x1b[36mstatus=\x1b[0m\x1b[31m503\x1b[0m \x1b[36ma=\x1b[0m1\n");
}

TEST_CASE("pretty: fields that do not fit go on the next line, never cut", "[pretty]") {
  Bench bench;
  bench.options.width = [] { return 40u; };
  CHECK(bench.show(R"({"msg":"m","aaaa":"1111","bbbb":"2222","cccc":"3333",)"
                   R"("dd":"東京東京東京東京","url":"http://example.com/a/very/long/path/x"})") ==
        kInfoLine +
            "m\n"
            "             url=http://example.com/a/very/long/path/x\n"
            "             aaaa=1111 bbbb=2222\n"
            "             cccc=3333\n"
            "             dd=東京東京東京東京\n");
}

TEST_CASE("pretty: every line of the library's real output is shown with its message", "[pretty]") {
  std::ifstream file(SHIP_TEST_DATA "/fapilog-stdout.ndjson");
  std::string line;
  Bench bench;
  std::size_t lines = 0;
  for (; std::getline(file, line); ++lines) {
    const std::string text = bench.show(line);
    CHECK(text.find("message_id") == std::string::npos);
    CHECK(text.find("schema_version") == std::string::npos);
    CHECK(text.size() < line.size() + 100);
    CHECK(text.back() == '\n');
  }
  CHECK(lines == 4000);
}

TEST_CASE("pretty: D6: lists under stack and error are frames or fields, and never vanish",
          "[pretty]") {
  const std::string frames =
      shown(R"({"level":"error","message":"m","error":"boom","stack":)"
            R"([{"func":"main","line":"32","source":"main.go","inlined":true}]})");
  CHECK(frames.find("error=boom") != std::string::npos);
  CHECK(frames.find("  at main (main.go:32) inlined=true\n") != std::string::npos);
  const std::string fields =
      shown(R"({"level":"error","message":"m","error":[{"field":"name","rule":"required"}]})");
  CHECK(fields.find(R"(error=[{"field":"name","rule":"required"}])") != std::string::npos);
  const std::string other = shown(
      R"({"level":"error","message":"m","exception":{"type":"E","message":"x","frames":[{"a":1}]}})");
  CHECK(other.find(R"({"a":1})") != std::string::npos);
}

TEST_CASE("pretty: D6: notes, causes and the members of a group stand below their exception",
          "[pretty]") {
  const std::string text = shown(
      R"({"level":"error","event":"m","exception":[{"exc_type":"ExceptionGroup","exc_value":"two",)"
      R"("exc_notes":["look here"],"is_group":true,"frames":[],"exceptions":)"
      R"([[{"exc_type":"KeyError","exc_value":"k","frames":[]}],)"
      R"([{"exc_type":"OSError","exc_value":"o","frames":[]}]]},)"
      R"({"exc_type":"ValueError","exc_value":"v","is_cause":true,"frames":[]}]})");
  std::size_t at = 0;
  for (const std::string_view part : {"ExceptionGroup: two", "look here", "group:", "KeyError: k",
                                      "group:", "OSError: o", "caused by:", "ValueError: v"}) {
    at = text.find(part, at);
    CAPTURE(text, part);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("pretty: D6: a header that only the code shown repeats is written, and once",
          "[pretty]") {
  const std::string text = shown(
      R"({"log.level":"error","message":"m","ecs.version":"1.6.0","error":{"type":"ValueError",)"
      R"("message":"no","stack_trace":"  File \"a.py\", line 1\n    raise ValueError(\"no\")\n"}})");
  CHECK(text.find("    ValueError: no\n") != std::string::npos);
  CHECK(text.find("ValueError: no", text.find("ValueError: no") + 1) == std::string::npos);
}

}  // namespace ship
