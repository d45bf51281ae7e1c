#include "sinks/gcp/gcp_answer.hpp"

#include <string>

#include "tests/catch.hpp"

using namespace ship;

namespace {

using AnswerKind = Verdict::Kind;

HttpResponse partial_answer(const std::string& errors, int status = 400) {
  HttpResponse response;
  response.status = status;
  response.body =
      R"({"error":{"code":400,"message":"Log entry with size 300.1K exceeds","status":)"
      R"("INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.DebugInfo"},)"
      R"({"@type":"type.googleapis.com/google.logging.v2.WriteLogEntriesPartialErrors",)"
      R"("logEntryErrors":)" +
      errors + "}]}}";
  return response;
}

std::string items_of(const Verdict& verdict) {
  std::string text;
  for (const Verdict::Item& item : verdict.items) {
    text += std::to_string(item.index) + (item.retry ? "+" : "-");
  }
  return text;
}

}  // namespace

TEST_CASE("gcp answer: each status means what the API's documents say", "[sinks][gcp]") {
  const std::pair<int, AnswerKind> rows[] = {
      {200, AnswerKind::ok},    {302, AnswerKind::hold},  {400, AnswerKind::split},
      {401, AnswerKind::hold},  {403, AnswerKind::hold},  {404, AnswerKind::hold},
      {408, AnswerKind::retry}, {409, AnswerKind::hold},  {413, AnswerKind::split},
      {429, AnswerKind::retry}, {500, AnswerKind::retry}, {502, AnswerKind::retry},
      {503, AnswerKind::retry}, {504, AnswerKind::retry}};
  for (const auto& [status, kind] : rows) {
    HttpResponse response;
    response.status = status;
    response.body = R"({"error":{"code":429,"message":"Quota\n exceeded","status":"EXHAUSTED"}})";
    const Verdict verdict = classify_gcp_answer(response, 3);
    INFO("HTTP " << response.status);
    CHECK(verdict.kind == kind);
    if (kind == AnswerKind::ok) continue;
    const std::string begins =
        "HTTP " + std::to_string(response.status) + " EXHAUSTED: Quota exceeded";
    CHECK(verdict.reason.starts_with(begins));
  }
}

TEST_CASE("gcp answer: entries that are named were not written, all others were", "[sinks][gcp]") {
  const Verdict verdict = classify_gcp_answer(
      partial_answer(R"({"2":{"code":3,"message":"too large"},"0":{"code":14,"message":"busy"}})"),
      4);
  CHECK(verdict.kind == AnswerKind::partial);
  CHECK(items_of(verdict) == "0+2-");
  CHECK(verdict.items[1].reason == "too large");
  CHECK(verdict.items[1].status == 400);
}

TEST_CASE("gcp answer: each code of an entry's own error has its meaning", "[sinks][gcp]") {
  const std::pair<int, bool> rows[] = {{1, true},  {2, false}, {3, false},  {4, true},
                                       {5, true},  {6, false}, {7, true},   {8, true},
                                       {9, false}, {10, true}, {11, false}, {12, false},
                                       {13, true}, {14, true}, {15, false}, {16, true}};
  for (const auto& [code, again] : rows) {
    const Verdict verdict =
        classify_gcp_answer(partial_answer("{\"1\":{\"code\":" + std::to_string(code) + "}}"), 2);
    INFO("code " << verdict.reason);
    CHECK(verdict.kind == AnswerKind::partial);
    CHECK(items_of(verdict) == (again ? "1+" : "1-"));
    CHECK(!verdict.items[0].reason.empty());
  }
}

TEST_CASE("gcp answer: where every entry is named, the whole is what they have in common",
          "[sinks][gcp]") {
  const auto kind = [](const char* errors, std::size_t entries) {
    return classify_gcp_answer(partial_answer(errors, 403), entries).kind;
  };
  CHECK(kind(R"({"0":{"code":7},"1":{"code":7}})", 2) == AnswerKind::hold);
  CHECK(kind(R"({"0":{"code":8},"1":{"code":7}})", 2) == AnswerKind::retry);
  CHECK(kind(R"({"0":{"code":3},"1":{"code":7}})", 2) == AnswerKind::partial);
  CHECK(kind(R"({"0":{"code":3}})", 1) == AnswerKind::reject);
}

TEST_CASE("gcp answer: an entry that was not sent, or a broken list, refuses nothing",
          "[sinks][gcp]") {
  for (const char* errors :
       {R"({"7":{"code":3}})", R"({"3":{"code":3}})", R"({"x":{"code":3}})", R"({"-1":{}})"}) {
    const Verdict verdict = classify_gcp_answer(partial_answer(errors), 3);
    CHECK(verdict.kind == AnswerKind::retry);
    CHECK(verdict.items.empty());
  }
  CHECK(classify_gcp_answer(partial_answer("{}"), 3).kind == AnswerKind::split);
  CHECK(classify_gcp_answer(partial_answer("[1]"), 3).kind == AnswerKind::split);
}
