#include <string>
#include <vector>

#include "config/place_check.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

namespace ship::test {
namespace {

struct Mistake {
  const char* toml;
  const char* answer;
};

std::string answer_to(const std::string& toml) {
  std::string text;
  for (const std::string& problem : Configuration().file("a.toml", toml).problems()) {
    text += (text.empty() ? "" : "\n") + problem;
  }
  return text;
}

std::string warning_of(const std::string& toml) {
  const LoadOutcome outcome = Configuration().file("a.toml", toml).load();
  REQUIRE(outcome.settings);
  REQUIRE(outcome.warnings.size() == 1);
  const std::string& warning = outcome.warnings.front();
  return warning.substr(warning.find("a.toml"));
}

}  // namespace

TEST_CASE("mistakes: each of a first configuration is answered with the right thing",
          "[mistakes]") {
  const std::vector<Mistake> mistakes = {
      // Tables with other names
      {"[sink.loki]\nurl = \"loki+http://loki:3100\"\ntenant_id = \"x\"\n",
       "a.toml:1:1: unknown table [sink.loki]; write [sinks.loki]"},
      {"[loki]\nurl = \"loki+http://loki:3100\"\n",
       "a.toml:1:1: unknown table [loki]; write [sinks.loki]"},
      {"[output]\nurl = \"stdout:\"\n", "a.toml:1:1: unknown table [output]; write [sinks.NAME]"},
      {"loki.tenant = \"x\"\n",
       "a.toml:1:1: unknown table [loki]; settings of a loki sink belong beside its url, in "
       "[sinks.NAME]; did you mean \"tenant_id\"? As in tenant_id = \"…\""},
      {"loki.tenant = \"x\"\nloki.org = \"y\"\n",
       "a.toml:1:1: unknown table [loki]; settings of a loki sink belong beside its url, in "
       "[sinks.NAME]; did you mean \"tenant_id\"? As in tenant_id = \"…\""},
      {"[sinks]\nurl = \"stdout:\"\n",
       "a.toml:2:1: sinks.url: expected a table for each sink: [sinks.NAME] with a url"},
      {"[rate_limit]\nrate = 100\n",
       "a.toml:2:1: rate_limit.rate: unknown key; did you mean "
       "\"filter.rate_limit.refill_rate_per_sec\"? As in refill_rate_per_sec = 100 in "
       "[filter.rate_limit]"},
      {"[spol]\ndir = \"/tmp\"\n",
       "a.toml:2:1: spol.dir: unknown key; did you mean \"spool.dir\"? As in dir = "
       "\"/var/lib/fapilog-ship\" in [spool]"},
      {"sink = \"stdout:\"\n",
       "a.toml:1:1: sink: unknown key; a sink has a table of its own: [sinks.NAME] with a url"},
      // Keys with other names
      {"[queue]\npolicy = \"drop\"\n",
       "a.toml:2:1: queue.policy: unknown key; did you mean \"queue.drop_on_full\"? As in "
       "drop_on_full = true: when the queue is full, drop instead of holding the input back"},
      {"[filter.rate_limit]\nrate = 100\n",
       "a.toml:2:1: filter.rate_limit.rate: unknown key; did you mean "
       "\"filter.rate_limit.refill_rate_per_sec\"? As in refill_rate_per_sec = 100"},
      {"[filter.rate_limit]\nper_minute = 100\n",
       "a.toml:2:1: filter.rate_limit.per_minute: unknown key; [filter.rate_limit] has "
       "refill_rate_per_sec, capacity, key_field, max_keys"},
      {"batch_size = 5\n",
       "a.toml:1:1: batch_size: unknown key; did you mean \"delivery.batch_size\"? As in "
       "batch_size = 5 in [delivery]"},
      {"[sinks.loki]\nurl = \"loki+http://loki:3100\"\ntenant = \"shop\"\n",
       "a.toml:3:1: sinks.loki.tenant: unknown key of loki sinks; did you mean \"tenant_id\"? As "
       "in tenant_id = \"…\""},
      {"[sinks.loki]\nurl = \"loki+http://loki:3100\"\nhost = \"loki\"\n",
       "a.toml:3:1: sinks.loki.host: unknown key of loki sinks: the url tells where it sends, as "
       "in loki+http://host:3100"},
      {"[sinks.loki]\ntype = \"loki\"\nhost = \"loki\"\n",
       "a.toml:2:1: sinks.loki: the url is missing; it says the type and the address: url = "
       "\"loki+http://loki:3100\", in place of type and host"},
      {"[sinks.l]\nurl = \"loki+http://loki:3100\"\nloki.tenant = \"a\"\n",
       "a.toml:3:6: sinks.l.loki.tenant: unknown key of loki sinks; did you mean \"tenant_id\"? As "
       "in tenant_id = \"…\""},
      {"[sinks.a]\nurl = \"http://h/in\"\nretry.max = 5\n",
       "a.toml:3:7: sinks.a.retry.max: unknown key of http sinks; tries are not counted: "
       "delivery.retry_max_elapsed bounds the time that they take, as in "
       "delivery.retry_max_elapsed = \"5m\""},
      {"[delivery]\nmax_retries = 5\n[sinks.a]\nurl = \"http://h/in\"\n",
       "a.toml:2:1: delivery.max_retries: unknown key; tries are not counted: "
       "delivery.retry_max_elapsed bounds the time that they take, as in "
       "delivery.retry_max_elapsed = \"5m\""},
      {"[sinks.a]\nurl = \"http://h/in\"\nretry.max = \"5s\"\n",
       "a.toml:3:7: sinks.a.retry.max: unknown key of http sinks; did you mean "
       "\"delivery.retry_max\"? As in delivery.retry_max = \"5s\" (or in [delivery], for all "
       "sinks)"},
      {"[filter]\nexpression = \"exists x\"\n",
       "a.toml:2:1: filter.expression: unknown key; did you mean \"filter.where\"? As in where = "
       "\"status >= 500 and not path starts_with '/health'\""},
      {"[redact]\nsets = [\"gdpr\"]\n",
       "a.toml:2:1: redact.sets: unknown key; did you mean \"redact.presets\"? As in presets = [ "
       "\"gdpr\" ]"},
      // URLs
      {"[sinks.loki]\nurl = \"loki://loki:3100\"\n",
       "a.toml:2:7: sinks.loki.url: column 1 of the URL: unknown sink \"loki:\"; write "
       "loki+http://loki:3100 or loki+https://loki:3100"},
      {"[sinks.file]\nurl = \"/var/log/app.ndjson\"\n",
       "a.toml:2:7: sinks.file.url: column 1 of the URL: no scheme; write "
       "file:///var/log/app.ndjson"},
      {"[sinks.file]\nurl = \"app.ndjson\"\n",
       "a.toml:2:7: sinks.file.url: column 1 of the URL: no scheme; write file:app.ndjson"},
      {"[sinks.out]\nurl = \"stdout\"\n",
       "a.toml:2:7: sinks.out.url: column 1 of the URL: no scheme; write stdout:"},
      {"[sinks.es]\nurl = \"es://search:9200/logs\"\n",
       "a.toml:2:7: sinks.es.url: column 1 of the URL: unknown sink \"es:\"; write "
       "elasticsearch+http://search:9200/logs or elasticsearch+https://search:9200/logs"},
      {"[sinks.es]\nurl = \"elasticsearch+http://search:9200\"\n",
       "a.toml:2:7: sinks.es.index: no index is given; put it at the end of the URL, as in "
       "elasticsearch+http://host:9200/INDEX, or set index"},
      {"[sinks.x]\nurl = \"otlp+grpc://collector:4317\"\n",
       "a.toml:2:7: sinks.x.url: column 1 of the URL: unknown sink \"otlp+grpc:\"; write "
       "otlp+http://collector:4318 or otlp+https://collector:4318; only OTLP over HTTP is "
       "supported"},
      {"[sinks.x]\nurl = \"collector:4318\"\n",
       "a.toml:2:7: sinks.x.url: column 1 of the URL: unknown sink \"collector:\"; write "
       "http://collector:4318"},
      {"[sinks.x]\nurl = \"https+loki://l\"\n",
       "a.toml:2:7: sinks.x.url: column 1 of the URL: unknown sink \"https+loki:\"; write "
       "loki+https://l"},
      {"[sinks.x]\nurl = \"http://h:99999/in\"\n",
       "a.toml:2:7: sinks.x.url: column 10 of the URL: found 99999, expected a port from 1 to "
       "65535"},
      // TOML
      {"[sinks.app]\nurl = \"stdout:\n", "a.toml:2:15: not valid TOML: missing closing quote"},
      {"[sinks.app\nurl = \"stdout:\"\n",
       "a.toml:1:11: not valid TOML: missing closing ]; write [sinks.app]"},
      {"[filter]\nmin_level = WARNING\n",
       "a.toml:2:13: not valid TOML: put the text in quotes: min_level = \"WARNING\""},
      {"[queue]\nsize = 10 000\n",
       "a.toml:2:11: not valid TOML: a number has no blanks or commas; write size = 10_000"},
      {"[queue]\nsize = 100\n\n[queue]\nmax_bytes = \"1 MB\"\n",
       "a.toml:4:1: not valid TOML: this table is already set in line 1; put the keys of both "
       "tables under one head"},
      {"[queue]\nsize = 5\nsize = 6\n",
       "a.toml:3:8: not valid TOML: size is already set in line 2; remove one"},
      {"[labels]\napp: web\n",
       "a.toml:2:4: not valid TOML: this looks like YAML; the configuration is TOML: app = \"…\""},
      {"sinks:\n  loki:\n",
       "a.toml:1:6: not valid TOML: this looks like YAML; the configuration is TOML: [sinks]"},
      {"{\"sinks\": {}}\n",
       "a.toml:1:1: not valid TOML: this looks like JSON; the configuration is TOML: "
       "[sinks.NAME], then url = \"…\""},
      {"[queue]\nsize = \n", "a.toml:2:8: not valid TOML: the value of size is missing"},
      {"[spool]\ndir = \"/var/spool\n", "a.toml:2:18: not valid TOML: missing closing quote"},
      {"[spool]\ndir = \"C:\\logs\"\n",
       "a.toml:2:11: not valid TOML: an unknown escape; write a backslash as \\\\, or the text in "
       "single quotes: 'C:\\logs'"},
      // Values
      {"[queue]\nsize = \"10k\"\n",
       "a.toml:2:8: queue.size: found \"10k\" (a string), expected an integer from 1 to 100000000; "
       "write 10000, without quotes"},
      {"[queue]\ndrop_on_full = \"yes\"\n",
       "a.toml:2:16: queue.drop_on_full: found \"yes\" (a string), expected true or false; write "
       "true"},
      {"[redact]\npresets = [\"credential\"]\n",
       "a.toml:2:11: redact.presets: found \"credential\", expected one of credentials, pii, pci, "
       "hipaa, gdpr, gdpr_uk, ccpa, contact, financial, field_blocker, contact_info, "
       "personal_identifiers, online_identifiers, financial_identifiers, us_government_ids, "
       "uk_government_ids, eu_government_ids, gdpr_pii, gdpr_pii_uk, ccpa_pii, hipaa_phi, pci_dss, "
       "or the name of a single pattern such as jwt or email; did you mean \"credentials\"?"},
      {"[spool]\nmode = \"durabel\"\n",
       "a.toml:2:8: spool.mode: found \"durabel\", expected one of overflow, durable, off; did you "
       "mean \"durable\"?"},
      {"[filter]\nwhere = \"user.id exists\"\n",
       "a.toml:2:9: filter.where: column 9: 'exists' comes before the field; write exists "
       "user.id\n  user.id exists\n          ^"},
      {"[sinks.a]\nurl = \"http://h/in\"\nfallback = \"b\"\n",
       "a.toml:3:12: sinks.a.fallback: no sink has the name \"b\"; there is no other sink"},
      {"[sinks.a]\nurl = \"https://u:${NOT_SET}@h/in\"\n",
       "a.toml:2:7: sinks.a.url: the environment variable NOT_SET is not set; set it, or write "
       "${NOT_SET:-default}"},
      {"[delivery]\nworkers = 4\norder = \"keep\"\n[sinks.a]\nurl = \"http://h/in\"\n",
       "a.toml:2:11: delivery.workers: found 4 together with delivery.order = \"keep\": requests "
       "sent side by side arrive in any order; take 1 worker, or order = \"any\""},
  };
  CHECK(mistakes.size() >= 25);
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.toml);
    CHECK(answer_to(mistake.toml) == mistake.answer);
  }
}

