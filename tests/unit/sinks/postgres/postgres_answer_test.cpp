#include "sinks/postgres/postgres_answer.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

struct StateCase {
  const char* state;
  Verdict::Kind kind;
  bool unknown = false;
};

}  // namespace

TEST_CASE("postgres answer: each SQLSTATE means what its class or its own row says",
          "[sinks][postgres]") {
  using Kind = Verdict::Kind;
  const StateCase cases[] = {{"", Kind::retry},              // the connection failed
                             {"08000", Kind::retry},         // connection exception
                             {"08006", Kind::retry},         // connection failure
                             {"40001", Kind::retry},         // serialization failure
                             {"40P01", Kind::retry},         // deadlock
                             {"53100", Kind::retry},         // disk full
                             {"53200", Kind::retry},         // out of memory
                             {"53300", Kind::retry},         // too many connections
                             {"57014", Kind::retry},         // query cancelled
                             {"57P01", Kind::retry},         // admin shutdown
                             {"57P03", Kind::retry},         // cannot connect now
                             {"57P04", Kind::hold},          // database dropped
                             {"55P03", Kind::retry},         // lock not available
                             {"55006", Kind::retry},         // object in use
                             {"58030", Kind::retry},         // an error of the server's system
                             {"22001", Kind::split},         // a text that is too long
                             {"22003", Kind::split},         // a number out of range
                             {"22P02", Kind::split},         // not a value of the type
                             {"22P05", Kind::split},         // \u0000 in jsonb
                             {"23502", Kind::split},         // NULL
                             {"23505", Kind::split},         // a unique index over something else
                             {"23514", Kind::split},         // CHECK
                             {"44000", Kind::split},         // WITH CHECK OPTION
                             {"54000", Kind::split},         // a limit of the server
                             {"54001", Kind::split},         // nested too deep
                             {"P0001", Kind::split},         // a trigger that refuses
                             {"28000", Kind::hold},          // pg_hba.conf
                             {"28P01", Kind::hold},          // password
                             {"3D000", Kind::hold},          // no such database
                             {"3F000", Kind::hold},          // no such schema
                             {"42P01", Kind::hold},          // no such table
                             {"42703", Kind::hold},          // no such column
                             {"42501", Kind::hold},          // no permission
                             {"42P10", Kind::hold},          // no unique index
                             {"0A000", Kind::hold},          // not supported
                             {"25006", Kind::hold},          // a standby
                             {"25P02", Kind::retry, true},   // no row
                             {"XX000", Kind::retry, true},   // internal error
                             {"ABCDE", Kind::retry, true}};  // an extension's
  for (const StateCase& one : cases) {
    INFO(one.state);
    const PostgresMeaning meaning = postgres_meaning(one.state);
    CHECK(meaning.kind == one.kind);
    CHECK(meaning.unknown == one.unknown);
    CHECK(meaning.read_only == (std::string_view(one.state) == "25006"));
  }
  CHECK(postgres_meaning("42P01").stale_table);
  CHECK_FALSE(postgres_meaning("22001").stale_table);
}

TEST_CASE("postgres answer: a reason has the code and what to do", "[sinks][postgres]") {
  CHECK(describe_postgres_failure({"28P01", "password authentication failed", ""}) ==
        "28P01: password authentication failed (check username and password, and pg_hba.conf)");
  CHECK(describe_postgres_failure({"", "connection refused", ""}) == "connection refused");
  CHECK(describe_postgres_failure({"XX000", "what", ""}) == "XX000: what");
}

}  // namespace ship
