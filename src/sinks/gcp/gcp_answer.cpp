#include "sinks/gcp/gcp_answer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "record/json_walk.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

constexpr AnswerRow kGcpAnswers[] = {
    {200, 299, "", Kind::ok},    {300, 399, "", Kind::hold},  {400, 400, "", Kind::split},
    {401, 401, "", Kind::hold},  {403, 403, "", Kind::hold},  {404, 404, "", Kind::hold},
    {408, 408, "", Kind::retry}, {413, 413, "", Kind::split}, {429, 429, "", Kind::retry},
    {400, 499, "", Kind::hold},  {500, 599, "", Kind::retry},
};

/// The codes of google.rpc.Code that an entry's own error may have; all others refuse the entry.
struct EntryCode {
  int code;
  Kind kind;
};
constexpr EntryCode kEntryCodes[] = {
    {1, Kind::retry},   // CANCELLED
    {4, Kind::retry},   // DEADLINE_EXCEEDED
    {5, Kind::hold},    // NOT_FOUND
    {7, Kind::hold},    // PERMISSION_DENIED
    {8, Kind::retry},   // RESOURCE_EXHAUSTED
    {10, Kind::retry},  // ABORTED
    {13, Kind::retry},  // INTERNAL
    {14, Kind::retry},  // UNAVAILABLE
    {16, Kind::hold},   // UNAUTHENTICATED
};

Kind entry_kind(int code) {
  const auto row = std::find_if(std::begin(kEntryCodes), std::end(kEntryCodes),
                                [code](const EntryCode& known) { return known.code == code; });
  return row == std::end(kEntryCodes) ? Kind::reject : row->kind;
}

int whole_number(std::string_view text) {
  int value = -1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size() ? value : -1;
}

/// {"3":{"code":3,"message":"…"}}: false where it names an entry that was not sent.
bool read_entry_errors(const JsonValue& errors, std::size_t entries, int status,
                       std::vector<Verdict::Item>& items, bool& all_hold) {
  for (JsonWalk walk(errors); walk.next();) {
    const int index = whole_number(walk.key());
    if (index < 0 || static_cast<std::size_t>(index) >= entries) return false;
    int code = 0;
    std::string told;
    for (JsonWalk part(walk.value()); part.next();) {
      if (part.key() == "code") code = whole_number(part.value().raw);
      if (part.key() == "message") told = one_line(part.value().text(), 300);
    }
    const Kind kind = entry_kind(code);
    all_hold = all_hold && kind == Kind::hold;
    items.push_back({static_cast<std::uint32_t>(index), kind != Kind::reject, status,
                     told.empty() ? "refused with code " + std::to_string(code) : told});
  }
  std::sort(items.begin(), items.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  const auto same = [](const auto& a, const auto& b) { return a.index == b.index; };
  items.erase(std::unique(items.begin(), items.end(), same), items.end());
  return true;
}

}  // namespace

Verdict classify_gcp_answer(const HttpResponse& response, std::size_t entries) {
  Verdict verdict = classify_answer(kGcpAnswers, response);
  if (verdict.kind == Kind::ok) return verdict;
  FieldFinder finder({"error.message", "error.status", "error.details"});
  const std::span<const Field> fields = finder.find(response.body);
  const bool is_of_the_account = response.status == 401 || response.status == 403;
  const bool is_told = fields[0].kind == JsonKind::string;
  if (is_told || is_of_the_account) {
    verdict.reason = "HTTP " + std::to_string(response.status);
    if (fields[1].is_scalar()) verdict.reason += " " + one_line(fields[1].text, 60);
    if (is_told) verdict.reason += ": " + one_line(fields[0].text, 300);
  }
  if (is_of_the_account) {
    verdict.reason += " (the account needs the role roles/logging.logWriter in the project)";
  }
  if (fields[2].kind != JsonKind::array) return verdict;
  bool all_hold = true;
  bool whole = true;
  std::vector<Verdict::Item> items;
  for_each_element(fields[2].raw, [&](std::string_view detail) {
    const auto errors = json_value_at(detail, "logEntryErrors");
    if (errors && errors->is_object()) {
      whole = whole && read_entry_errors(*errors, entries, response.status, items, all_hold);
    }
  });
  if (items.empty() && whole) return verdict;
  if (!whole) {
    // Which entries were written nobody knows; all of them may go again, for their ids are the same.
    return Verdict::of(Kind::retry, response.status,
                       "the answer names an entry that was not sent: " + verdict.reason);
  }
  const bool all = items.size() == entries;
  const bool any_again =
      std::any_of(items.begin(), items.end(), [](const auto& item) { return item.retry; });
  const bool all_again =
      std::all_of(items.begin(), items.end(), [](const auto& item) { return item.retry; });
  verdict.reason = items.front().reason;
  if (all && all_again) {
    verdict.kind = all_hold ? Kind::hold : Kind::retry;
    return verdict;
  }
  verdict.kind = all && !any_again ? Kind::reject : Kind::partial;
  if (verdict.kind == Kind::reject && entries > 1) verdict.kind = Kind::partial;
  verdict.retry_after.reset();
  verdict.items = std::move(items);
  return verdict;
}

}  // namespace ship