TEST_CASE("mistakes: a sink is advised only of keys that it has", "[mistakes]") {
  const auto advises = [](const std::string& url, const std::string& key) {
    return answer_to("[sinks.a]\nurl = \"" + url + "\"\n" + key + " = \"x\"\n")
        .find("did you mean");
  };
  CHECK(advises("loki+http://loki:3100", "tenant") != std::string::npos);
  CHECK(advises("file:a.ndjson", "tenant") == std::string::npos);
  CHECK(advises("loki+http://loki:3100", "max_backups") == std::string::npos);
}

TEST_CASE("mistakes: an address that another sink is for is doubted", "[mistakes]") {
  CHECK(warning_of("[sinks.l]\nurl = \"http://loki:3100/loki/api/v1/push\"\n") ==
        "a.toml:2:7: http://loki:3100/loki/api/v1/push: an http sink sends plain lines, and "
        "/loki/api/v1/push expects another format; write loki+http://loki:3100");
  CHECK(warning_of("[sinks.e]\nurl = \"https://s:9200/_bulk/\"\n") ==
        "a.toml:2:7: https://s:9200/_bulk/: an http sink sends plain lines, and /_bulk expects "
        "another format; write elasticsearch+https://s:9200/INDEX");
  CHECK(warning_of("[sinks.o]\nurl = \"otlp+http://c:4317\"\n") ==
        "a.toml:2:7: otlp+http://c:4317: 4317 is the port of OTLP over gRPC; this sink speaks OTLP "
        "over HTTP, whose port is 4318");
}

