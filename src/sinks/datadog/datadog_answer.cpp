#include "sinks/datadog/datadog_answer.hpp"

#include <string>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

constexpr AnswerRow kDatadogAnswers[] = {
    {200, 299, "", Kind::ok},    {300, 399, "", Kind::hold},  // redirects are not followed
    {400, 400, "", Kind::split},                              // a log that is none
    {401, 401, "", Kind::hold},  {403, 403, "", Kind::hold},  // the key
    {408, 408, "", Kind::retry}, {413, 413, "", Kind::split}, {429, 429, "", Kind::retry},
    {400, 499, "", Kind::hold},  {500, 599, "", Kind::retry},
};

/// {"errors":[{"status":"403","title":"Forbidden","detail":"API key is invalid"}]}
std::string told_by(const std::string& body) {
  FieldFinder errors({"errors"});
  const Field list = errors.find(body)[0];
  if (list.kind != JsonKind::array) return {};
  std::string told;
  FieldFinder parts({"detail", "title"});
  for_each_element(list.raw, [&](std::string_view element) {
    if (!told.empty()) return;
    const std::span<const Field> fields = parts.find(element);
    const Field& part = fields[0].kind == JsonKind::string ? fields[0] : fields[1];
    if (part.kind == JsonKind::string) told = one_line(part.text, 300);
  });
  return told;
}

}  // namespace

Verdict classify_datadog_answer(const HttpResponse& response) {
  Verdict verdict = classify_answer(kDatadogAnswers, response);
  if (verdict.kind == Kind::ok) return verdict;
  const std::string told = told_by(response.body);
  const bool is_of_the_key = response.status == 401 || response.status == 403;
  if (told.empty() && !is_of_the_key) return verdict;
  verdict.reason = "HTTP " + std::to_string(response.status) + (told.empty() ? "" : ": ") + told;
  if (is_of_the_key) {
    verdict.reason += " (check api_key, and that the site is the account's own)";
  }
  return verdict;
}

}  // namespace ship
