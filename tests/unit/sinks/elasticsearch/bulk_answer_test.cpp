#include "sinks/elasticsearch/bulk_answer.hpp"

#include "tests/catch.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

Verdict classify(int status, std::string body, std::size_t records = 2, bool creates = true,
                 const std::vector<bool>& first_with_own_id = {false, false, false}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.retry_after = std::chrono::seconds(3);
  return classify_bulk_answer(response, {records, creates, first_with_own_id});
}

std::string items(int first, int second, std::string_view op = "create") {
  const std::string name(op);
  return R"({"took":3,"errors":true,"items":[{")" + name +
         R"(":{"_index":"i","_id":"1","status":)" + std::to_string(first) + R"(}},{")" + name +
         R"(":{"status":)" + std::to_string(second) +
         R"(,"error":{"type":"t","reason":"r","caused_by":{"type":"deep"}}}}]})";
}

}  // namespace

TEST_CASE("bulk answers: the status of the whole means what the table says",
          "[elasticsearch][answer]") {
  struct Row {
    int status;
    Kind kind;
  };
  const Row row = GENERATE(values<Row>({{302, Kind::hold},
                                        {400, Kind::split},
                                        {401, Kind::hold},
                                        {403, Kind::hold},
                                        {404, Kind::hold},
                                        {405, Kind::hold},
                                        {406, Kind::hold},
                                        {408, Kind::retry},
                                        {413, Kind::split},
                                        {429, Kind::retry},
                                        {500, Kind::retry},
                                        {502, Kind::retry},
                                        {503, Kind::retry},
                                        {504, Kind::retry}}));
  CAPTURE(row.status);
  const Verdict verdict = classify(row.status, R"({"error":{"type":"x"}})");
  CHECK(verdict.kind == row.kind);
  CHECK(verdict.retry_after.has_value() == (row.kind == Kind::retry || row.kind == Kind::hold));
}

TEST_CASE("bulk answers: each item's status means what the table says", "[elasticsearch][answer]") {
  struct Row {
    int status;
    Kind kind;
  };
  const Row row = GENERATE(values<Row>({{200, Kind::ok},
                                        {201, Kind::ok},
                                        {409, Kind::ok},
                                        {400, Kind::reject},
                                        {413, Kind::reject},
                                        {422, Kind::reject},
                                        {401, Kind::hold},
                                        {403, Kind::hold},
                                        {404, Kind::hold},
                                        {408, Kind::retry},
                                        {429, Kind::retry},
                                        {500, Kind::retry},
                                        {503, Kind::retry},
                                        {0, Kind::retry}}));
  CAPTURE(row.status);
  const Verdict verdict = classify(200, items(201, row.status));
  switch (row.kind) {
    case Kind::ok:
    case Kind::hold:
      CHECK(verdict.kind == row.kind);
      CHECK(verdict.items.empty());
      break;
    default:
      CHECK(verdict.kind == Kind::partial);
      REQUIRE(verdict.items.size() == 1);
      CHECK(verdict.items[0].index == 1);
      CHECK(verdict.items[0].status == row.status);
      CHECK(verdict.items[0].retry == (row.kind == Kind::retry));
      CHECK(verdict.items[0].reason == "HTTP " + std::to_string(row.status) + ": t: r");
  }
}

TEST_CASE("bulk answers: a conflict is stored already with create, a retry with index",
          "[elasticsearch][answer]") {
  CHECK(classify(200, items(409, 409), 2, true).kind == Kind::ok);
  CHECK(classify(200, items(201, 409, "index"), 2, false).kind == Kind::partial);
  CHECK(classify(200, items(409, 409, "index"), 2, false).kind == Kind::retry);
}

TEST_CASE(
    "bulk answers: a conflict on a record's own id is a duplicate where nobody sent it before",
    "[elasticsearch][answer]") {
  const Verdict verdict = classify(200, items(409, 409), 2, true, {false, true});
  CHECK(verdict.kind == Kind::partial);
  REQUIRE(verdict.items.size() == 1);
  CHECK(verdict.items[0].index == 1);
  CHECK(verdict.items[0].duplicate);
  CHECK_FALSE(verdict.items[0].retry);
  CHECK(classify(200, items(409, 409, "index"), 2, false, {true, true}).kind == Kind::retry);
}

TEST_CASE("bulk answers: without errors nobody reads the items", "[elasticsearch][answer]") {
  CHECK(classify(200, R"({"errors":false})").kind == Kind::ok);
  CHECK(classify(201, R"({"took":1,"errors":false,"items":[{"create":{"status":201}}]})").kind ==
        Kind::ok);
}

TEST_CASE("bulk answers: an answer that is cut off or not for all records is no answer",
          "[elasticsearch][answer]") {
  const std::string whole = items(201, 400);
  const std::size_t said = whole.find("\"errors\"") + 8;
  for (std::size_t size = said; size < whole.size(); size += 3) {
    CAPTURE(size);
    CHECK(classify(200, whole.substr(0, size)).kind == Kind::retry);
  }
  CHECK(classify(200, whole, 3).kind == Kind::retry);
  CHECK(classify(200, whole, 1).kind == Kind::retry);
  CHECK(classify(200, R"({"errors":true})").kind == Kind::retry);
}

TEST_CASE("bulk answers: another server's answer holds the records", "[elasticsearch][answer]") {
  for (const char* body : {"", "OK", "{}", "<html>login</html>", R"({"tagline":"You Know"})"}) {
    CAPTURE(body);
    const Verdict verdict = classify(200, body);
    CHECK(verdict.kind == Kind::hold);
    CHECK(verdict.reason.find("is this Elasticsearch?") != std::string::npos);
  }
}

}  // namespace ship
