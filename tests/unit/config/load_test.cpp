#include "config/load.hpp"

#include "sinks/file/file_settings.hpp"
#include "sinks/http/http_settings.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using namespace std::chrono_literals;
using test::Configuration;
using test::Texts;

TEST_CASE("load: nothing given is a pipe filter with the documented defaults", "[config]") {
  const Settings settings = Configuration().settings();
  CHECK(settings.preset.empty());
  CHECK(settings.input.paths.empty());
  CHECK(settings.input.max_line_bytes == 1u << 20);
  CHECK_FALSE(settings.filter.min_level.has_value());
  CHECK(settings.stats.interval == 0ms);
  CHECK(settings.stats.signal == "USR1");
  REQUIRE(settings.sinks.size() == 1);
  const SinkSettings& sink = settings.sinks[0];
  CHECK(sink.name == "stdout");
  CHECK(sink.type() == "stdout");
  CHECK(sink.queue.size == 10000);
  CHECK(sink.queue.max_bytes == 64u << 20);
  CHECK(sink.queue.drop_on_full);
  CHECK(sink.queue.wait == 0ms);
  CHECK(sink.queue.protected_levels == Texts{"ERROR", "CRITICAL", "FATAL", "AUDIT", "SECURITY"});
  CHECK(sink.delivery.request_timeout == 10s);
  CHECK(sink.delivery.retry_base == 500ms);
  CHECK(sink.delivery.retry_max == 30s);
  CHECK(sink.delivery.retry_max_elapsed == 0ms);
  CHECK(sink.delivery.drain_timeout == 8s);
}

TEST_CASE("load: batches are large and at once for local sinks, small and timed for remote ones",
          "[config]") {
  const Settings settings = Configuration()
                                .flag("sink", "stdout:")
                                .flag("sink", "file:a")
                                .flag("sink", "null:")
                                .flag("sink", "http://h")
                                .flag("sink", "loki+http://h")
                                .settings();
  for (const SinkSettings& sink : settings.sinks) {
    INFO(sink.name);
    const bool remote = sink.type() == "http" || sink.type() == "loki";
    CHECK(sink.delivery.batch_size == (remote ? 10000u : 4096u));
    CHECK(sink.delivery.batch_timeout == (remote ? 250ms : 0ms));
  }
  const Settings asked =
      Configuration().flag("batch-size", "7").flag("batch-timeout", "1s").settings();
  CHECK(asked.sinks[0].delivery.batch_size == 7);
  CHECK(asked.sinks[0].delivery.batch_timeout == 1s);
}

TEST_CASE("load: workers at the top are those of remote sinks, because files have one writer",
          "[config]") {
  const Settings settings = Configuration()
                                .flag("workers", "4")
                                .flag("sink", "file:a")
                                .flag("sink", "http://h")
                                .settings();
  CHECK(settings.sinks[0].delivery.workers == 1);
  CHECK(settings.sinks[1].delivery.workers == 4);
  CHECK(Configuration().flag("sink", "file:a?delivery.workers=2").problems() ==
        Texts{"--sink: sinks.file.delivery.workers: file sinks have one worker, so that lines "
              "stay in order"});
}

TEST_CASE("load: requests beside each other keep no order, and who asks for both is told",
          "[config]") {
  const auto sink = [](std::string_view given) {
    return Configuration().flag("sink", "http://h?" + std::string(given)).settings().sinks[0];
  };
  CHECK(sink("").delivery.workers == 0);
  CHECK(sink("").delivery.order == DeliveryOrder::any);
  CHECK(sink("delivery.order=keep").delivery.workers == 1);
  const auto postgres = [](std::string_view given) {
    const std::string url = "postgres://u@h/db?table=t" + std::string(given);
    return Configuration().flag("sink", url).settings().sinks[0].delivery;
  };
  CHECK(postgres("").order == DeliveryOrder::keep);
  CHECK(postgres("&delivery.workers=2").order == DeliveryOrder::any);
  CHECK(
      Configuration().flag("sink", "http://h?delivery.order=keep&delivery.workers=2").problems() ==
      Texts{"--sink: sinks.http.delivery.workers: found 2 together with delivery.order = \"keep\": "
            "requests sent side by side arrive in any order; take 1 worker, or order = \"any\""});
  CHECK(Configuration().flag("sink", "file:a?delivery.order=any").problems() ==
        Texts{"--sink: sinks.file.delivery.order: file sinks have one worker, so that lines stay "
              "in order"});
}

