#include "delivery/decision.hpp"

#include "tests/catch.hpp"

using namespace ship;
using Kind = Verdict::Kind;
using Health = Verdict::Health;

TEST_CASE("decision: each verdict has one consequence and says one thing about the server",
          "[decision]") {
  struct Row {
    Kind kind;
    int status;
    std::size_t records;
    bool expired;
    Decision decision;
    Health health;
  };
  const Row rows[] = {
      {Kind::ok, 204, 5, false, Decision::deliver, Health::good},
      {Kind::ok, 204, 5, true, Decision::deliver, Health::good},
      {Kind::retry, 503, 5, false, Decision::try_again, Health::failing},
      {Kind::retry, 0, 5, true, Decision::expire, Health::failing},
      {Kind::retry, 429, 5, false, Decision::try_again, Health::throttling},
      {Kind::reject, 400, 5, false, Decision::refuse, Health::good},
      {Kind::split, 413, 5, false, Decision::halve, Health::good},
      {Kind::split, 413, 1, false, Decision::refuse, Health::good},
      {Kind::hold, 401, 5, false, Decision::try_again, Health::needs_operator},
      {Kind::hold, 401, 5, true, Decision::expire, Health::needs_operator},
      {Kind::partial, 400, 5, false, Decision::settle_items, Health::good},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status, row.records, row.expired);
    CHECK(decide(row.kind, row.records, row.expired) == row.decision);
    CHECK(Verdict::of(row.kind, row.status, "").health() == row.health);
  }
}

TEST_CASE("decision: a partial answer that asks for some records again slows the lane down",
          "[decision]") {
  Verdict verdict = Verdict::of(Kind::partial, 200, "");
  verdict.items.push_back({1, true, 429, "queue full"});
  CHECK(verdict.health() == Health::throttling);
}
