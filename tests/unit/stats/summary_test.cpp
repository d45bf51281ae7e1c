#include "stats/summary.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

InputReport listening_input() {
  InputReport input;
  input.name = "unix:/run/a.sock";
  input.type = "unix";
  input.counts.lines = 7;
  input.counts.bytes = 90;
  input.counts.truncated = 2;
  input.counts.filtered = 3;
  input.counts.submitted = 4;
  input.connections = ConnectionCounts{1, 5, 6, 1, 2};
  input.held_bytes = 512;
  input.cut = 2;
  return input;
}

StatsSnapshot two_sinks() {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = 12.5;
  snapshot.preset = "production";
  snapshot.input = {4001, 1853501, 3, 2, 1, 10, 1, 3990};
  snapshot.input.levels = {10, 0, 0, 3000, 0, 980};
  snapshot.loop_seconds.add(0.000004);
  snapshot.loop_seconds.add(0.000008);
  snapshot.loop_seconds.add(0.0003);
  LaneSnapshot loki;
  loki.name = "loki";
  loki.type = "loki";
  loki.counts.submitted = 3990;
  loki.counts.delivered = 3000;
  loki.counts.dropped = {900, 60, 5};
  loki.counts.pending = 25;
  loki.counts.in_flight = 10;
  loki.counts.protected_records = {12, 10, 2};
  loki.retries = 4;
  loki.batches = 12;
  loki.bytes_sent = 999;
  loki.queue_depth = 15;
  loki.queue_bytes = 700;
  loki.queue_size = 100;
  loki.queue_max_bytes = 64u << 20;
  loki.queue_depth_high_watermark = 100;
  loki.last_error = "POST \"x\":\n503";
  loki.flush_seconds.add(20);
  loki.overflow = {10, 2000, 1040, 960, 2000, 10};
  loki.queue_peaks = {0, 130, 260, 999, 1000, 500};
  loki.batch_size = 256;
  loki.requests_in_flight = 3;
  loki.requests_limit = 16;
  LaneSnapshot file;
  file.name = "file";
  file.type = "file";
  file.counts.submitted = 3990;
  file.counts.delivered = 3990;
  file.queue_size = 10000;
  file.queue_depth_high_watermark = 7;
  snapshot.sinks = {loki, file};
  return snapshot;
}

}  // namespace

TEST_CASE("summary: nothing in a server's words acts on the terminal", "[stats]") {
  StatsSnapshot snapshot;
  LaneSnapshot& sink = snapshot.sinks.emplace_back();
  sink.name = "loki";
  sink.last_error = "no\u009b31m \u202espace\x7f\x1b";
  const std::string text = summary_text(snapshot);
  for (const char* bad : {"\x1b", "\u009b", "\u202e", "\x7f"}) {
    CHECK(text.find(bad) == std::string::npos);
  }
  CHECK(text.find("last error: no 31m space\n") != std::string::npos);
}

TEST_CASE("summary: JSON is one line with the contract's names", "[stats]") {
  StatsSnapshot snapshot = two_sinks();
  snapshot.sinks.pop_back();
  snapshot.stages = {{"where", 4000, 3990, 0, 0, 250, std::nullopt}};
  snapshot.inputs = {listening_input()};
  snapshot.sinks[0].stages = {{"sample", 5, 2, 0, 1, 0, 0.25}};
  CHECK(summary_json(snapshot) ==
        "{\"fapilog_ship\":{\"version\":\"" SHIP_VERSION
        "\",\"uptime_seconds\":12.5,\"preset\":\"production\"},"
        "\"input\":{\"lines\":4001,\"bytes\":1853501,\"blank\":3,\"invalid\":2,\"truncated\":1,"
        "\"skipped_bytes\":0,"
        "\"filtered\":10,\"discarded\":1,\"submitted\":3990,"
        "\"levels\":{\"other\":10,\"INFO\":3000,\"ERROR\":980},"
        "\"loop_seconds\":{\"p50\":1e-05,\"p99\":0.0003,\"max\":0.0003,\"sum\":0.000312,"
        "\"count\":3,\"p999\":0.0003}},"
        "\"inputs\":{\"unix:/run/a.sock\":{\"type\":\"unix\",\"lines\":7,\"bytes\":90,\"blank\":0,"
        "\"invalid\":0,\"truncated\":2,\"skipped_bytes\":0,\"filtered\":3,\"discarded\":0,"
        "\"submitted\":4,\"held_bytes\":512,\"cut\":2,\"connections\":{\"now\":1,\"total\":5,"
        "\"refused\":6,\"idle\":1,\"reset\":2}}},"
        "\"stages\":{\"where\":{\"in\":4000,\"out\":3990,\"changed\":0,\"errors\":0,"
        "\"seconds_each\":2.5e-07}},"
        "\"sinks\":{\"loki\":{\"type\":\"loki\",\"submitted\":3990,\"filtered\":0,"
        "\"delivered\":3000,\"dropped\":{\"queue_full\":900,\"evicted\":60,\"rejected\":5,"
        "\"expired\":0,\"shutdown\":0,\"duplicate\":0,\"damaged\":0,\"redact\":0,\"size_guard\":0},"
        "\"dead_"
        "lettered\":0,\"diverted\":0,"
        "\"pending\":25,"
        "\"in_flight\":10,\"requests_in_flight\":3,\"requests_limit\":16,\"spooled\":0,\"retries\":"
        "4,\"batches\":12,\"bytes_sent\":999,"
        "\"queue_depth\":15,\"queue_bytes\":700,\"queue_depth_high_watermark\":100,"
        "\"queue_size\":100,\"queue_max_bytes\":67108864,"
        "\"breaker\":\"closed\",\"health\":\"good\",\"last_error\":\"POST \\\"x\\\":\\n503\","
        "\"flush_seconds\":{\"p50\":20,\"p99\":20,\"max\":20,"
        "\"sum\":20,\"count\":1},"
        "\"protected\":{\"submitted\":12,\"delivered\":10,\"dropped\":2},"
        "\"stages\":{\"sample\":{\"in\":5,\"out\":2,\"changed\":0,\"errors\":1,"
        "\"seconds_each\":0,\"rate\":0.25}},"
        "\"advice\":{\"kind\":\"slow_sink\",\"text\":\"the sink is slower than the input: while "
        "the queue was full 200/s came and it took 104/s, 96/s too few; a worker delivers 150/s "
        "(250 lines a batch, 1.7s each): delivery.workers = 2 (now 1) would keep up, if the "
        "server does; so may a delivery.batch_size above 256\"}}}}\n");
}

