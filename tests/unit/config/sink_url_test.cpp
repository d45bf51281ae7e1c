#include "config/sink_url.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

SinkUrl parsed(std::string_view text) {
  std::vector<UrlProblem> problems;
  std::optional<SinkUrl> url = parse_sink_url(text, problems);
  for (const UrlProblem& problem : problems) {
    FAIL(text << ": column " << problem.column << ": " << problem.message);
  }
  return *std::move(url);
}

std::vector<UrlProblem> problems_of(std::string_view text) {
  std::vector<UrlProblem> problems;
  parse_sink_url(text, problems);
  return problems;
}

}  // namespace

TEST_CASE("sink url: the scheme is the type, and what is sent has no prefix", "[config][url]") {
  struct Example {
    const char* text;
    const char* type;
    const char* address;
    const char* shown;
  };
  const Example examples[] = {
      {"stdout:", "stdout", "", "stdout:"},
      {"null:", "null", "", "null:"},
      {"file:///var/log/app.ndjson", "file", "/var/log/app.ndjson", "file:///var/log/app.ndjson"},
      {"file:/var/log/a", "file", "/var/log/a", "file:///var/log/a"},
      {"file://localhost/a", "file", "/a", "file:///a"},
      {"file:app.ndjson", "file", "app.ndjson", "file:app.ndjson"},
      {"file:logs/a%20b%25.log", "file", "logs/a b%.log", "file:logs/a%20b%25.log"},
      {"http://host", "http", "http://host", "http://host"},
      {"https://host:8443/in/x", "http", "https://host:8443/in/x", "https://host:8443/in/x"},
      {"http://host/a%2Fb", "http", "http://host/a%2Fb", "http://host/a%2Fb"},
      {"loki+http://loki:3100", "loki", "http://loki:3100", "loki+http://loki:3100"},
      {"loki+https://l.example.com/p/", "loki", "https://l.example.com/p/",
       "loki+https://l.example.com/p/"},
      {"http://[::1]:80/x", "http", "http://[::1]:80/x", "http://[::1]:80/x"},
      {"http://[fe80::1]", "http", "http://[fe80::1]", "http://[fe80::1]"},
      {"elasticsearch+http://es:9200/logs", "elasticsearch", "http://es:9200/",
       "elasticsearch+http://es:9200/"},
      {"elasticsearch+https://es/prefix/logs-%25Y", "elasticsearch", "https://es/prefix/",
       "elasticsearch+https://es/prefix/"},
      {"elasticsearch+http://es:9200", "elasticsearch", "http://es:9200",
       "elasticsearch+http://es:9200"},
      {"http://u:p@host/x?body=array", "http", "http://host/x", "http://host/x"},
  };
  for (const Example& example : examples) {
    INFO(example.text);
    const SinkUrl url = parsed(example.text);
    CHECK(url.type->name == example.type);
    CHECK(url.address == example.address);
    CHECK(url.shown() == example.shown);
    CHECK(parsed(url.shown()).address == url.address);
  }
}

TEST_CASE("sink url: user information is decoded and shown nowhere", "[config][url]") {
  const SinkUrl url = parsed("loki+http://sh%6Fp:p%40ss%2F%3A@loki:3100");
  CHECK(url.username == "shop");
  CHECK(url.password == "p@ss/:");
  CHECK(url.shown() == "loki+http://loki:3100");
  CHECK(parsed("http://token@host").username == "token");
  CHECK_FALSE(parsed("http://token@host").password.has_value());
  CHECK(parsed("http://a:b:c@host").password == "b:c");
  CHECK(parsed("http://a@b:c@host").username == "a@b");
}

TEST_CASE("sink url: parameters are decoded and keep the columns where they stand",
          "[config][url]") {
  const SinkUrl url = parsed("stdout:?a=1&labels.app=we%26b=x&&c=+");
  REQUIRE(url.parameters.size() == 3);
  CHECK(url.parameters[0].key == "a");
  CHECK(url.parameters[0].column == 9);
  CHECK(url.parameters[0].text_column == 11);
  CHECK(url.parameters[1].key == "labels.app");
  CHECK(url.parameters[1].text == "we&b=x");
  CHECK(url.parameters[1].column == 13);
  CHECK(url.parameters[2].text == "+");
}

