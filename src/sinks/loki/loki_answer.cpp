#include "sinks/loki/loki_answer.hpp"

#include <charconv>
#include <optional>

#include "sinks/answer.hpp"
#include "sinks/loki/loki_refusal.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

constexpr AnswerRow kLokiAnswers[] = {
    // 260 by default, but an administrator may choose any status for it.
    {201, 599, "ingestion blocked", Kind::hold},
    {200, 259, "", Kind::ok},
    {260, 299, "", Kind::hold},
    {300, 399, "", Kind::hold},
    // gRPC's limit between Loki's parts, which surfaces as 400 or 500.
    {400, 599, "message larger than max", Kind::split},
    {400, 400, "tenant ID", Kind::hold},
    {400, 400, "org ID", Kind::hold},
    // The request could not be read: nothing is stored. Refused entries are distinguished below.
    {400, 400, "", Kind::split},
    {401, 401, "", Kind::hold},
    {403, 403, "", Kind::hold},
    {404, 404, "", Kind::hold},
    {408, 408, "", Kind::retry},
    {413, 413, "", Kind::split},
    {422, 422, "", Kind::split},
    {429, 429, "", Kind::retry},
    {400, 499, "", Kind::hold},
    {500, 599, "", Kind::retry},
};

/// True if the request alone exceeds what the tenant may send in a second: it may never pass, but
/// its halves will. The burst limit that really applies is not in the text; a smaller request does
/// no harm. A single record above the limit would hold up all others forever.
bool request_exceeds_rate(std::string_view body) {
  const auto number_after = [&](std::string_view mark) -> std::optional<std::uint64_t> {
    const std::size_t at = body.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = body.substr(at + mark.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || end == rest.data()) return std::nullopt;
    return number;
  };
  if (body.find("Ingestion rate limit exceeded") == std::string_view::npos) return false;
  const auto limit = number_after("(limit: ");
  const auto total = number_after("totaling '");
  return limit && total && *total > *limit;
}

}  // namespace

Verdict classify_loki_answer(const HttpResponse& response, const LokiStreams& streams,
                             std::span<const Record> records) {
  Verdict verdict = classify_answer(kLokiAnswers, response);
  if (response.status == 429 && request_exceeds_rate(response.body)) {
    verdict.kind = streams.records() > 1 ? Kind::split : Kind::reject;
    verdict.retry_after.reset();
  }
  if (response.status == 400 && verdict.kind == Kind::split) {
    LokiRefusals refusals = read_loki_refusals(response.body, streams, records);
    if (!refusals.items.empty() || refusals.unnamed != 0) {
      verdict.kind = Kind::partial;
      verdict.items = std::move(refusals.items);
      verdict.unnamed_rejections = refusals.unnamed;
    }
  }
  return verdict;
}

}  // namespace ship
