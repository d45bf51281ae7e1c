#include "sinks/answer.hpp"

#include "net/answer_text.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

HttpResponse response(int status, std::string body = {}) {
  HttpResponse result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

}  // namespace

TEST_CASE("http answers: each status means what the table says", "[answer]") {
  struct Row {
    int status;
    Kind kind;
  };
  const Row row = GENERATE(values<Row>({
      {200, Kind::ok},    {201, Kind::ok},    {202, Kind::ok},    {204, Kind::ok},
      {299, Kind::ok},    {300, Kind::hold},  {301, Kind::hold},  {302, Kind::hold},
      {307, Kind::hold},  {308, Kind::hold},  {400, Kind::split}, {401, Kind::hold},
      {402, Kind::hold},  {403, Kind::hold},  {404, Kind::hold},  {405, Kind::hold},
      {408, Kind::retry}, {409, Kind::hold},  {410, Kind::hold},  {413, Kind::split},
      {415, Kind::split}, {418, Kind::hold},  {422, Kind::split}, {425, Kind::retry},
      {429, Kind::retry}, {431, Kind::hold},  {499, Kind::hold},  {500, Kind::retry},
      {501, Kind::retry}, {502, Kind::retry}, {503, Kind::retry}, {504, Kind::retry},
      {507, Kind::retry}, {599, Kind::retry}, {600, Kind::retry}, {199, Kind::retry},
  }));
  CAPTURE(row.status);
  const Verdict verdict = classify_http_answer(response(row.status, "why"));
  CHECK(verdict.kind == row.kind);
  CHECK(verdict.status == row.status);
  CHECK(verdict.reason.empty() == (row.kind == Kind::ok));
}

TEST_CASE("http answers: a proxy that misses a certificate speaks of the set-up", "[answer]") {
  HttpResponse response;
  response.status = 400;
  response.body = "<html><head><title>400 No required SSL certificate was sent</title></head>";
  const Verdict verdict = classify_http_answer(response);
  CHECK(verdict.kind == Verdict::Kind::hold);
  CHECK(verdict.reason ==
        "HTTP 400: the server says \"No required SSL certificate was sent\" (set cert_file and "
        "key_file)");
  response.status = 413;
  CHECK(classify_http_answer(response).kind == Verdict::Kind::split);
}

TEST_CASE("http answers: Retry-After goes with retry and hold, and nothing else", "[answer]") {
  for (const auto& [status, kept] :
       {std::pair(503, true), std::pair(429, true), std::pair(401, true), std::pair(413, false)}) {
    HttpResponse answer = response(status);
    answer.retry_after = std::chrono::seconds(7);
    CHECK(classify_http_answer(answer).retry_after.has_value() == kept);
  }
}

TEST_CASE("http answers: no answer is a retry, a wrong set-up a hold", "[answer]") {
  const Verdict retry = classify_no_answer(Error{ErrorKind::transient, "h:1: refused"});
  CHECK(retry.kind == Kind::retry);
  CHECK(retry.reason == "h:1: refused");
  CHECK(retry.status == 0);
  CHECK(classify_no_answer(Error{ErrorKind::config, "no token"}).kind == Kind::hold);
  CHECK(classify_no_answer(Error{ErrorKind::permanent, "no memory"}).kind == Kind::hold);
}

TEST_CASE("http answers: a reason is one line that says what to do", "[answer]") {
  CHECK(describe_answer(503, "") == "HTTP 503 Service Unavailable");
  CHECK(describe_answer(503, "try\r\n\tlater\n") == "HTTP 503 Service Unavailable: try later");
  CHECK(describe_answer(401, "") == "HTTP 401 Unauthorized (check the credentials)");
  CHECK(describe_answer(302, "x").find("redirects are not followed") != std::string::npos);
  CHECK(describe_answer(418, "teapot") == "HTTP 418: teapot");
  CHECK(describe_answer(502, " <html><body>nginx</body></html>") == "HTTP 502 Bad Gateway");
  CHECK(describe_answer(400, std::string(5000, 'a')).size() < 350);
}

TEST_CASE("http answers: text for people is cut on whole characters", "[answer]") {
  CHECK(one_line("  a  b\x01\x7f"
                 "c ",
                 100) == "a b c");
  // What acts on a terminal or on who reads, in one byte or in more: U+009B, U+202E, U+2028.
  CHECK(one_line("a\xC2\x9B"
                 "31m\xE2\x80\xAE"
                 "b\xE2\x80\xA8"
                 "c",
                 100) == "a 31m b c");
  CHECK(one_line("aé", 2) == "a");
  CHECK(one_line("aé", 3) == "aé");
  CHECK(one_line("a b", 2) == "a");
  CHECK(one_line("a\xff\xc3(\xf0\x9f\xa6", 100) ==
        "a?"
        "?("
        "??"
        "?");
  CHECK(one_line("\xed\xa0\x80", 100) == "???");  // a surrogate is no character
  CHECK(one_line("🦀", 100) == "🦀");
  CHECK(one_line("\n \n", 100).empty());
}

}  // namespace ship