TEST_CASE("mistakes: what may be a secret is not repeated by the advice", "[mistakes]") {
  for (const char* url :
       {"http//ann:geheim@host/in", "ann:geheim@host", "loki://ann:geheim@host"}) {
    const std::string answer = answer_to(std::string("[sinks.a]\nurl = \"") + url + "\"\n");
    INFO(answer);
    CHECK(!answer.empty());
    CHECK(answer.find("geheim") == std::string::npos);
  }
}

TEST_CASE("mistakes: check sees files and directories that are not there", "[mistakes]") {
  const LoadOutcome outcome =
      Configuration()
          .file("a.toml",
                "[spool]\ndir = \"/no/where/spool\"\n[dead_letter]\npath = "
                "\"/dev\"\n[sinks.a]\nurl = "
                "\"https://h/in\"\nusername = \"u\"\npassword_file = \"/no/secret\"\nca_file = "
                "\"/no/ca.pem\"\n[sinks.f]\nurl = \"file:///no/dir/app.ndjson\"\n")
          .load();
  REQUIRE(outcome.settings);
  std::vector<std::string> texts;
  for (const Problem& missing : missing_places(outcome.effective)) {
    texts.push_back(missing.key + ": " + missing.message);
  }
  CHECK(
      texts ==
      std::vector<std::string>{
          "spool.dir: the directory /no/where does not exist here; create it, or correct the path; "
          "fapilog-ship will not start without it",
          "dead_letter.path: /dev is a directory, expected a file; fapilog-ship will not start "
          "without it",
          "sinks.a.password_file: cannot read /no/secret: No such file or directory; until it is "
          "there, the sink sends nothing and its lines wait in the queue",
          "sinks.a.ca_file: cannot read /no/ca.pem: No such file or directory; fapilog-ship will "
          "not start without it",
          "sinks.f.url: the directory /no/dir does not exist here; create it, or correct the path; "
          "until it is there, the sink sends nothing and its lines wait in the queue"});
}