TEST_CASE(
    "load: keep puts the spool, dead letters and the checkpoint into its directory, unless "
    "they are given",
    "[config]") {
  const Settings kept = Configuration()
                            .flag("keep", "/d")
                            .flag("input", "/var/log/*.log")
                            .flag("follow", "true")
                            .flag("sink", "http://h")
                            .settings();
  CHECK(kept.sinks[0].spool.dir == "/d/spool");
  CHECK(kept.sinks[0].spool.mode == SpoolMode::durable);
  CHECK(kept.dead_letter.path == "/d/dead-letters.ndjson");
  CHECK(kept.input.checkpoint == "/d/checkpoint");
  const Settings own =
      Configuration().flag("keep", "/d").flag("spool", "/own").flag("sink", "http://h").settings();
  CHECK(own.sinks[0].spool.dir == "/own");
  CHECK(own.dead_letter.path == "/d/dead-letters.ndjson");
  CHECK(own.input.checkpoint.empty());
}

TEST_CASE("load: the default of a batch is what the sink's receiver takes", "[config]") {
  const auto bytes = [](const char* url) {
    return Configuration().flag("sink", url).settings().sinks[0].delivery.batch_max_bytes;
  };
  CHECK(bytes("http://h") == 960u << 10);
  CHECK(bytes("elasticsearch+http://h/i") == 5u << 20);
  CHECK(bytes("cloudwatch://eu-west-1/g/s") == 960u << 10);
  CHECK(bytes("otlp+http://h") == 2u << 20);
  CHECK(bytes("splunk+http://h?token=t") == 768u << 10);
  CHECK(bytes("datadog://datadoghq.eu?api_key=k") == 2u << 20);
  CHECK(bytes("gcp://p/l") == 960u << 10);
  CHECK(bytes("s3://b") == 4u << 20);
  CHECK(bytes("s3://b?object_size=1MB") == 1u << 20);
}

TEST_CASE("load: an object fits into memory, and is on disk before it is sent", "[config][s3]") {
  const auto problem_of = [](const std::string& query, const std::string& toml = "") {
    Configuration given;
    given.flag("sink", "s3://b?" + query).file("a.toml", toml);
    return given.problems().empty() ? std::string() : given.problems()[0];
  };
  CHECK(problem_of("object_size=8MB") == "");
  CHECK(problem_of("queue.max_bytes=16MB") == "");
  const std::string size = problem_of("object_size=9MB");
  CHECK(size.find("an eighth of queue.max_bytes (64 MB)") != std::string::npos);
  CHECK(size.find("lower object_size, or raise queue.max_bytes to 72 MB") != std::string::npos);
  CHECK(problem_of("spool.dir=/s") == "");
  CHECK(problem_of("spool.mode=overflow") == "");
  CHECK(problem_of("spool.dir=/s&spool.mode=off") == "");
  for (const std::string& mode : {problem_of("spool.dir=/s&spool.mode=overflow"),
                                  problem_of("", "[spool]\ndir = \"/s\"\nmode = \"overflow\"")}) {
    CHECK(mode.find("beside spool.dir") != std::string::npos);
    CHECK(mode.find("spool.mode = \"durable\"") != std::string::npos);
  }
}

TEST_CASE("load: a flag wins over the environment, that over files, those over a preset",
          "[config]") {
  Configuration given;
  const auto batch = [&] { return given.settings().sinks[0].delivery.batch_size; };
  given.flag("sink", "http://h");
  CHECK(batch() == 10000);
  given.flag("preset", "dev");
  CHECK(batch() == 1);
  given.file("a.toml", "[delivery]\nbatch_size = 31\n");
  CHECK(batch() == 31);
  given.file("b.toml", "delivery.batch_size = 32\n");
  CHECK(batch() == 32);
  given.variable("FAPILOG_SHIP_BATCH_SIZE", "33");
  CHECK(batch() == 33);
  given.flag("batch-size", "34");
  CHECK(batch() == 34);
  given.flag("batch-size", "35");
  CHECK(batch() == 35);
}

