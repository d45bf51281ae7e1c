#include "record/text_line.hpp"

#include <string>

#include "tests/catch.hpp"

namespace ship {
namespace {

struct Told {
  std::string level;  // empty: none
  std::string time;   // empty: none
};
bool operator==(const Told& a, const Told& b) { return a.level == b.level && a.time == b.time; }
std::ostream& operator<<(std::ostream& out, const Told& told) {
  return out << '"' << told.level << "\" " << told.time;
}

Told read(std::string_view text) {
  TimeParser times;
  times.set_now(*parse_time("2026-03-01T00:00:00Z"));
  const TextFinding found = read_text_line(text, times);
  return {found.has_level ? std::string(level_text(found.level)) : "",
          found.has_time ? format_rfc3339(found.time, 3) : ""};
}

const std::string kTime = "2026-01-02T03:04:05.678Z";

TEST_CASE("text: a level and a time stand at the front of a line", "[text]") {
  const auto [text, level] = GENERATE(table<std::string, std::string>({
      // Python, loguru, Celery, gunicorn, structlog
      {"2026-01-02 03:04:05,678 - orders - ERROR - boom", "ERROR"},
      {"2026-01-02 03:04:05.678 | SUCCESS  | __main__:<module>:60 - paid", "INFO"},
      {"[2026-01-02 03:04:05,678: WARNING/MainProcess] boom", "WARNING"},
      {"[2026-01-02 03:04:05.678 +0000] [31] [CRITICAL] boom", "CRITICAL"},
      {"2026-01-02T03:04:05.678Z [debug    ] cache miss      key=1", "DEBUG"},
      // Java
      {"2026-01-02 03:04:05.678 ERROR 42 --- [main] c.e.Orders : boom", "ERROR"},
      {"2026-01-02 03:04:05,678 [main] WARN  com.example.Orders - slow", "WARNING"},
      {"[2026-01-02 03:04:05,678] INFO [broker] started (kafka.server)", "INFO"},
      {"02-Jan-2026 03:04:05.678 SEVERE [main] org.apache.X.y boom", "ERROR"},
      {"02-Jan-2026 03:04:05.678 FINE [main] org.apache.X.y boom", "DEBUG"},
      {"INFO  [main] 2026-01-02 03:04:05,678 Server.java:1 - up", "INFO"},
      {"2026-01-02 03:04:05.678+0000 [id=1]\tWARNING\th.m.X#y: boom", "WARNING"},
      {"Jan 02, 2026 3:04:05.678 AM com.example.Main main\nSEVERE: boom", "ERROR"},
      // .NET
      {"2026-01-02 03:04:05.678 +00:00 [ERR] boom", "ERROR"},
      {"2026-01-02 03:04:05.6789|ERROR|App.Orders|boom", "ERROR"},
      {"2026-01-02 03:04:05,678 [1] FATAL App.Orders - boom", "FATAL"},
      // Node
      {"2026-01-02T03:04:05.678Z error: boom", "ERROR"},
      {"2026-01-02T03:04:05.678Z [warn] boom", "WARNING"},
      {"2026-01-02T03:04:05.678Z [orders] warn: slow", "WARNING"},
      {"2026-01-02T03:04:05.678Z [orders] [42] silly: cache", "TRACE"},
      {"[2026-01-02T03:04:05.678Z] ERROR: orders/42 on h: boom", "ERROR"},
      {"[2026-01-02T03:04:05.678] [ERROR] default - boom", "ERROR"},
      {"[Nest] 42  - 01/02/2026, 3:04:05.678 AM   ERROR [Orders] boom", "ERROR"},
      {"[Nest] 42  - 01/02/2026, 3:04:05.678 AM     LOG [Orders] up", "INFO"},
      {"[E 260102 03:04:05.678 web:1] boom", "ERROR"},
      {"[2026-01-02T03:04:05.678Z] [orders] › ✖  error     boom", "ERROR"},
      {"[I 2026-01-02 03:04:05.678 ServerApp] up", "INFO"},
      {"[W 2026-01-02 03:04:05.678 ServerApp] slow", "WARNING"},
      {"2026-01-02T03:04:05.678+0000 [orders#critical] boom", "CRITICAL"},
      // Go, Rust
      {"2026-01-02T03:04:05.678Z\tERROR\tgo/main.go:67\tboom", "ERROR"},
      {"2026-01-02T03:04:05.678Z\tinfo\tpilot\tup", "INFO"},
      {"1.767323045678e+09\terror\tgo/main.go:67\tboom", "ERROR"},
      {"2026-01-02T03:04:05.678Z PNC main.go:67 > boom", "CRITICAL"},
      {"timestamp='2026-01-02T03:04:05.678Z' level='error' event='boom'", "ERROR"},
      {"event='boom' level='error' timestamp='2026-01-02T03:04:05.678Z'", "ERROR"},
      {"I0102 03:04:05.678000   24234 main.go:112] up", "INFO"},
      {"E0102 03:04:05.678000   24234 main.go:112] boom", "ERROR"},
      {"[2026-01-02T03:04:05.678Z ERROR samples] boom", "ERROR"},
      {"2026-01-02T03:04:05.678Z  WARN request{m=\"a\"}: samples: slow", "WARNING"},
      {"[1] 2026/01/02 03:04:05.678 [INF] Starting nats", "INFO"},
      {"\x1b[2m2026-01-02T03:04:05.678Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2ma\x1b[0m: boom",
       "ERROR"},
      // PHP, Ruby, Erlang, Elixir
      {"[2026-01-02T03:04:05.678000+00:00] app.ERROR: boom {\"id\":18} []", "ERROR"},
      {"[02-Jan-2026 03:04:05.678 UTC] PHP Fatal error:  Uncaught x", "ERROR"},
      {"[02-Jan-2026 03:04:05.678] WARNING: [pool www] boom", "WARNING"},
      {"E, [2026-01-02T03:04:05.678901 #42] ERROR -- : boom", "ERROR"},
      {"=ERROR REPORT==== 2-Jan-2026::03:04:05.678 ===", "ERROR"},
      {"2026-01-02 03:04:05.678 [error] <0.1.0> boom", "ERROR"},
      // Servers
      {"2026/01/02 03:04:05.678 [crit] 31#31: *1 boom", "CRITICAL"},
      {"[Fri Jan 02 03:04:05.678 2026] [core:error] [pid 1] boom", "ERROR"},
      {"2026-01-02 03:04:05.678 UTC [42] LOG:  checkpoint starting", "INFO"},
      {"2026-01-02 03:04:05.678 UTC [42] app@db FATAL:  no password", "FATAL"},
      {"2026-01-02 03:04:05.678 UTC [42] DEBUG1:  autovacuum", "DEBUG"},
      {"2026-01-02T03:04:05.678Z 0 [Warning] [MY-010055] boom", "WARNING"},
      {"2026-01-02T03:04:05.678Z 0 [Note] boom", "INFO"},
      {"2026.01.02 03:04:05.678 [ 1 ] {} <Error> Application: boom", "ERROR"},
      {"1:M 02 Jan 2026 03:04:05.678 # boom", "WARNING"},
      {"1:M 02 Jan 2026 03:04:05.678 * up", "INFO"},
      {"[2026/01/02 03:04:05.678 +00:00] [ERROR] [a.go:1] [\"boom\"]", "ERROR"},
      {"[2026-01-02 03:04:05.678][1][warning][upstream] [a.cc:84] boom", "WARNING"},
      // Platforms
      {"<11>1 2026-01-02T03:04:05.678Z h orders 42 ID47 - boom", "ERROR"},
      {"<13>Jan  2 03:04:05.678 h orders[42]: up", "INFO"},
      {"[ERROR]\t2026-01-02T03:04:05.678Z\t8b2c\tboom", "ERROR"},
      {"2026-01-02T03:04:05.678Z\t8b2c-1\tERROR\tboom", "ERROR"},
      {"01-02 03:04:05.678  1234  1234 E Orders: boom", "ERROR"},
      {"Jan  2 03:04:05.678 h orders[42]: ERROR boom", "ERROR"},
      {"time=2026-01-02T03:04:05.678Z level=warn msg=\"slow\"", "WARNING"},
      {"ts=2026-01-02T03:04:05.678Z caller=a.go:1 level=error msg=\"x\"", "ERROR"},
  }));
  CAPTURE(text);
  CHECK(read(text) == Told{level, kTime});
}

TEST_CASE("text: a level may stand without a time", "[text]") {
  const auto [text, level] = GENERATE(table<std::string, std::string>({
      {"ERROR:orders:boom", "ERROR"},
      {"INFO:     Started server process [12219]", "INFO"},
      {"WARNING: slow", "WARNING"},
      {"error: boom {\"code\":1}", "ERROR"},
      {"silly: level", "TRACE"},
      {"http: GET /a 200", "INFO"},
      {"[error] boom", "ERROR"},
      {"[WARN ] slow", "WARNING"},
      {"<3>boom", "ERROR"},
      {"ERROR boom", "ERROR"},
      {"ERRO[0001] boom", "ERROR"},
      {"[main] ERROR com.example.Orders - boom", "ERROR"},
      {"fail: App.Orders[0]", "ERROR"},
      {"warn: App.Orders[0]", "WARNING"},
      {"03:04:05.678 [main] WARN  com.example.Orders -- slow", "WARNING"},
      {"[03:04:05 ERR] boom", "ERROR"},
      {"3:04AM ERR boom key=1", "ERROR"},
      {"panic: boom", "ERROR"},
      {"Exception in thread \"main\" java.lang.IllegalStateException: boom", "ERROR"},
      {"thread 'main' panicked at src/main.rs:45:22:", "ERROR"},
      {"Traceback (most recent call last):", "ERROR"},
      {"level=error msg=boom", "ERROR"},
      {"PHP Warning:  Undefined variable", "WARNING"},
      {"npm error code ETARGET", "ERROR"},
      {"npm ERR! code ELIFECYCLE", "ERROR"},
      {"npm warn deprecated left-pad@1.3.0", "WARNING"},
      {"ERR! orders boom", "ERROR"},
      {" INFO [main] (Orders.java:12) - up", "INFO"},
      // rich; the second time is that of the line before
      {"[01/02/26 03:04:05] ERROR    boom                       app.py:12", "ERROR"},
      {"           ERROR    boom                          app.py:13", "ERROR"},
      {"                    CRITICAL boom", "CRITICAL"},
      // signale, consola, Next.js, apex
      {"[orders] › ✖  error     boom", "ERROR"},
      {"› ⚠  warning   slow", "WARNING"},
      {"[orders] › ⬤  debug     cache miss", "DEBUG"},
      {"[orders] › ✖  fatal     disk", "FATAL"},
      {"✖ boom", "ERROR"},
      {"✔ stored", "INFO"},
      {"⚙ cache miss", "DEBUG"},
      {" ⨯ boom", "ERROR"},
      {"   ⨯ boom             file=a.txt", "ERROR"},
      {"⚠️ slow", "WARNING"},
  }));
  CAPTURE(text);
  CHECK(read(text) == Told{level, ""});
}

TEST_CASE("text: a word in running prose is not a level", "[text]") {
  const std::string text = GENERATE(
      as<std::string>{}, "no error found", "npm errors are listed below", "npm run build",
      "[E 5 is a field]", "[I am here] and [E] too",
      "2026-01-02 03:04:05 [orders] tell: error: boom", "1.5 ERROR", "ERR!",
      "the ERROR was ignored", "Error handling is described below", "error handling",
      "Info pages are installed", "INFORMATION ABOUT THE PROJECT", "Fatal flaws",
      "Warnings are printed to standard error", "DEBUG AND TRACE OPTIONS", "WARNING",
      "note: see below", "see [error] for details", "log: what is written", "default: 5",
      "config: a file", "fine, then", "trace the calls of a program", "debug builds are slow",
      "critical sections", "I, Claudius", "E1 is a line", "a level of ERROR or worse",
      "W3C recommendation", "success!", "the value key=error is wrong", "System: ready",
      "emergency exits", "127.0.0.1 - - GET / ERROR", "Fix error in the parser", "May 5 was a day",
      "Mar", "12:30", "1.2.3", "2026-01-02", "<div>", "<999>x", "=====", "D", "E, [", "{",
      "\"ERROR: quoted\"", "           ERROR  of two blanks", "           ERROR     of five",
      "           Error    in words", "             the ERROR    in a table", "tests: 3 ✖ failed",
      "a ⚠ sign");
  CAPTURE(text);
  CHECK(read(text).level == "");
}

TEST_CASE("text: an access log has a time and no level", "[text]") {
  CHECK(read("127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] \"GET /ERROR HTTP/1.1\" 500 2") ==
        Told{"", "2026-01-02T03:04:05.000Z"});
  CHECK(read("localhost - ann [02/Jan/2026:03:04:05 +0000] \"GET / HTTP/1.1\" 200 2") ==
        Told{"", "2026-01-02T03:04:05.000Z"});
  CHECK(read("1767323045.678    12 127.0.0.1 TCP_MISS/200 0 GET http://a/") == Told{"", kTime});
}

TEST_CASE("text: nothing behind the first 256 bytes is looked at", "[text]") {
  CHECK(read(std::string(300, '.') + " ERROR") == Told{"", ""});
  CHECK(read("2026-01-02T03:04:05.678Z " + std::string(300, 'x') + " ERROR") == Told{"", kTime});
}

}  // namespace
}  // namespace ship