TEST_CASE("sink url: the last part of an elasticsearch path is the index", "[config][url]") {
  const auto index_of = [](std::string_view text) -> std::string {
    const SinkUrl url = parsed(text);
    return url.parameters.empty() ? "" : url.parameters[0].key + "=" + url.parameters[0].text;
  };
  CHECK(index_of("elasticsearch+http://h:9200/logs") == "index=logs");
  CHECK(index_of("elasticsearch+http://h/p/logs-%7Bservice%7D-%25Y") == "index=logs-{service}-%Y");
  CHECK(index_of("elasticsearch+http://h/p/?op=index") == "op=index");
  CHECK(index_of("elasticsearch+http://h") == "");
  CHECK(problems_of("elasticsearch+http://h/p/logs-%Y").at(0).column == 31);
}

TEST_CASE("sink url: cloudwatch names a region, a group that may hold slashes, and a stream",
          "[config][url]") {
  const auto parts = [](std::string_view text) {
    const SinkUrl url = parsed(text);
    std::string all = url.address;
    for (const auto& part : url.parameters) all += " " + part.key + "=" + part.text;
    return all;
  };
  CHECK(parts("cloudwatch://eu-west-1/web/{host}-%25F") == "eu-west-1 group=web stream={host}-%F");
  CHECK(parts("cloudwatch://eu-west-1//aws/ecs/web/s?create_group=false") ==
        "eu-west-1 group=/aws/ecs/web stream=s create_group=false");
  CHECK(parts("cloudwatch://eu-west-1/web") == "eu-west-1 group=web");
  CHECK(parts("cloudwatch://eu-west-1") == "eu-west-1");
  CHECK(parsed("cloudwatch://eu-west-1/web/s").shown() == "cloudwatch://eu-west-1");
  CHECK(problems_of("cloudwatch:///g/s").at(0).column == 14);
  CHECK(problems_of("cloudwatch:g").at(0).message.find("expected // and a region") == 0);
  CHECK(problems_of("cloudwatch://eu west/g").size() == 1);
}

TEST_CASE("sink url: a name, and a part behind it where the type has one", "[config][url]") {
  const auto parts = [](std::string_view text) {
    const SinkUrl url = parsed(text);
    std::string all = url.address;
    for (const auto& part : url.parameters) all += " " + part.key + "=" + part.text;
    return all;
  };
  CHECK(parts("datadog://us5.datadoghq.com?source=a") == "us5.datadoghq.com source=a");
  CHECK(parts("gcp://my-proj/shop/web?resource=global") == "my-proj log=shop/web resource=global");
  CHECK(parts("gcp://example.com:my-proj/a%2Fb") == "example.com:my-proj log=a/b");
  CHECK(parts("gcp://my-proj") == "my-proj");
  CHECK(parsed("gcp://my-proj/shop").shown() == "gcp://my-proj");
  CHECK(problems_of("datadog://datadoghq.eu/x").at(0).column == 24);
  CHECK(problems_of("datadog://h/x").at(0).message.find("nothing may stand behind") == 0);
  CHECK(problems_of("gcp:///x").at(0).column == 7);
  CHECK(problems_of("gcp:p/l").at(0).message.find("expected // and a name") == 0);
  CHECK(problems_of("gcp://a@b/l").size() == 1);
}