TEST_CASE("load: later files win key by key, inside sinks and maps too", "[config]") {
  const Settings settings =
      Configuration()
          .file("a.toml",
                "labels = { app = \"web\", env = \"dev\" }\n[sinks.main]\nurl = \"loki+http://a\"\n"
                "max_age = \"1h\"\nlabels.x = \"1\"\n[sinks.other]\nurl = \"null:\"\n")
          .file("b.toml",
                "labels.env = \"prod\"\n[sinks.main]\nurl = \"loki+http://b\"\nmax_streams = 7\n"
                "labels.y = \"2\"\n")
          .settings();
  CHECK(settings.labels == Labels{{"app", "web"}, {"env", "prod"}});
  REQUIRE(settings.sinks.size() == 2);
  CHECK(settings.sinks[0].name == "main");
  const auto& loki = *settings.sinks[0].kind.get<LokiSinkSettings>();
  CHECK(loki.transport.url == "http://b");
  CHECK(loki.max_age == 1h);
  CHECK(loki.max_streams == 7);
  CHECK(loki.labels == Labels{{"x", "1"}, {"y", "2"}});
  CHECK(settings.sinks[1].type() == "null");
}

TEST_CASE("load: sinks come from the highest source that names one", "[config]") {
  Configuration given;
  given.file("a.toml", "[sinks.file]\nurl = \"file:x\"\n");
  CHECK(given.settings().sinks[0].type() == "file");
  given.variable("FAPILOG_SHIP_SINK", "null: http://h?labels.a=b");
  CHECK_FALSE(given.load().settings.has_value());
  given.variable("FAPILOG_SHIP_SINK", "null:\n  http://h");
  CHECK(given.settings().sinks.size() == 2);
  given.flag("sink", "stdout:");
  REQUIRE(given.settings().sinks.size() == 1);
  CHECK(given.settings().sinks[0].type() == "stdout");
  REQUIRE(given.load().notes.size() == 2);
  CHECK(given.load().notes[1].find("(file) are not used, because --sink") != std::string::npos);
}

TEST_CASE("load: sinks of one type are told apart by number, unless they bring a name",
          "[config]") {
  const Settings settings = Configuration()
                                .flag("sink", "loki+http://a")
                                .flag("sink", "loki+http://b?name=loki-2")
                                .flag("sink", "loki+http://c")
                                .flag("sink", "null:?name=void")
                                .settings();
  CHECK(settings.sinks[0].name == "loki");
  CHECK(settings.sinks[1].name == "loki-2");
  CHECK(settings.sinks[2].name == "loki-3");
  CHECK(settings.sinks[3].name == "void");
  CHECK(Configuration().flag("sink", "null:?name=a").flag("sink", "null:?name=a").problems() ==
        Texts{"--sink #2: two sinks have the name \"a\""});
  CHECK(Configuration().flag("sink", "null:?name=a/b").problems().size() == 1);
}

TEST_CASE("load: all problems of all sources are shown, in reading order", "[config]") {
  Configuration given;
  given.variable("FAPILOG_SHIP_WAIT", "soon")
      .variable("FAPILOG_SHIP_QUEUE_SIZE", "0")
      .flag("drop", "none")
      .file(
          "b.toml",
          "[queue]\nszie = 5\nmax_bytes = \"12 XB\"\n\n[sinks.l]\nurl = "
          "\"loki+http://h?max_age=x\"\nlabel_feilds = [\"a\"]\nmax_streams = 0\ntype = \"loki\"\n")
      .file("c.toml", "[nonsense]\nx = 1\n[stats]\ninterval = true\n");
  CHECK(given.problems() ==
        Texts{
            "b.toml:2:1: queue.szie: unknown key; did you mean \"queue.size\"? As in size = 5",
            "b.toml:3:13: queue.max_bytes: found \"12 XB\" (an unknown unit), expected a size such "
            "as \"64 MB\", from 4 KB to 1 TB",
            "b.toml:6:7: sinks.l.url: column 23 of the URL: max_age: found \"x\" (no number at its "
            "start), expected a duration such as \"250ms\", from 0ms to 3650d",
            "b.toml:7:1: sinks.l.label_feilds: unknown key of loki sinks; did you mean "
            "\"label_fields\"? As in label_fields = [ \"a\" ]",
            "b.toml:8:15: sinks.l.max_streams: found 0 (too small), expected an integer from 1 to "
            "100000; the default is 100",
            "b.toml:9:1: sinks.l.type: unknown key of loki sinks: the url tells the type, as in "
            "loki+http://host:3100",
            "c.toml:2:1: nonsense.x: unknown key",
            "c.toml:4:12: stats.interval: found true (a boolean), expected a duration such as "
            "\"250ms\", from 0ms to 365d",
            "FAPILOG_SHIP_QUEUE_SIZE: queue.size: found \"0\" (too small), expected an integer "
            "from 1 to 100000000; the default is 10000",
            "FAPILOG_SHIP_WAIT: queue.wait: found \"soon\" (no number at its start), expected a "
            "duration such as \"250ms\", from 0ms to 1h",
            "--drop: queue.drop: found \"none\", expected one of newest, oldest",
        });
}