TEST_CASE("mistakes: what stages cannot apply is named beside every other mistake", "[mistakes]") {
  const auto problems = Configuration()
                            .file("a.toml",
                                  "[filter]\nwhere = \"level >\"\n[redact]\npatterns.order = "
                                  "\"(\"\n[shape]\nlevels.loud = \"x\"\n[queue]\nsizes = 5\n")
                            .problems();
  for (const std::string& problem : problems) UNSCOPED_INFO(problem);
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].find("shape.levels: found \"loud\"") == 0);
  CHECK(problems[1].find("a.toml:2:9: filter.where: ") == 0);
  CHECK(problems[2].find("a.toml:4:18: redact.patterns.order: ") == 0);
  CHECK(problems[3].find("a.toml:8:1: queue.sizes: unknown key") == 0);
}

TEST_CASE("mistakes: a file named by -o is missed once", "[mistakes]") {
  const auto missing = [](const std::string& path) {
    const LoadOutcome outcome = Configuration().flag("output", path).load();
    REQUIRE(outcome.settings);
    std::string text;
    for (const Problem& problem : missing_places(outcome.effective)) text += problem.message + "\n";
    return text;
  };
  CHECK(missing("/dev") ==
        "/dev is a directory, expected a file; until it is there, the sink sends nothing and its "
        "lines wait in the queue\n");
  CHECK(missing("/proc/x") ==
        "no file can be made in /proc; until it is there, the sink sends nothing and its lines "
        "wait in the queue\n");
}