TEST_CASE("summary: an input has a row where there are several, or where it listens", "[stats]") {
  StatsSnapshot snapshot = two_sinks();
  InputReport file;
  file.name = "app.log";
  file.type = "file";
  snapshot.inputs = {file};
  CHECK(summary_text(snapshot).find("app.log") == std::string::npos);
  snapshot.inputs = {listening_input()};
  CHECK(summary_text(snapshot).find("\nunix:/run/a.sock  unix") != std::string::npos);
  snapshot.inputs = {file, file};
  CHECK(summary_text(snapshot).find("\napp.log") != std::string::npos);
}

TEST_CASE("summary: JSON of no sink and no time is still one object", "[stats]") {
  CHECK(summary_json({}).find("\"uptime_seconds\":0,\"preset\":\"\"}") != std::string::npos);
  CHECK(summary_json({}).find("\"sinks\":{}}\n") != std::string::npos);
}

TEST_CASE("summary: the stages that are set stand in a table of their own, and only then",
          "[stats]") {
  StatsSnapshot snapshot = two_sinks();
  CHECK(summary_text(snapshot).find("stage") == std::string::npos);
  snapshot.stages = {{"sample", 4000, 400, 0, 0, 250, 0.1}};
  snapshot.sinks[1].stages = {{"redact", 3990, 3990, 203, 0, 900, std::nullopt}};
  const std::string text = summary_text(snapshot);
  CHECK(text.find("\nstage   of        in    out  changed  errors   each  rate\n"
                  "sample  input  4,000    400        0       0  250ns   0.1\n"
                  "redact  file   3,990  3,990      203       0  900ns     -\n") !=
        std::string::npos);
}

TEST_CASE("summary: what each rule of a stage took out stands in JSON and below the table",
          "[stats]") {
  StatsSnapshot snapshot = two_sinks();
  CHECK(summary_json(snapshot).find("\"rules\"") == std::string::npos);
  CHECK(summary_text(snapshot).find("took out") == std::string::npos);
  snapshot.sinks[0].stages = {
      {"redact", 5, 5, 3, 0, 0, {}, {{"email", 1234}, {"*password", 3}, {"my\"own", 1}}}};
  CHECK(summary_json(snapshot).find(
            R"("errors":0,"seconds_each":0,"rules":{"email":1234,"*password":3,"my\"own":1}})") !=
        std::string::npos);
  CHECK(summary_text(snapshot).find(
            "\nredact of loki took out: email 1,234, *password 3, my\"own 1\n") !=
        std::string::npos);
}