#ifdef SHIP_POSTGRES
TEST_CASE("sink url: postgres names hosts, or none, and a database", "[config][url]") {
  const auto parts = [](std::string_view text) {
    const SinkUrl url = parsed(text);
    std::string all = url.username.value_or("") + "@" + url.address;
    for (const auto& part : url.parameters) all += " " + part.key + "=" + part.text;
    return all;
  };
  CHECK(parts("postgres://shop@db/app?table=logs") == "shop@db database=app table=logs");
  CHECK(parts("postgresql://a:5433,[::1]:5/app") == "@a:5433,[::1]:5 database=app");
  CHECK(parts("postgres:///app%2Fb?host=/run") == "@ database=app/b host=/run");
  CHECK(parts("postgres://shop@/app") == "shop@ database=app");
  CHECK(parts("postgres://") == "@");
  CHECK(parsed("postgresql://shop:x@db:5/app").shown() == "postgres://db:5");
  CHECK(parsed(parsed("postgres:///app").shown()).address.empty());
  CHECK(problems_of("postgres:db").at(0).message.find("expected // and a host") == 0);
  CHECK(problems_of("postgres://db/a/b").at(0).column == 16);
}
#endif

TEST_CASE("sink url: a socket's peer is a host and a port, or a path", "[config][url]") {
  const auto both = [](std::string_view text) {
    const SinkUrl url = parsed(text);
    return std::string(url.type->name) + " " + url.address + " " + url.shown();
  };
  CHECK(both("tcp://h:5170") == "socket tcp://h:5170 tcp://h:5170");
  CHECK(both("tls://[::1]:6514/") == "socket tls://[::1]:6514 tls://[::1]:6514");
  CHECK(both("unix:/run/a%20b") == "socket unix:/run/a b unix:/run/a%20b");
  CHECK(both("unix:///run/a") == "socket unix:/run/a unix:/run/a");
  CHECK(both("unix:run/a") == "socket unix:run/a unix:run/a");
  CHECK(both("syslog+tcp://h") == "syslog tcp://h syslog+tcp://h");
  CHECK(both("syslog+udp://h:514") == "syslog udp://h:514 syslog+udp://h:514");
  CHECK(both("syslog+unix:/dev/log") == "syslog unix:/dev/log syslog+unix:/dev/log");
  CHECK(both("gelf+tcp://h") == "gelf tcp://h gelf+tcp://h");
  CHECK(both("gelf+https://u:p@h/in/gelf") == "gelf https://h/in/gelf gelf+https://h/in/gelf");
  const std::pair<const char*, std::size_t> mistakes[] = {
      {"tcp://h", 8},       {"tls://[::1]", 12}, {"tcp:h:1", 5},   {"tcp://u@h:1", 7},
      {"tcp://h:1/x", 10},  {"tcp://h:0", 9},    {"unix:", 6},     {"unix:///run/", 8},
      {"unix://host/a", 6}, {"udp://h:1", 1},    {"syslog://h", 1}};
  for (const auto& [text, column] : mistakes) {
    INFO(text);
    const std::vector<UrlProblem> problems = problems_of(text);
    REQUIRE(problems.size() == 1);
    INFO(problems[0].message);
    CHECK(problems[0].column == column);
  }
}

