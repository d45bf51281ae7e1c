#include "sinks/splunk/splunk_answer.hpp"

#include "tests/catch.hpp"

using namespace ship;

namespace {

using SplunkKind = Verdict::Kind;

HttpResponse hec_answer(int status, int code, int event = -1) {
  HttpResponse response;
  response.status = status;
  response.body = R"({"text":"Some words","code":)" + std::to_string(code);
  if (event >= 0) response.body += R"(,"invalid-event-number":)" + std::to_string(event);
  response.body += "}";
  return response;
}

}  // namespace

TEST_CASE("splunk answer: each code means what the collector's documents say", "[sinks][splunk]") {
  struct Row {
    int status;
    int code;
    SplunkKind kind;
  };
  const Row rows[] = {
      {200, 0, SplunkKind::ok},     {403, 1, SplunkKind::hold},   {401, 2, SplunkKind::hold},
      {401, 3, SplunkKind::hold},   {403, 4, SplunkKind::hold},   {400, 5, SplunkKind::hold},
      {400, 6, SplunkKind::split},  {400, 7, SplunkKind::hold},   {500, 8, SplunkKind::retry},
      {503, 9, SplunkKind::retry},  {400, 10, SplunkKind::hold},  {400, 11, SplunkKind::hold},
      {400, 12, SplunkKind::split}, {400, 13, SplunkKind::split}, {400, 14, SplunkKind::hold},
      {400, 15, SplunkKind::split}, {400, 16, SplunkKind::hold},  {503, 18, SplunkKind::retry},
      {503, 19, SplunkKind::retry}, {503, 20, SplunkKind::retry}, {400, 21, SplunkKind::hold},
      {403, 22, SplunkKind::hold},  {503, 23, SplunkKind::retry}, {400, 99, SplunkKind::split},
      {429, 26, SplunkKind::retry}, {403, 99, SplunkKind::hold},  {503, 0, SplunkKind::retry},
      {200, 24, SplunkKind::ok},    {200, 25, SplunkKind::ok},    {200, 9, SplunkKind::retry},
  };
  for (const Row& row : rows) {
    INFO(row.status << " code " << row.code);
    const SplunkAnswer answer = classify_splunk_answer(hec_answer(row.status, row.code), 3, false);
    CHECK(answer.verdict.kind == row.kind);
    CHECK(answer.code == row.code);
    CHECK(answer.verdict.status == row.status);
    CHECK(answer.verdict.reason.empty() == (row.kind == SplunkKind::ok));
    CHECK(!answer.culprit);
  }
}

TEST_CASE("splunk answer: an answer without a code is a proxy's, and never success",
          "[sinks][splunk]") {
  const std::pair<int, SplunkKind> rows[] = {
      {200, SplunkKind::hold},  {301, SplunkKind::hold},  {400, SplunkKind::split},
      {401, SplunkKind::hold},  {403, SplunkKind::hold},  {404, SplunkKind::hold},
      {408, SplunkKind::retry}, {413, SplunkKind::split}, {429, SplunkKind::retry},
      {500, SplunkKind::retry}, {502, SplunkKind::retry}, {503, SplunkKind::retry}};
  for (const auto& [status, kind] : rows) {
    HttpResponse response;
    response.status = status;
    response.body = "<html>";
    response.retry_after = std::chrono::seconds(4);
    const Verdict verdict = classify_splunk_answer(response, 3, false).verdict;
    INFO("HTTP " << response.status);
    CHECK(verdict.kind == kind);
    const bool waits = verdict.kind == SplunkKind::retry || verdict.kind == SplunkKind::hold;
    CHECK(verdict.retry_after.has_value() == waits);
  }
}

TEST_CASE("splunk answer: the event that is singled out is refused and all others go again",
          "[sinks][splunk]") {
  for (const int code : {6, 12, 13, 15}) {
    INFO("code " << code);
    const SplunkAnswer answer = classify_splunk_answer(hec_answer(400, code, 1), 3, false);
    CHECK(answer.culprit == std::uint32_t{1});
    CHECK(answer.verdict.kind == SplunkKind::partial);
    REQUIRE(answer.verdict.items.size() == 3);
    CHECK(answer.verdict.items[0].retry);
    CHECK(!answer.verdict.items[1].retry);
    CHECK(answer.verdict.items[2].retry);
  }
  // A number that no event has helps nobody: the batch is halved.
  CHECK(classify_splunk_answer(hec_answer(400, 6, 3), 3, false).verdict.kind == SplunkKind::split);
}

TEST_CASE("splunk answer: a wrong index is the operator's, or the event's where it came from data",
          "[sinks][splunk]") {
  CHECK(classify_splunk_answer(hec_answer(400, 7, 1), 3, false).verdict.kind == SplunkKind::hold);
  CHECK(classify_splunk_answer(hec_answer(400, 7, 1), 3, true).culprit == std::uint32_t{1});
  CHECK(classify_splunk_answer(hec_answer(400, 7), 3, true).verdict.kind == SplunkKind::split);
}
