#include "sinks/postgres/postgres_sink.hpp"

#include <thread>

#include "sinks/sink_environment.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/sinks/postgres/strict_postgres.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

using testing::OwnedRecords;
using testing::StrictPostgres;

PostgresSinkSettings settings_for(std::uint16_t port, std::string_view password = {}) {
  PostgresSinkSettings settings;
  settings.hosts = "127.0.0.1:" + std::to_string(port);
  settings.database = "app";
  settings.username = "shop";
  if (!password.empty()) settings.password = Secret::literal(std::string(password));
  settings.sslmode = "disable";
  settings.parameters = {{"gssencmode", "disable"}};
  return settings;
}

class PostgresPeer final : public testing::ContractPeer {
 public:
  std::unique_ptr<Sink> make_sink() override {
    auto sink = settings_for(server_.port(), "s3cret-pass").make({}, SinkEnvironment{});
    REQUIRE(sink);
    return std::move(sink).value();
  }
  std::vector<std::string> lines() override {
    CHECK(server_.faults() == "");
    std::vector<std::string> events;
    for (const auto& row : server_.rows()) events.push_back(row.at("event"));
    return events;
  }
  std::uint64_t wire_bytes() override { return server_.copied_bytes(); }
  bool fail() override {
    server_.refuse_copies("53100");
    return true;
  }
  void recover() override { server_.refuse_copies(""); }
  bool hang() override {
    server_.hang();
    return true;
  }
  void wait_until_hanging() override { server_.wait_until_hanging(); }
  bool echo() override {
    server_.repeat_password();
    return true;
  }
  std::vector<std::string> secrets() const override { return {"s3cret-pass"}; }

 private:
  StrictPostgres server_{"s3cret-pass"};
};

/// A sink in front of a stand-in, and what it said.
struct PostgresBench {
  StrictPostgres server;
  ManualClock clock;
  std::vector<std::string> said;
  PostgresSink sink;

  explicit PostgresBench(const std::function<void(PostgresSinkSettings&)>& change = {})
      : sink(changed(change), clock, {},
             [this](LogLevel, std::string text) { said.push_back(std::move(text)); }) {}

  PostgresSinkSettings changed(const std::function<void(PostgresSinkSettings&)>& change) {
    PostgresSinkSettings settings = settings_for(server.port());
    if (change) change(settings);
    return settings;
  }
  Verdict send(const OwnedRecords& records) {
    SendContext context;
    context.batch_id = "b";
    return sink.send(records.records(), context);
  }
};

}  // namespace

TEST_CASE("postgres sink: keeps the rules of every sink", "[sinks][postgres]") {
  testing::run_sink_contract([] { return std::make_unique<PostgresPeer>(); });
}

TEST_CASE("postgres sink: what is sent again is stored once, by its identity",
          "[sinks][postgres]") {
  PostgresBench bench;
  const OwnedRecords records({R"({"a":1})", R"({"a":1})", R"({"a":2})"});
  CHECK(bench.send(records).kind == Verdict::Kind::ok);
  CHECK(bench.send(records).kind == Verdict::Kind::ok);
  REQUIRE(bench.server.rows().size() == 3);
  CHECK(bench.server.faults() == "");
  CHECK(bench.server.statements().back().find("ON CONFLICT (\"id\") DO NOTHING") !=
        std::string::npos);
}

TEST_CASE("postgres sink: a table without a column for the id gets COPY straight, and says so once",
          "[sinks][postgres]") {
  PostgresBench bench;
  bench.server.set_columns({"id:bigint", "event:json"});
  CHECK(bench.send(OwnedRecords({R"({"a":1})"})).kind == Verdict::Kind::ok);
  CHECK(bench.send(OwnedRecords({R"({"a":2})"})).kind == Verdict::Kind::ok);
  CHECK(bench.server.statements().back() == "COPY \"logs\" (\"event\") FROM STDIN");
  CHECK(bench.said == std::vector<std::string>{
                          "table logs: column id is bigint, and a record's id is text (id_column "
                          "names another), so records that are sent again may be stored twice"});
}

