#include "delivery/decision.hpp"

#include "tests/catch.hpp"

using namespace ship;
using Action = Decision::Action;
using Health = Decision::Health;

TEST_CASE("decision: each verdict has one consequence", "[decision]") {
  struct Row {
    Verdict::Kind kind;
    int status;
    std::size_t records;
    bool expired;
    Action action;
    Health health;
  };
  const Row rows[] = {
      {Verdict::Kind::ok, 204, 5, false, Action::deliver, Health::good},
      {Verdict::Kind::ok, 204, 5, true, Action::deliver, Health::good},
      {Verdict::Kind::retry, 503, 5, false, Action::try_again, Health::failing},
      {Verdict::Kind::retry, 0, 5, true, Action::expire, Health::failing},
      {Verdict::Kind::retry, 429, 5, false, Action::try_again, Health::throttling},
      {Verdict::Kind::reject, 400, 5, false, Action::refuse, Health::good},
      {Verdict::Kind::split, 413, 5, false, Action::halve, Health::good},
      {Verdict::Kind::split, 413, 1, false, Action::refuse, Health::good},
      {Verdict::Kind::hold, 401, 5, false, Action::try_again, Health::needs_operator},
      {Verdict::Kind::hold, 401, 5, true, Action::expire, Health::needs_operator},
      {Verdict::Kind::partial, 400, 5, false, Action::settle_items, Health::good},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status, row.records, row.expired);
    const Decision decision =
        decide(Verdict::of(row.kind, row.status, ""), row.records, row.expired);
    CHECK(decision.action == row.action);
    CHECK(decision.health == row.health);
  }
}

TEST_CASE("decision: a partial answer that asks for some records again slows the lane down",
          "[decision]") {
  Verdict verdict = Verdict::of(Verdict::Kind::partial, 200, "");
  verdict.items.push_back({1, true, 429, "queue full"});
  CHECK(decide(verdict, 3, false).health == Health::throttling);
}
