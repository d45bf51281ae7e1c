#include "sinks/postgres/postgres_rows.hpp"

#include <random>
#include <string>
#include <vector>

#include "sinks/postgres/jsonb_text.hpp"
#include "tests/catch.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

/// What COPY makes of one value, read the slow and obvious way (its documentation, "Text Format").
std::string copied(std::string_view value) {
  std::string result;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\') {
      result += value[i];
      continue;
    }
    REQUIRE(++i < value.size());
    switch (value[i]) {
      case 'b':
        result += '\b';
        break;
      case 'f':
        result += '\f';
        break;
      case 'n':
        result += '\n';
        break;
      case 'r':
        result += '\r';
        break;
      case 't':
        result += '\t';
        break;
      case 'v':
        result += '\v';
        break;
      default:
        result += value[i];
    }
  }
  return result;
}

std::string jsonb_of(std::string_view json, std::uint64_t changed) {
  std::string out;
  CHECK(append_jsonb(out, json) == changed);
  return out;
}

PostgresSinkSettings with_columns(Labels columns) {
  PostgresSinkSettings settings;
  settings.columns = std::move(columns);
  return settings;
}

std::vector<std::string> cells_of(PostgresRows& rows, const Record& record) {
  std::string row;
  rows.append(record, row);
  REQUIRE(row.ends_with('\n'));
  row.pop_back();
  std::vector<std::string> cells;
  std::string_view rest = row;
  while (true) {
    const std::size_t tab = std::min(rest.find('\t'), rest.size());
    cells.emplace_back(rest.substr(0, tab));
    if (tab == rest.size()) return cells;
    rest.remove_prefix(tab + 1);
  }
}

}  // namespace

TEST_CASE("postgres rows: COPY reads back any text that was escaped, and sees no separator in it",
          "[sinks][postgres]") {
  std::mt19937 dice(20261130);
  constexpr std::string_view kNasty = "\\\\\\\n\r\t\b\f\vNn.tx019 ab\x7f\"'";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    const std::size_t size = dice() % 40;
    for (std::size_t i = 0; i < size; ++i) {
      text +=
          dice() % 4 != 0 ? kNasty[dice() % kNasty.size()] : static_cast<char>(1 + dice() % 255);
    }
    std::string out;
    append_copy_text(out, text);
    CHECK(out.find_first_of("\n\r\t") == out.npos);
    CHECK(out != "\\N");
    CHECK(out != "\\.");
    REQUIRE(copied(out) == text);
  }
}

TEST_CASE("postgres rows: jsonb text is changed only where jsonb could not hold it",
          "[sinks][postgres]") {
  for (const char* same :
       {R"({"a":"\\u0000","b":"\\\\u0000"})", R"("\ud83e\udd80 \u0001 \uffff")", "[1,-0,1e400,1.5]",
        R"({"n" : 0e100 , "x\"y":"1e999999"})", "12345678901234567890123456789012345678901234"}) {
    CHECK(jsonb_of(same, 0) == same);
  }
  CHECK(jsonb_of(R"({"a":"x\u0000y","\u0000":1})", 2) == R"({"a":"x\ufffdy","\ufffd":1})");
  CHECK(jsonb_of(R"(["\ud800","\udc00","\ud800\ud800\udc00","\udc00\ud800"])", 5) ==
        R"(["\ufffd","\ufffd","\ufffd\ud800\udc00","\ufffd\ufffd"])");
  CHECK(jsonb_of(R"("\ud800\n")", 1) == R"("\ufffd\n")");
  CHECK(jsonb_of("[1e131071,1e131073,-1.5E+999999999999,1e-16383,1e-16384,2]", 3) ==
        R"([1e131071,"1e131073","-1.5E+999999999999",1e-16383,"1e-16384",2])");
  const std::string long_fraction = "0." + std::string(16384, '1');
  CHECK(jsonb_of(long_fraction, 1) == "\"" + long_fraction + "\"");
}

TEST_CASE("postgres rows: a record fills the sink's own columns, and those that settings name",
          "[sinks][postgres]") {
  const testing::OwnedRecords records(
      {R"({"log":{"context":{"correlation_id":"c-1","n":7},"level":"INFO","logger":"shop.web",)"
       R"("message":"a\tb\u0000c","data":{"list":[1, "x"],"no":null}},"schema_version":"1.1"})"});
  const PostgresTable table = own_postgres_table(
      with_columns({{"n", "n"}, {"list", "list"}, {"no", "no"}, {"missing", "missing"}}));
  PostgresRows rows(table, {});
  const std::vector<std::string> cells = cells_of(rows, records.records()[0]);
  REQUIRE(cells.size() == 11);
  CHECK(cells[0] == "2026-11-22T09:00:00.000000Z");
  CHECK(cells[1] == "INFO");
  CHECK(cells[2] == "shop.web");
  CHECK(cells[3] == "c-1");
  CHECK(cells[4] ==
        "a\\tb\xef\xbf\xbd"
        "c");
  CHECK(copied(cells[5]) == records.lines()[0]);
  CHECK(cells[6] == "7");
  CHECK(cells[7] == R"([1, "x"])");
  CHECK(cells[8] == "\\N");
  CHECK(cells[9] == "\\N");
  CHECK(cells[10] == record_id_text(records.records()[0].id));
  CHECK(rows.take_replaced() == 1);
  CHECK(rows.take_replaced() == 0);
}

TEST_CASE("postgres rows: a column of json gets the JSON, one of text the text",
          "[sinks][postgres]") {
  const testing::OwnedRecords records({R"({"message":"say \"x\"","v":"\ud800"})"});
  PostgresTable table = own_postgres_table(with_columns({{"v", "v"}}));
  for (PostgresColumn& column : table.columns) {
    if (column.name == "message") column.form = PostgresColumn::Form::json;
    if (column.name == "v") column.form = PostgresColumn::Form::jsonb;
  }
  PostgresRows rows(table, {});
  const std::vector<std::string> cells = cells_of(rows, records.records()[0]);
  CHECK(copied(cells[4]) == R"("say \"x\"")");
  CHECK(copied(cells[6]) == R"("\ufffd")");
  CHECK(rows.take_replaced() == 1);
}

TEST_CASE("postgres rows: records without an identity get different ids", "[sinks][postgres]") {
  testing::OwnedRecords records({R"({"a":1})", R"({"a":1})"});
  records.at(0).id = {};
  records.at(1).id = {};
  PostgresRows rows(own_postgres_table({}), {});
  const std::string first = cells_of(rows, records.records()[0]).back();
  CHECK(!first.empty());
  CHECK(first != cells_of(rows, records.records()[1]).back());
}

}  // namespace ship