TEST_CASE("postgres sink: a connection that ended while idle is opened again without a retry",
          "[sinks][postgres]") {
  PostgresBench bench;
  CHECK(bench.send(OwnedRecords({R"({"a":1})"})).kind == Verdict::Kind::ok);
  bench.server.end_session();
  REQUIRE(bench.sink.wake_at());
  bench.sink.wake();
  CHECK_FALSE(bench.sink.wake_at());
  CHECK(bench.said.back() == "the server closed the connection; the next record opens another");
  CHECK(bench.send(OwnedRecords({R"({"a":2})"})).kind == Verdict::Kind::ok);
  CHECK(bench.server.sessions() == 2);
  CHECK(bench.server.rows().size() == 2);
}

TEST_CASE("postgres sink: a refusal is the verdict of its SQLSTATE", "[sinks][postgres]") {
  PostgresBench bench;
  const OwnedRecords records({R"({"a":1})"});
  CHECK(bench.send(records).kind == Verdict::Kind::ok);
  for (const auto& [state, kind] :
       {std::pair("40001", Verdict::Kind::retry), std::pair("22P02", Verdict::Kind::split),
        std::pair("42501", Verdict::Kind::hold)}) {
    bench.server.refuse_copies(state);
    const Verdict verdict = bench.send(records);
    CHECK(verdict.kind == kind);
    CHECK(verdict.reason.starts_with(state));
  }
  bench.server.refuse_copies("");
  CHECK(bench.send(records).kind == Verdict::Kind::ok);
}

TEST_CASE("postgres sink: a failure that no table knows is tried five times, then split",
          "[sinks][postgres]") {
  PostgresBench bench;
  const OwnedRecords records({R"({"a":1})"});
  bench.server.refuse_copies("XX000");
  for (int i = 0; i < 5; ++i) CHECK(bench.send(records).kind == Verdict::Kind::retry);
  CHECK(bench.send(records).kind == Verdict::Kind::split);
  bench.server.refuse_copies("");
  CHECK(bench.send(records).kind == Verdict::Kind::ok);
  bench.server.refuse_copies("XX000");
  CHECK(bench.send(records).kind == Verdict::Kind::retry);
}

TEST_CASE("postgres sink: a standby is left at once and looked at once more, then held",
          "[sinks][postgres]") {
  PostgresBench bench;
  const OwnedRecords records({R"({"a":1})"});
  bench.server.refuse_copies("25006");
  const Verdict verdict = bench.send(records);
  CHECK(verdict.kind == Verdict::Kind::hold);
  CHECK(bench.server.sessions() == 2);
  bench.server.refuse_copies("");
  CHECK(bench.send(records).kind == Verdict::Kind::ok);
  CHECK(bench.server.sessions() == 3);
}

TEST_CASE("postgres sink: a refused connection is the verdict of its SQLSTATE, too",
          "[sinks][postgres]") {
  PostgresBench bench;
  const OwnedRecords records({R"({"a":1})"});
  for (const auto& [state, kind] :
       {std::pair("57P03", Verdict::Kind::retry), std::pair("53300", Verdict::Kind::retry),
        std::pair("3D000", Verdict::Kind::hold),
        // What would be the fault of a record is none where no record went yet.
        std::pair("22023", Verdict::Kind::hold)}) {
    bench.server.refuse_sessions(state);
    const Verdict verdict = bench.send(records);
    CHECK(verdict.kind == kind);
    CHECK(verdict.reason.find(state) == 0);
    CHECK(verdict.reason.find("LOCATION") == std::string::npos);
  }
}

TEST_CASE("postgres sink: a server that is not there leaves time for the one behind it",
          "[sinks][postgres]") {
  StrictPostgres dead;
  dead.refuse_sessions("57P03");
  PostgresBench bench([&](PostgresSinkSettings& settings) {
    settings.hosts = "127.0.0.1:" + std::to_string(dead.port()) + "," + settings.hosts;
    settings.target_session_attrs = "any";
  });
  CHECK(bench.send(OwnedRecords({R"({"a":1})"})).kind == Verdict::Kind::ok);
  CHECK(dead.sessions() == 1);
}

