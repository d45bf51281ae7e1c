#include "sinks/request_series.hpp"

#include "tests/catch.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

using namespace ship;

namespace {

using SeriesKind = Verdict::Kind;
using testing::OwnedRecords;

/// A series whose entry is the line, and a receiver that answers from a list, else with ok.
struct SeriesBench {
  RequestForm form{"<", ">", ",", 12, 3, 8, "too long"};
  std::vector<std::string> posted;
  std::vector<Verdict> answers;

  Verdict send(const OwnedRecords& records) {
    RequestSeries series(form);
    return series.send(
        records.records(),
        [](const Record& record, std::string& body) -> std::optional<std::string> {
          body += record.line;
          if (record.line == "{x}") return "an x";
          return std::nullopt;
        },
        [this](std::string_view body, std::size_t entries) {
          CHECK(entries >= 1);
          posted.emplace_back(body);
          if (posted.size() > answers.size()) return Verdict::of(SeriesKind::ok, 200, {});
          return answers[posted.size() - 1];
        });
  }
};

std::string items_of(const Verdict& verdict) {
  std::string text;
  for (const Verdict::Item& item : verdict.items) {
    text += std::to_string(item.index) + (item.retry ? "+" : "-");
  }
  return text;
}

}  // namespace

TEST_CASE("request series: what fits goes as one request", "[sinks][series]") {
  SeriesBench bench;
  CHECK(bench.send(OwnedRecords({"{a}", "{b}"})).kind == SeriesKind::ok);
  CHECK(bench.posted == std::vector<std::string>{"<{a},{b}>"});
}

TEST_CASE("request series: no request is above the limit of bytes or entries", "[sinks][series]") {
  SeriesBench bench;
  CHECK(bench.send(OwnedRecords({"{a}", "{bbbbb}", "{c}", "{d}", "{e}"})).kind == SeriesKind::ok);
  CHECK(bench.posted == std::vector<std::string>{"<{a}>", "<{bbbbb}>", "<{c},{d}>", "<{e}>"});
  bench = {};
  bench.form.max_bytes = 100;
  CHECK(bench.send(OwnedRecords({"{a}", "{b}", "{c}", "{d}"})).kind == SeriesKind::ok);
  CHECK(bench.posted == std::vector<std::string>{"<{a},{b},{c}>", "<{d}>"});
}

TEST_CASE("request series: an entry that no request takes is refused and the others go",
          "[sinks][series]") {
  SeriesBench bench;
  const Verdict verdict = bench.send(OwnedRecords({"{a}", "{123456789}", "{x}", "{b}"}));
  CHECK(verdict.kind == SeriesKind::partial);
  CHECK(items_of(verdict) == "1-2-");
  CHECK(verdict.items[0].reason == "too long");
  CHECK(verdict.items[1].reason == "an x");
  CHECK(bench.posted == std::vector<std::string>{"<{a},{b}>"});
  bench = {};
  CHECK(bench.send(OwnedRecords({"{x}"})).kind == SeriesKind::reject);
  CHECK(bench.posted.empty());
}

TEST_CASE("request series: an entry above the request's limit goes alone where none is too long",
          "[sinks][series]") {
  SeriesBench bench;
  bench.form.max_entry_bytes = 0;
  CHECK(bench.send(OwnedRecords({"{a}", "{1234567890123}", "{b}"})).kind == SeriesKind::ok);
  CHECK(bench.posted == std::vector<std::string>{"<{a}>", "<{1234567890123}>", "<{b}>"});
}

TEST_CASE("request series: what a whole batch is told is the verdict", "[sinks][series]") {
  for (const SeriesKind kind :
       {SeriesKind::retry, SeriesKind::hold, SeriesKind::split, SeriesKind::reject}) {
    SeriesBench bench;
    Verdict told = Verdict::of(kind, 400, "why");
    told.retry_after = std::chrono::seconds(3);
    bench.answers = {told};
    const Verdict verdict = bench.send(OwnedRecords({"{a}", "{b}"}));
    CHECK(verdict.kind == kind);
    CHECK(verdict.reason == "why");
    CHECK(verdict.status == 400);
  }
}

TEST_CASE("request series: after a stored request only the rest goes again", "[sinks][series]") {
  SeriesBench bench;
  bench.form.max_entries = 1;
  Verdict slow = Verdict::of(SeriesKind::retry, 503, "slow");
  slow.retry_after = std::chrono::seconds(7);
  bench.answers = {Verdict::of(SeriesKind::ok, 200, {}), slow};
  const Verdict verdict = bench.send(OwnedRecords({"{a}", "{b}", "{c}"}));
  CHECK(verdict.kind == SeriesKind::partial);
  CHECK(items_of(verdict) == "1+2+");
  CHECK(verdict.retry_after == std::chrono::seconds(7));
  CHECK(verdict.status == 503);
  CHECK(bench.posted.size() == 2);
}

TEST_CASE("request series: behind a request that failed none is sent", "[sinks][series]") {
  SeriesBench bench;
  bench.form.max_entries = 1;
  bench.answers = {Verdict::of(SeriesKind::retry, 503, "slow")};
  const Verdict verdict = bench.send(OwnedRecords({"{a}", "{b}", "{c}", "{d}", "{e}"}));
  CHECK(verdict.kind == SeriesKind::retry);
  CHECK(bench.posted.size() == 1);
}

TEST_CASE("request series: a request that names all of its entries may want some of them again",
          "[sinks][series]") {
  SeriesBench bench;
  Verdict partial = Verdict::of(SeriesKind::partial, 200, "busy");
  partial.items = {{0, true, 429, "busy"}, {1, false, 400, "no"}};
  bench.answers = {partial};
  const Verdict verdict = bench.send(OwnedRecords({"{a}", "{b}"}));
  CHECK(verdict.kind == SeriesKind::partial);
  CHECK(items_of(verdict) == "0+1-");
}

TEST_CASE("request series: what a request singles out is named by its place in the batch",
          "[sinks][series]") {
  SeriesBench bench;
  bench.form.max_entries = 2;
  Verdict partial = Verdict::of(SeriesKind::partial, 200, "no b");
  partial.items.push_back({1, false, 400, "no b"});
  bench.answers = {Verdict::of(SeriesKind::ok, 200, {}), partial};
  const Verdict verdict = bench.send(OwnedRecords({"{a}", "{x}", "{b}", "{c}", "{d}"}));
  CHECK(verdict.kind == SeriesKind::partial);
  CHECK(items_of(verdict) == "1-4-");
}

TEST_CASE("request series: with one refused here and the request at fault, all others go again",
          "[sinks][series]") {
  SeriesBench bench;
  bench.answers = {Verdict::of(SeriesKind::hold, 403, "no")};
  const Verdict verdict = bench.send(OwnedRecords({"{a}", "{x}", "{b}"}));
  CHECK(verdict.kind == SeriesKind::partial);
  CHECK(items_of(verdict) == "0+1-2+");
}