TEST_CASE("load: a table where a value belongs, and the other way round, is an error", "[config]") {
  CHECK(Configuration().file("a.toml", "queue = 5\n[labels]\nx = 1\n").problems() ==
        Texts{"a.toml:1:9: queue: expected a table, [queue]",
              "a.toml:3:5: labels.x: expected a string"});
  CHECK(Configuration().file("a.toml", "labels = \"a=b\"\n").problems() ==
        Texts{"a.toml:1:10: labels: expected a table such as { name = \"text\" }"});
  CHECK(Configuration().file("a.toml", "[queue.size]\n").problems().size() == 1);
  CHECK(Configuration().file("a.toml", "sinks = 1\n").problems() ==
        Texts{"a.toml:1:1: sinks: expected a table for each sink: [sinks.NAME] with a url"});
  CHECK(Configuration().file("a.toml", "[[sinks]]\nurl = \"null:\"\n").problems().size() == 1);
  CHECK(Configuration().file("a.toml", "[sinks]\nurl = \"null:\"\n").problems().size() == 1);
  CHECK(Configuration().file("a.toml", "[sinks.\"a b\"]\nurl = \"null:\"\n").problems().size() ==
        1);
  CHECK(Configuration().file("a.toml", "[sinks.x]\nmax_age = \"1h\"\n").problems() ==
        Texts{"a.toml:2:1: sinks.x: the url is missing; it says the type and the address: url = "
              "\"loki+http://host:3100\""});
  CHECK(Configuration().file("a.toml", "[queue]\n[labels]\n[sinks]\n").problems().empty());
}

TEST_CASE("load: a file that cannot be read is a problem that says why", "[config]") {
  CHECK(Configuration().flag("config", "/nowhere/x.toml").problems() ==
        Texts{"/nowhere/x.toml: cannot read it: No such file or directory"});
  CHECK(Configuration().flag("config", "/").problems() ==
        Texts{"/: cannot read it: Is a directory"});
}

TEST_CASE("load: a file is read to its end, up to 1 MB", "[config]") {
  const std::string comment = "#" + std::string(1022, 'x') + "\n";
  std::string text;
  while (text.size() < (1u << 20) - 1024) text += comment;
  text += "queue.size = 41\n";
  CHECK(Configuration().file("a.toml", text).settings().sinks[0].queue.size == 41);
  text += comment;
  CHECK(Configuration().file("a.toml", text).problems() == Texts{"a.toml: larger than 1 MB"});
}

TEST_CASE("load: the default file is read only if it exists and no other is named", "[config]") {
  Configuration given;
  given.file("default.toml", "queue.size = 41\n");
  given.request().default_file = given.directory() + "/default.toml";
  given.request().flags.clear();
  CHECK(given.settings().sinks[0].queue.size == 41);
  given.variable("FAPILOG_SHIP_CONFIG", given.directory() + "/other.toml");
  CHECK(given.problems() == Texts{"other.toml: cannot read it: No such file or directory"});
  given.file("other.toml", "queue.size = 42\n");
  given.request().flags.clear();
  CHECK(given.settings().sinks[0].queue.size == 42);
  given.request().environment.clear();
  given.request().default_file = given.directory() + "/none.toml";
  CHECK(given.settings().sinks[0].queue.size == 10000);
}

