#include "stats/admin/history.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

StatsSnapshot at(double seconds, std::vector<const char*> names) {
  StatsSnapshot snapshot;
  snapshot.uptime_seconds = seconds;
  snapshot.input.lines = static_cast<std::uint64_t>(seconds * 10);
  for (const char* name : names) {
    LaneSnapshot sink;
    sink.name = name;
    sink.counts.submitted = snapshot.input.lines;
    sink.counts.dropped = {1, 2};
    sink.flush_seconds.add(0.25);
    snapshot.sinks.push_back(sink);
  }
  return snapshot;
}

}  // namespace

TEST_CASE("history: a sample has the counts of its moment", "[stats]") {
  History history;
  history.add(at(1, {"a"}));
  history.add(at(2.5, {"a"}));
  CHECK(history.json() ==
        R"({"interval_seconds":1,"at":[1,2.5],"lines":[10,25],"sinks":{"a":{"submitted":[10,25],)"
        R"("delivered":[0,0],"dropped":[3,3],"queue_depth":[0,0],"spooled":[0,0],"flushes":[1,1],)"
        R"("flush_seconds":[0.25,0.25]}}})"
        "\n");
}

TEST_CASE("history: a sink that came later has nothing before", "[stats]") {
  History history;
  history.add(at(1, {"a"}));
  history.add(at(2, {"b", "a"}));
  CHECK(history.json().find(R"("b":{"submitted":[null,20])") != std::string::npos);
  CHECK(history.json().find(R"("a":{"submitted":[10,20])") != std::string::npos);
}

TEST_CASE("history: it keeps two minutes", "[stats]") {
  History history;
  for (int second = 1; second <= 300; ++second) history.add(at(second, {"a"}));
  const std::string json = history.json();
  CHECK(json.find(R"("at":[180,181,)") != std::string::npos);
  CHECK(json.find(",299,300],") != std::string::npos);
  CHECK(json.size() < 10'000);
}