TEST_CASE("postgres sink: a misfit of the table is told before any record goes",
          "[sinks][postgres]") {
  PostgresBench bench;
  bench.server.set_columns({"timestamp:integer", "event:json", "id:text"});
  const Verdict verdict = bench.send(OwnedRecords({R"({"a":1})"}));
  CHECK(verdict.kind == Verdict::Kind::hold);
  CHECK(verdict.reason.find("column timestamp is integer, expected timestamptz") !=
        std::string::npos);
  CHECK(bench.server.copied_bytes() == 0);
}

TEST_CASE("postgres sink: the probe makes nothing and sends nothing", "[sinks][postgres]") {
  PostgresBench bench;
  const Result<std::string> none = bench.sink.probe({});
  REQUIRE(none);
  CHECK(none.value() ==
        "PostgreSQL 15.4, signed in as shop; the table logs is made with the first record");
  bench.server.set_columns({"event:json", "id:text"});
  const Result<std::string> there = bench.sink.probe({});
  REQUIRE(there);
  CHECK(there.value().ends_with("its unique index over (id) keeps each record to once"));
  for (const std::string& sql : bench.server.statements()) {
    CHECK(sql.find("CREATE") == std::string::npos);
  }
}

TEST_CASE("postgres sink: the payload is the statement and its rows", "[sinks][postgres]") {
  PostgresBench bench;
  const OwnedRecords records({R"({"message":"hello"})"});
  const std::string text = bench.sink.payload(records.records());
  CHECK(text.find("COPY pg_temp.") != std::string::npos);
  CHECK(text.find("\thello\t{\"message\":\"hello\"}\t") != std::string::npos);
  CHECK(bench.server.sessions() == 0);
}

TEST_CASE("postgres sink: a stop ends the wait for a resolver that does not answer",
          "[sinks][postgres]") {
  HostResolver resolver;
  std::stop_source stop;
  stop.request_stop();
  const auto never = resolver.resolve(
      "a-name.invalid", std::chrono::steady_clock::now() + std::chrono::hours(1), stop.get_token());
  CHECK(!never);
}

TEST_CASE("postgres host: lists are taken apart", "[sinks][postgres]") {
  CHECK(split_postgres_hosts("a:5433,[::1]:5,b,/run/postgresql") ==
        std::vector<PostgresHost>{{"a", "5433"}, {"::1", "5"}, {"b", ""}, {"/run/postgresql", ""}});
  CHECK(split_postgres_hosts("").empty());
  CHECK(PostgresHost{"127.0.0.1", ""}.is_literal());
  CHECK(PostgresHost{"::1", ""}.is_literal());
  CHECK_FALSE(PostgresHost{"db.example.com", ""}.is_literal());
}

TEST_CASE("postgres settings: a name of the sink's own is not given away", "[sinks][postgres]") {
  const auto problems = [](const PostgresSinkSettings& settings) {
    std::vector<std::string> found;
    settings.check([&](std::string_view key, std::string message) {
      found.push_back(std::string(key) + ": " + message);
    });
    return found;
  };
  PostgresSinkSettings settings;
  CHECK(problems(settings).empty());
  settings.columns = {{"level", "x"}};
  CHECK(problems(settings).size() == 1);
  settings.columns = {{"id", "x"}};
  CHECK(problems(settings).size() == 1);
  settings.columns = {};
  settings.parameters = {{"aplication_name", "x"}, {"password", "y"}};
  REQUIRE(problems(settings).size() == 2);
  CHECK(problems(settings)[0].find("application_name") != std::string::npos);
  CHECK(problems(settings)[1].find("y") != 0);
  settings = {};
  settings.table = "app.";
  CHECK(problems(settings).size() == 1);
}

}  // namespace ship