TEST_CASE("load: variables in TOML texts are expanded, in arrays too, and never in presets",
          "[config]") {
  const Settings settings =
      Configuration()
          .variable("HOST", "logs")
          .variable("LEVEL", "AUDIT")
          .file("a.toml",
                "queue.protected_levels = [\"${LEVEL}\", \"${OTHER:-ERROR}\"]\n"
                "labels.cost = \"$${x}\"\n[sinks.l]\nurl = \"loki+http://${HOST}:1\"\n")
          .settings();
  CHECK(settings.sinks[0].queue.protected_levels == Texts{"AUDIT", "ERROR"});
  CHECK(settings.labels == Labels{{"cost", "${x}"}});
  CHECK(settings.sinks[0].kind.get<LokiSinkSettings>()->transport.url == "http://logs:1");
  CHECK(Configuration().file("a.toml", "labels.a = \"${NOPE}\"\n").problems() ==
        Texts{"a.toml:1:12: labels.a: the environment variable NOPE is not set; set it, or write "
              "${NOPE:-default}"});
}

TEST_CASE("load: an unknown FAPILOG_SHIP_ variable is a warning, an empty one is not set",
          "[config]") {
  Configuration given;
  given.variable("FAPILOG_SHIP_QUEUE_SIZ", "5")
      .variable("FAPILOG_SHIP_QUEUE_SIZE", "")
      .variable("FAPILOG_SERVICE", "x");
  const LoadOutcome outcome = given.load();
  REQUIRE(outcome.settings.has_value());
  CHECK(outcome.settings->sinks[0].queue.size == 10000);
  CHECK(outcome.warnings ==
        Texts{"the environment variable FAPILOG_SHIP_QUEUE_SIZ is unknown and has no effect; did "
              "you mean \"FAPILOG_SHIP_QUEUE_SIZE\"?"});
}

TEST_CASE("load: lists in the environment are comma lists, paths are parted by colons",
          "[config]") {
  const Settings settings = Configuration()
                                .variable("FAPILOG_SHIP_LABEL", "app=web,env=a=b")
                                .variable("FAPILOG_SHIP_INPUT", "/a,b:/c")
                                .variable("FAPILOG_SHIP_DROP_ON_FULL", "off")
                                .settings();
  CHECK(settings.labels == Labels{{"app", "web"}, {"env", "a=b"}});
  CHECK(settings.input.paths == Texts{"/a,b", "/c"});
  CHECK_FALSE(settings.sinks[0].queue.drop_on_full);
  CHECK(Configuration().flag("label", "app").problems() ==
        Texts{"--label: labels: found \"app\", expected NAME=TEXT"});
}

TEST_CASE("load: a flag that may be repeated adds up, and others win over what came before",
          "[config]") {
  const Settings settings = Configuration()
                                .variable("FAPILOG_SHIP_EXPECT_EXIT", "9")
                                .flag("expect-exit", "1")
                                .flag("expect-exit", "2,3")
                                .flag("protected-levels", "A")
                                .flag("protected-levels", "B")
                                .settings();
  CHECK(settings.child.expect_exit == std::vector<int>{1, 2, 3});
  CHECK(settings.sinks[0].queue.protected_levels == Texts{"B"});
}

TEST_CASE("load: a map below a section is a table too", "[config]") {
  CHECK(Configuration()
            .file("a.toml", "[child.rewrite_signal]\nTERM = \"QUIT\"\n")
            .problems()
            .empty());
  CHECK(Configuration().file("a.toml", "child.rewrite_signal = \"TERM\"\n").problems() ==
        Texts{"a.toml:1:24: child.rewrite_signal: expected a table such as { name = \"text\" }"});
}

TEST_CASE("load: a queue drops unless every input is a regular file", "[config]") {
  Configuration given;
  given.request().stdin_is_regular_file = true;
  CHECK_FALSE(given.settings().sinks[0].queue.drop_on_full);
  CHECK(given.load().effective.globals["queue.drop_on_full"].origin.text() ==
        "default: every input is a regular file");
  given.file("in.ndjson", "").request().flags.clear();
  const std::string regular = given.directory() + "/in.ndjson";
  given.request().stdin_is_regular_file = false;
  given.flag("input", regular);
  CHECK_FALSE(given.settings().sinks[0].queue.drop_on_full);
  given.flag("input", "/dev/null");
  CHECK(given.settings().sinks[0].queue.drop_on_full);
  CHECK(given.settings().input.paths == Texts{regular, "/dev/null"});
  given.request().stdin_is_regular_file = true;
  given.request().flags.clear();
  given.flag("drop-on-full", "true");
  CHECK(given.settings().sinks[0].queue.drop_on_full);
}

