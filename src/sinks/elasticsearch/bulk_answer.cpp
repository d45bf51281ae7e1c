#include "sinks/elasticsearch/bulk_answer.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

constexpr AnswerRow kBulkAnswers[] = {
    {200, 299, "", Kind::ok},  // the items decide
    {300, 399, "", Kind::hold},  {400, 400, "", Kind::split}, {401, 401, "", Kind::hold},
    {403, 403, "", Kind::hold},  {404, 404, "", Kind::hold},  {408, 408, "", Kind::retry},
    {413, 413, "", Kind::split}, {429, 429, "", Kind::retry}, {400, 499, "", Kind::hold},
    {500, 599, "", Kind::retry},
};

constexpr AnswerRow kItemAnswers[] = {
    {200, 299, "", Kind::ok},
    // These are about the configuration, not the record.
    {400, 400, "only write ops with an op_type of create", Kind::hold},
    {400, 400, "no write index is defined", Kind::hold},
    {400, 400, "shards open", Kind::hold},
    {400, 400, "", Kind::reject},
    {401, 401, "", Kind::hold},
    {403, 403, "", Kind::hold},
    {404, 404, "", Kind::hold},
    {408, 408, "", Kind::retry},
    {409, 409, "", Kind::retry},
    {429, 429, "", Kind::retry},
    {400, 499, "", Kind::reject},
    {500, 599, "", Kind::retry},
};

struct Item {
  int status = 0;
  std::string reason;
};

/// Reads {"create":{"status":400,"error":{"type":"…","reason":"…"}}}, or the same with index.
Item read_item(FieldFinder& finder, std::string_view text) {
  Item item;
  const std::span<const Field> fields = finder.find(text);
  for (std::size_t op = 0; op < fields.size(); op += 3) {
    const Field& status = fields[op];
    if (status.kind != JsonKind::number) continue;
    std::from_chars(status.text.data(), status.text.data() + status.text.size(), item.status);
    item.reason = "HTTP " + std::to_string(item.status);
    for (const Field& part : {fields[op + 1], fields[op + 2]}) {
      if (part.is_scalar()) item.reason.append(": ").append(one_line(part.text, 300));
    }
  }
  return item;
}

/// Combines what the items say. `verdict` is ok, with the status of the whole answer.
void settle_items(Verdict& verdict, std::string_view items, const BulkRequest& request) {
  const std::size_t records = request.records;
  FieldFinder finder({"create.status", "create.error.type", "create.error.reason", "index.status",
                      "index.error.type", "index.error.reason"});
  std::size_t count = 0;
  std::size_t retries = 0;
  std::string hold_reason;
  int hold_status = 0;
  const bool whole = for_each_element(items, [&](std::string_view text) {
    const auto index = static_cast<std::uint32_t>(count++);
    Item item = read_item(finder, text);
    Kind kind = find_kind(kItemAnswers, item.status, item.reason);
    bool duplicate = false;
    if (request.creates && item.status == 409) {
      kind = Kind::ok;
      duplicate = index < records && request.first_with_own_id[index];
    }
    if (kind == Kind::ok && !duplicate) return;
    if (kind == Kind::hold && hold_status == 0) {
      hold_status = item.status;
      hold_reason = item.reason;
    }
    retries += kind == Kind::retry;
    verdict.items.push_back(
        {index, kind == Kind::retry, item.status, std::move(item.reason), duplicate});
  });
  if (!whole || count != records) {
    verdict = Verdict::of(Kind::retry, verdict.status,
                          "the answer to the bulk request is cut off, or is not for all records");
  } else if (hold_status != 0) {
    verdict = Verdict::of(Kind::hold, hold_status, std::move(hold_reason));
  } else if (!verdict.items.empty()) {
    const Verdict::Item first = verdict.items.front();
    verdict.reason = first.reason;
    if (retries == records) {
      verdict = Verdict::of(Kind::retry, first.status, first.reason);
    } else {
      verdict.kind = Kind::partial;
      verdict.status = first.status;
    }
  }
}

}  // namespace

Verdict classify_bulk_answer(const HttpResponse& response, const BulkRequest& request) {
  Verdict verdict = classify_answer(kBulkAnswers, response);
  if (verdict.kind != Kind::ok) return verdict;
  FieldFinder finder({"errors", "items"});
  const std::span<const Field> fields = finder.find(response.body);
  const Field& errors = fields[0];
  const Field& items = fields[1];
  if (errors.kind == JsonKind::boolean && errors.text == "false") return verdict;
  if (items.kind == JsonKind::array) {
    settle_items(verdict, items.raw, request);
    return verdict;
  }
  if (errors.kind == JsonKind::boolean || response.body.find("\"errors\"") < 200) {
    return Verdict::of(Kind::retry, response.status, "the answer to the bulk request is cut off");
  }
  return Verdict::of(Kind::hold, response.status,
                     "the answer is not one to a bulk request; is this Elasticsearch? It says: " +
                         one_line(response.body, 200));
}

}  // namespace ship