TEST_CASE("summary: the table has a row for each sink and says what went wrong below", "[stats]") {
  CHECK(
      summary_text(two_sinks()) ==
      "fapilog-ship " SHIP_VERSION
      ", up 12 s, preset production\n"
      "input: 4,001 lines, 1.8 MB; 3,990 submitted, 10 filtered, 1 discarded, 2 not JSON, 1 "
      "truncated, 3 blank\n"
      "reader: busy 10us between reads (p99.9 300us, max 300us, 3 reads)\n"
      "\n"
      "sink  type  submitted  delivered  dropped  pending  retries  queue peak  p99\n"
      "loki  loki      3,990      3,000      965       25        4        100%  20s\n"
      "file  file      3,990      3,990        0        0        0          1%    -\n"
      "  loki: dropped 900 queue_full, 60 evicted, 5 rejected; 2 of 12 protected\n"
      "  loki: last error: POST \"x\": 503\n"
      "  loki: requests took 20s (p50), 20s at most\n"
      "  loki: queue, last 12 s: ▁▂▃██▅ (15% full now)\n"
      "  loki: advice: the sink is slower than the input: while the queue was full 200/s came and "
      "it took 104/s, 96/s too few; a worker delivers 150/s (250 lines a batch, 1.7s each): "
      "delivery.workers = 2 (now 1) would keep up, if the server does; so may a "
      "delivery.batch_size above 256\n");
}

TEST_CASE("summary: the cause stands before what follows from it", "[stats]") {
  StatsSnapshot snapshot = two_sinks();
  snapshot.sinks[0].breaker = "open";
  snapshot.sinks[0].counts.spooled = 7;
  const std::string text = summary_text(snapshot);
  CHECK(
      text.find("\n  loki: breaker open\n  loki: last error: POST \"x\": 503\n  loki: dropped ") !=
      std::string::npos);
  CHECK(text.find("\n  loki: 7 on disk\n") > text.find("loki: dropped"));
}

TEST_CASE("summary: its table fits a terminal of 80 columns, with large numbers as well",
          "[stats]") {
  StatsSnapshot snapshot = two_sinks();
  snapshot.sinks[0].name = snapshot.sinks[0].type = "elasticsearch";
  snapshot.sinks[0].counts.submitted = snapshot.sinks[0].counts.delivered = 1234567;
  const std::string text = summary_text(snapshot);
  const std::size_t at = text.find("\nsink ");
  REQUIRE(at != std::string::npos);
  CHECK(text.find('\n', at + 1) - at - 1 < 80);
  CHECK(text.find("elasticsearch  1,234,567  1,234,567 ") != std::string::npos);
}

TEST_CASE("summary: the last messages stand in JSON, where somebody keeps them", "[stats]") {
  StatsSnapshot snapshot;
  CHECK(summary_json(snapshot).find("messages") == std::string::npos);
  snapshot.messages = {{1700000000000000000, LogLevel::warning, "a \"b\""},
                       {1700000001000000000, LogLevel::error, "c"}};
  CHECK(summary_json(snapshot).find(
            R"("messages":[{"at":"2023-11-14T22:13:20.000Z","level":"warning","text":"a \"b\""},)"
            R"({"at":"2023-11-14T22:13:21.000Z","level":"error","text":"c"}]})") !=
        std::string::npos);
}

TEST_CASE("summary: the queue of a run is told as it is now, and for no longer than the run",
          "[stats]") {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = 0.8;
  snapshot.sinks = {LaneSnapshot{}};
  LaneSnapshot& sink = snapshot.sinks[0];
  sink.name = "a";
  sink.queue_size = 100;
  sink.queue_peaks = {350};
  CHECK(summary_text(snapshot).find("a: queue, last 0.8 s: ▃ (empty now)\n") != std::string::npos);
  sink.queue_depth = 1;
  snapshot.uptime_seconds = 60;
  CHECK(summary_text(snapshot).find("a: queue, last 3.0 s: ▃ (1% full now)\n") !=
        std::string::npos);
}

TEST_CASE("summary: a queue that was never a tenth full has no line", "[stats]") {
  StatsSnapshot snapshot;
  snapshot.sinks = {LaneSnapshot{}};
  snapshot.sinks[0].queue_peaks = {0, 99, 3};
  CHECK(summary_text(snapshot).find("queue, last") == std::string::npos);
}

TEST_CASE("summary: one line is a line, none and more are lines", "[stats]") {
  StatsSnapshot snapshot;
  snapshot.input.lines = 1;
  CHECK(summary_text(snapshot).find("input: 1 line, ") != std::string::npos);
  snapshot.input.lines = 0;
  CHECK(summary_text(snapshot).find("input: 0 lines, ") != std::string::npos);
}

TEST_CASE("summary: a share is 0% only for none and 100% only for all", "[stats]") {
  StatsSnapshot snapshot;
  snapshot.sinks = {LaneSnapshot{}};
  snapshot.sinks[0].queue_size = 100000;
  const auto shown = [&](std::uint64_t watermark) {
    snapshot.sinks[0].queue_depth_high_watermark = watermark;
    const std::string text = summary_text(snapshot);
    const std::size_t end = text.find('%');
    return text.substr(text.rfind(' ', end) + 1, end - text.rfind(' ', end));
  };
  CHECK(shown(0) == "0%");
  CHECK(shown(1) == "1%");
  CHECK(shown(99999) == "99%");
  CHECK(shown(100000) == "100%");
}