TEST_CASE("load: every shared key counts for one sink when it stands inside it", "[config]") {
  const Settings settings = Configuration()
                                .file("a.toml",
                                      "queue.size = 5\nfilter.min_level = \"INFO\"\n[sinks.a]\nurl "
                                      "= \"null:?queue.drop=oldest\"\n[sinks.a.queue]\nsize = 6\n"
                                      "[sinks.a.filter]\nmin_level = 45\n[sinks.b]\nurl = "
                                      "\"http://h\"\nrequest_timeout = 2\n")
                                .settings();
  const SinkSettings& a = settings.sinks[0];
  const SinkSettings& b = settings.sinks[1];
  CHECK(a.queue.size == 6);
  CHECK(a.queue.drop == DropPolicy::oldest);
  CHECK(a.filter.min_level == Severity{45});
  CHECK(b.queue.size == 5);
  CHECK(b.queue.drop == DropPolicy::newest);
  CHECK(settings.filter.min_level == Severity{20});
  CHECK(b.delivery.request_timeout == 2s);
  CHECK(b.kind.get<HttpSinkSettings>()->transport.request_timeout == 2s);
}

TEST_CASE("load: every key of the file sink reaches it", "[config]") {
  const Settings settings =
      Configuration()
          .flag("sink",
                "file:///x?rotate_size=1MB&rotate_interval=1h&max_files=3&max_total_bytes=2gb&"
                "compress=zstd&mode=0600&fsync=always")
          .settings();
  const auto& file = *settings.sinks[0].kind.get<FileSinkSettings>();
  CHECK(file.path == "/x");
  CHECK(file.rotate_size == 1u << 20);
  CHECK(file.rotate_interval == 1h);
  CHECK(file.max_files == 3);
  CHECK(file.max_total_bytes == 2ull << 30);
  CHECK(file.compress == Compression::zstd);
  CHECK(file.mode == 0600);
  CHECK(file.fsync == FileSinkSettings::Fsync::always);
}

TEST_CASE("load: every key of the http sink reaches it", "[config]") {
  const Settings settings =
      Configuration()
          .file("a.toml",
                "[sinks.h]\nurl = \"https://h:1/in?query.a=b%20c\"\nmethod = \"PUT\"\nbody = "
                "\"wrapped\"\nwrapper_key = \"k\"\ncompression = \"gzip\"\nusername = \"u\"\n"
                "password = \"p\"\nsigning_secret = \"s\"\nca_file = \"ca\"\ncert_file = \"ce\"\n"
                "key_file = \"ke\"\ntls_verify = false\nproxy = \"http://p\"\n"
                "headers = { X-A = \"1\" }\nquery.d = \"e&f\"\n")
          .settings();
  const auto& http = *settings.sinks[0].kind.get<HttpSinkSettings>();
  CHECK(http.transport.url == "https://h:1/in?a=b%20c&d=e%26f");
  CHECK(http.method == "PUT");
  CHECK(http.body == HttpSinkSettings::Body::wrapped);
  CHECK(http.wrapper_key == "k");
  CHECK(http.signing_secret.reveal().value() == "s");
  CHECK(http.transport.compression == Compression::gzip);
  CHECK(http.transport.username == "u");
  CHECK(http.transport.password.reveal().value() == "p");
  CHECK(http.transport.ca_file == "ca");
  CHECK(http.transport.cert_file == "ce");
  CHECK(http.transport.key_file == "ke");
  CHECK_FALSE(http.transport.tls_verify);
  CHECK(http.transport.proxy == "http://p");
  CHECK(http.transport.headers == Labels{{"X-A", "1"}});
}

TEST_CASE("load: every key of the loki sink reaches it", "[config]") {
  const Settings settings =
      Configuration()
          .flag("sink",
                "loki+http://u:p%2F@h?labels.a=b&labels=c=d=e&label_fields=level,logger&"
                "structured_metadata=trace_id&tenant_id=t&encoding=json&compression=gzip&"
                "max_streams=9&max_age=2d")
          .settings();
  const auto& loki = *settings.sinks[0].kind.get<LokiSinkSettings>();
  CHECK(loki.transport.url == "http://h");
  CHECK(loki.transport.username == "u");
  CHECK(loki.transport.password.reveal().value() == "p/");
  CHECK(loki.labels == Labels{{"a", "b"}, {"c", "d=e"}});
  CHECK(loki.label_fields == Texts{"level", "logger"});
  CHECK(loki.structured_metadata == Texts{"trace_id"});
  CHECK(loki.tenant_id == "t");
  CHECK(loki.encoding == LokiSinkSettings::Encoding::json);
  CHECK(loki.transport.compression == Compression::gzip);
  CHECK(loki.max_streams == 9);
  CHECK(loki.max_age == 48h);
}