TEST_CASE("mistakes: inputs that may come later are not missed, those that cannot be read are",
          "[mistakes]") {
  const auto missing = [](const std::string& input) {
    const LoadOutcome outcome =
        Configuration().file("a.toml", "[sinks.a]\nurl = \"null:\"\n[input]\n" + input).load();
    REQUIRE(outcome.settings);
    std::vector<std::string> texts;
    for (const Problem& problem : missing_places(outcome.effective))
      texts.push_back(problem.message);
    return texts;
  };
  CHECK(missing("path = \"/no/app.log\"\n") ==
        std::vector<std::string>{"cannot read /no/app.log: No such file or directory; fapilog-ship "
                                 "will not start without it"});
  CHECK(missing("follow = true\npath = [\"/no/app.log\", \"/no/*.log\"]\n").empty());
  CHECK(missing("fifo = \"make\"\npath = \"/no/pipe\"\n").empty());
  CHECK(missing("follow = true\npath = \"/dev\"\n") ==
        std::vector<std::string>{
            "/dev is a directory, expected a file; fapilog-ship will not start without it"});
}

TEST_CASE("mistakes: labels that Loki gets under another name, or not at all, are shown",
          "[mistakes]") {
  const Settings settings =
      Configuration()
          .file("a.toml",
                "[labels]\n\"my-app\" = \"x\"\nempty = \"\"\n[sinks.l]\nurl = \"loki+http://l\"\n"
                "label_fields = [\"level\", \"trace.id\"]\n")
          .settings();
  CHECK(settings.sinks[0].kind.remarks(settings.labels) ==
        std::vector<std::string>{"label \"empty\" is empty, and Loki drops empty labels",
                                 "label \"my-app\" is sent as my_app, because Loki allows only "
                                 "letters, digits and _ in names",
                                 "label \"trace.id\" is sent as trace_id, because Loki allows only "
                                 "letters, digits and _ in names"});
}

}  // namespace ship::test