TEST_CASE("sink url: each mistake is named with the column where it stands", "[config][url]") {
  struct Mistake {
    const char* text;
    std::size_t column;
    const char* part;
  };
  const Mistake mistakes[] = {
      {"", 1, "no scheme"},
      {"loki", 1, "no scheme"},
      {"/var/log/x", 1, "no scheme"},
      {"user@host:3100", 1, "no scheme"},
      {"lokki+http://h", 1, "; write loki+http://h"},
      {"ftp://h", 1, "unknown sink \"ftp:\""},
#ifdef SHIP_KAFKA
      {"kafka:b", 7, "expected // and a broker"},
      {"kafka:///t", 9, "no host"},
      {"kafka://b1,/t", 12, "no host"},
      {"kafka://b1,b2:x/t", 15, "a port from 1 to 65535"},
      {"kafka://b/t/u", 12, "no slash"},
#else
      {"kafka://b/t", 1, "this build has no kafka sink"},
#endif
      {"stdout:x", 8, "nothing may stand between"},
      {"stdout://", 8, "nothing may stand between"},
      {"file:", 6, "no file name"},
      {"file:///", 8, "no file name"},
      {"file:///var/log/", 8, "no file name"},
      {"file://var/log/x", 8, "a file has no host"},
      {"file:///a%zz", 10, "two hexadecimal digits"},
      {"file:///a%00b", 10, "%00"},
      {"http:host", 6, "expected // and a host"},
      {"http://", 8, "no host"},
      {"http://:80", 8, "no host"},
      {"http://ho st", 10, "a blank or control character"},
      {"http://h\tx", 9, "a blank or control character"},
      {"http://ho!st", 10, "a character that no host name has"},
      {"http://host:0", 13, "a port from 1 to 65535"},
      {"http://host:65536", 13, "a port from 1 to 65535"},
      {"http://host:", 13, "a port from 1 to 65535"},
      {"http://host:8x", 13, "a port from 1 to 65535"},
      {"http://[::1", 8, "no IPv6 address"},
      {"http://[x::1]", 8, "no IPv6 address"},
      {"http://[::1]80", 8, "no IPv6 address"},
      {"http://[::1]:0", 14, "a port from 1 to 65535"},
      {"http://h/%g1", 10, "two hexadecimal digits"},
      {"http://@h", 8, "no user name"},
      {"http://h#x", 9, "no fragment"},
      {"stdout:?format", 9, "KEY=VALUE"},
      {"stdout:?=x", 9, "KEY=VALUE"},
      {"stdout:?a=%2", 11, "two hexadecimal digits"},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.text);
    const std::vector<UrlProblem> problems = problems_of(mistake.text);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].column == mistake.column);
    INFO(problems[0].message);
    CHECK(problems[0].message.find(mistake.part) != std::string::npos);
  }
}

TEST_CASE("sink url: no mistake shows a password, wherever its characters cut the URL",
          "[config][url]") {
  for (const char* text :
       {"http://user:Geh/eim@host", "http://user:Geh?eim@host", "http://user:Geh#eim@host",
        "http://user:Geh eim@host", "http://user:Geh%zzeim@host", "http:/user:Geh@host",
        "https//user:Geheim@host", "loki+htp://user:Geheim@host", "http://user:Geheim@ho!st",
        "http://user:Geheim@host:x", "user:Geheim@host", "http://user:Geheim@[x]/"}) {
    INFO(text);
    const std::vector<UrlProblem> problems = problems_of(text);
    REQUIRE_FALSE(problems.empty());
    for (const UrlProblem& problem : problems) {
      INFO(problem.message);
      CHECK(problem.message.find("Geh") == std::string::npos);
      CHECK(problem.message.find("eim") == std::string::npos);
    }
  }
}

TEST_CASE("sink url: a name is fit for files and metrics", "[config][url]") {
  CHECK(is_sink_name("loki-2"));
  CHECK(is_sink_name("a.b_C9"));
  CHECK_FALSE(is_sink_name(""));
  CHECK_FALSE(is_sink_name("a b"));
  CHECK_FALSE(is_sink_name("a/b"));
  CHECK_FALSE(is_sink_name(std::string(65, 'a')));
}

TEST_CASE("sink url: s3 names a bucket, and what all keys begin with", "[config][url]") {
  const auto parts = [](std::string_view text) {
    const SinkUrl url = parsed(text);
    std::string all = url.address;
    for (const auto& part : url.parameters) all += " " + part.key + "=" + part.text;
    return all;
  };
  CHECK(parts("s3://my.logs/shop/web%20a") == "my.logs prefix=shop/web a");
  CHECK(parts("s3://logs") == "logs");
  CHECK(parts("s3://logs/") == "logs");
  CHECK(parts("s3://logs?compress=zstd") == "logs compress=zstd");
  CHECK(parsed("s3://logs/shop").shown() == "s3://logs");
  CHECK(
      problems_of("s3:///shop").at(0).message.find("expected letters, digits, dashes and points") ==
      0);
  CHECK(problems_of("s3:logs").size() == 1);
  CHECK(problems_of("s3://me@logs/x").size() == 1);
}