TEST_CASE("load: a secret's file is kept as a path and read only when the secret is used",
          "[config]") {
  const Settings settings =
      Configuration().flag("sink", "http://h?bearer_token_file=/nowhere/token").settings();
  const auto& http = *settings.sinks[0].kind.get<HttpSinkSettings>();
  CHECK(http.transport.bearer_token.path() == "/nowhere/token");
}

TEST_CASE("load: keys that exclude or need one another are told", "[config]") {
  const auto problem = [](const std::string& url) {
    const Texts problems = Configuration().flag("sink", url).problems();
    return problems.size() == 1 ? problems[0] : std::to_string(problems.size()) + " problems";
  };
  CHECK(problem("http://u@h?password=a&password_file=b") ==
        "--sink: sinks.http.password_file: given together with password; keep one of the two");
  CHECK(problem("http://h?signing_secret=a&signing_secret_file=b") ==
        "--sink: sinks.http.signing_secret_file: given together with signing_secret; keep one of "
        "the two");
  CHECK(problem("http://h?password=a") == "--sink: sinks.http.password: needs a username");
  CHECK(problem("http://u@h?bearer_token=a") ==
        "--sink: sinks.http.username: given together with a bearer token; keep one of the two");
  CHECK(problem("http://h?key_file=a") == "--sink: sinks.http.key_file: needs a cert_file");
  CHECK(problem("loki+http://h?compression=gzip") ==
        "--sink: sinks.loki.compression: \"gzip\" goes with encoding \"json\" only; protobuf is "
        "always compressed with snappy");
  CHECK(problem("loki+http://h?compression=zstd&encoding=json") ==
        "--sink: column 27 of the URL: compression: found \"zstd\", expected one of none, gzip");
  CHECK(problem("http://h?headers.A%20B=x") ==
        "--sink: sinks.http.headers.A B: not a valid header name");
  CHECK(problem("http://h?headers.A=x%0Ay") ==
        "--sink: sinks.http.headers.A: the header's text has a line break");
  CHECK(problem("null:?delivery.retry_base=1m") ==
        "--sink: sinks.null.delivery.retry_base: the first wait of 1m (delivery.retry_base) is "
        "longer than the longest of 30s (delivery.retry_max)");
  CHECK(Configuration()
            .flag("retry-base", "1m")
            .flag("sink", "null:")
            .flag("sink", "stdout:")
            .problems()
            .size() == 1);
  CHECK(Configuration().flag("sink", "file:a").flag("sink", "file:a").problems() ==
        Texts{"--sink #2: sinks.file-2: writes to the same file as sinks.file"});
}

TEST_CASE("load: a fallback is another sink, and the way over fallbacks ends", "[config]") {
  const Settings settings = Configuration()
                                .flag("sink", "http://h?fallback=file&levels=ERROR,audit")
                                .flag("sink", "file:x")
                                .settings();
  CHECK(settings.sinks[0].fallback == "file");
  CHECK(settings.sinks[0].levels == Texts{"ERROR", "audit"});
  CHECK(Configuration().flag("sink", "http://h?fallback=fiel").flag("sink", "file:x").problems() ==
        Texts{"--sink #1: sinks.http.fallback: no sink has the name \"fiel\"; did you mean "
              "\"file\"?"});
  CHECK(Configuration().flag("sink", "null:?fallback=null").problems() ==
        Texts{"--sink: sinks.null.fallback: the way ends where it began: null -> null"});
  CHECK(Configuration()
            .flag("sink", "null:?name=a&fallback=b")
            .flag("sink", "null:?name=b&fallback=c")
            .flag("sink", "null:?name=c&fallback=b")
            .problems() ==
        Texts{"--sink #2: sinks.b.fallback: the way ends where it began: b -> c -> b",
              "--sink #3: sinks.c.fallback: the way ends where it began: c -> b -> c"});
  CHECK(Configuration()
            .flag("sink", "file:x?name=a&seal=true&seal_key_file=k&anchor=b")
            .flag("sink", "null:?name=b&fallback=a")
            .problems() ==
        Texts{"--sink #1: sinks.a.anchor: the way ends where it began: a -> b -> a",
              "--sink #2: sinks.b.fallback: the way ends where it began: b -> a -> b"});
  CHECK(Configuration().flag("sink", "file:x?anchor=y").flag("sink", "null:?name=y").problems() ==
        Texts{"--sink #1: sinks.file.anchor: needs seal = true"});
}

