#include "sinks/s3/s3_answer.hpp"

#include <algorithm>
#include <iterator>

#include "net/answer_text.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

enum class About : std::uint8_t { request, credentials, clock, region };

struct CodeRow {
  std::string_view code;
  Kind kind;
  About about = About::request;
  std::string_view advice = {};
};

constexpr CodeRow kCodes[] = {
    {"SlowDown", Kind::retry},
    {"SlowDownWrite", Kind::retry},
    {"ServiceUnavailable", Kind::retry},
    {"Throttling", Kind::retry},
    {"ThrottlingException", Kind::retry},
    {"TooManyRequests", Kind::retry},
    {"RequestLimitExceeded", Kind::retry},
    {"BandwidthLimitExceeded", Kind::retry},
    {"InternalError", Kind::retry},
    {"RequestTimeout", Kind::retry},
    {"OperationAborted", Kind::retry},
    {"ConditionalRequestConflict", Kind::retry},
    // What arrived is not what was sent.
    {"BadDigest", Kind::retry},
    {"IncompleteBody", Kind::retry},
    {"XAmzContentSHA256Mismatch", Kind::retry},
    {"XAmzContentChecksumMismatch", Kind::retry},
    {"EntityTooLarge", Kind::split},
    {"AccessDenied", Kind::hold, About::request, "the credentials need s3:PutObject"},
    {"AllAccessDisabled", Kind::hold},
    {"AccountProblem", Kind::hold},
    {"InvalidAccessKeyId", Kind::hold, About::credentials, "check the credentials"},
    {"SignatureDoesNotMatch", Kind::hold, About::credentials, "check the credentials"},
    {"ExpiredToken", Kind::hold, About::credentials, "check the credentials"},
    {"InvalidToken", Kind::hold, About::credentials, "check the credentials"},
    {"TokenRefreshRequired", Kind::hold, About::credentials, "check the credentials"},
    {"InvalidSecurity", Kind::hold, About::credentials, "check the credentials"},
    {"RequestTimeTooSkewed", Kind::hold, About::clock, "this machine's clock is wrong: set it"},
    {"RequestExpired", Kind::hold, About::clock, "this machine's clock is wrong: set it"},
    {"NoSuchBucket", Kind::hold, About::request, "make the bucket, or correct the sink's url"},
    {"InvalidBucketName", Kind::hold, About::request, "correct the sink's url"},
    {"InvalidBucketState", Kind::hold},
    {"InvalidStorageClass", Kind::hold},
    {"KeyTooLongError", Kind::hold, About::request, "shorten prefix or key"},
    {"MethodNotAllowed", Kind::hold},
    {"NotImplemented", Kind::hold},
    {"QuotaExceeded", Kind::hold, About::request, "the bucket is full"},
    {"XMinioAdminBucketQuotaExceeded", Kind::hold, About::request, "the bucket is full"},
    {"AuthorizationHeaderMalformed", Kind::hold, About::region},
    {"IllegalLocationConstraintException", Kind::hold, About::region},
    {"PermanentRedirect", Kind::hold, About::region},
    {"TemporaryRedirect", Kind::hold, About::region},
    {"Redirect", Kind::hold, About::region},
};

constexpr AnswerRow kStatuses[] = {
    {200, 299, "", Kind::ok},    {300, 399, "", Kind::hold},  {408, 408, "", Kind::retry},
    {413, 413, "", Kind::split}, {429, 429, "", Kind::retry}, {400, 499, "", Kind::hold},
    {501, 501, "", Kind::hold},  {500, 599, "", Kind::retry},
};

/// The text between <name> and </name>; empty where there is none.
std::string_view element_text(std::string_view xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  xml.remove_prefix(begin + open.size());
  const std::size_t end = xml.find('<');
  return end == std::string_view::npos ? std::string_view() : xml.substr(0, end);
}

/// What to do about a bucket that is somewhere else.
std::string region_advice(std::string_view xml, std::string_view region) {
  const std::string right = one_line(element_text(xml, "Region"), 60);
  const std::string endpoint = one_line(element_text(xml, "Endpoint"), 200);
  if (!right.empty() && right != region) return "set region = \"" + right + "\"";
  if (!endpoint.empty()) return "the bucket is at " + endpoint + ": set region accordingly";
  return "the bucket is not in " + std::string(region) + ": set region";
}

}  // namespace

S3Answer classify_s3_answer(const HttpResponse& response, std::string_view region) {
  S3Answer answer;
  Verdict& verdict = answer.verdict;
  verdict = classify_answer(kStatuses, response);
  answer.is_list = response.body.find("<ListBucketResult") != std::string::npos;
  if (response.status / 100 == 2) return answer;
  if (response.body.find("<Error>") != std::string::npos) {
    answer.code = one_line(element_text(response.body, "Code"), 100);
  }
  const auto* row = std::find_if(std::begin(kCodes), std::end(kCodes),
                                 [&](const CodeRow& one) { return one.code == answer.code; });
  About about = response.status / 100 == 3 ? About::region : About::request;
  std::string advice;
  if (row != std::end(kCodes)) {
    verdict.kind = row->kind;
    about = row->about;
    advice = row->advice;
  }
  answer.about_credentials = about == About::credentials;
  if (about == About::region) advice = region_advice(response.body, region);
  if (!answer.code.empty()) {
    verdict.reason = "HTTP " + std::to_string(response.status) + ": " + answer.code;
    const std::string message = one_line(element_text(response.body, "Message"), 300);
    if (!message.empty()) verdict.reason += ": " + message;
  }
  if (!advice.empty()) verdict.reason += " (" + advice + ")";
  verdict.retry_after.reset();
  if (verdict.kind == Kind::retry || verdict.kind == Kind::hold) {
    verdict.retry_after = response.retry_after;
  }
  return answer;
}

}  // namespace ship