TEST_CASE("load: a spool at the top is every sink's, and one inside is that sink's", "[config]") {
  const Settings settings = Configuration()
                                .flag("spool", "/spool")
                                .flag("spool-bytes", "2 GB")
                                .flag("sink", "http://h?spool.mode=durable")
                                .flag("sink", "file:x?spool.dir=/other")
                                .flag("sink", "stdout:?spool.mode=off")
                                .settings();
  CHECK(settings.sinks[0].spool.dir == "/spool");
  CHECK(settings.sinks[0].spool.max_bytes == 2ull << 30);
  CHECK(settings.sinks[0].spool.mode == SpoolMode::durable);
  CHECK(settings.sinks[1].spool.dir == "/other");
  CHECK(settings.sinks[1].spool.mode == SpoolMode::overflow);
  CHECK_FALSE(settings.sinks[2].spool.wanted());
}

TEST_CASE("load: what a URL says twice, or a table says again, is an error", "[config]") {
  CHECK(Configuration().flag("sink", "loki+http://h?max_age=1h&max_age=2h").problems() ==
        Texts{"--sink: column 26 of the URL: \"max_age\" is given twice"});
  CHECK(Configuration()
            .file("a.toml",
                  "[sinks.l]\nurl = \"loki+http://u:x@h?max_age=1h\"\nmax_age = 1\n"
                  "password = \"y\"\n")
            .problems() ==
        Texts{"a.toml:3:1: sinks.l.max_age: given in the url too; keep one of the two",
              "a.toml:4:1: sinks.l.password: given in the url too; keep one of the two"});
  CHECK(Configuration().file("a.toml", "[sinks.l]\nurl = \"null:?name=x\"\n").problems().size() ==
        1);
}

TEST_CASE("load: an unknown parameter of an http sink says how the server would get it",
          "[config]") {
  const Texts problems = Configuration().flag("sink", "http://h?token=geheim").problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("column 10 of the URL: \"token\" is an unknown key of http sinks") !=
        std::string::npos);
  CHECK(problems[0].find("put \"query.\" in front of it") != std::string::npos);
  CHECK(problems[0].find("geheim") == std::string::npos);
}

TEST_CASE("load: each preset loads by itself, and an unknown one names the nearest", "[config]") {
  for (const char* name :
       {"dev", "production", "fastapi", "serverless", "hardened", "minimal", "adaptive"}) {
    INFO(name);
    CHECK(Configuration().flag("preset", name).settings().preset == name);
  }
  CHECK(Configuration().flag("preset", "prod").problems().size() == 1);
  CHECK(
      Configuration().flag("preset", "productoin").problems() ==
      Texts{"--preset: found \"productoin\", expected one of dev, production, fastapi, serverless, "
            "hardened, minimal, adaptive; did you mean \"production\"?"});
  CHECK(Configuration()
            .file("a.toml", "preset = \"dev\"\n")
            .settings()
            .sinks[0]
            .delivery.batch_size == 1);
  CHECK(Configuration()
            .file("a.toml", "preset = \"dev\"\n")
            .variable("FAPILOG_SHIP_PRESET", "minimal")
            .settings()
            .preset == "minimal");
}

TEST_CASE("load: a line that could never fit into a queue is a warning", "[config]") {
  const LoadOutcome outcome = Configuration().flag("queue-bytes", "64 KB").load();
  REQUIRE(outcome.settings.has_value());
  REQUIRE(outcome.warnings.size() == 1);
  CHECK(outcome.warnings[0].find("queue.max_bytes of 64 KB for the sink stdout is less than "
                                 "input.max_line_bytes of 1 MB") != std::string::npos);
}
