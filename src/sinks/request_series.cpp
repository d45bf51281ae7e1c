#include "sinks/request_series.hpp"

#include <algorithm>
#include <utility>

namespace ship {
namespace {

using Kind = Verdict::Kind;

/// What the requests of one batch came to so far.
class SeriesOutcome {
 public:
  explicit SeriesOutcome(std::size_t records) : records_(records) {}

  bool failed() const { return failure_.has_value(); }

  void refuse(std::uint32_t record, std::string reason) {
    whole_.items.push_back({record, false, 0, std::move(reason)});
  }

  void took(Verdict verdict, std::span<const std::uint32_t> sent) {
    whole_.bytes_sent += verdict.bytes_sent;
    if (verdict.kind == Kind::ok || verdict.kind == Kind::partial) {
      whole_.status = verdict.status;
      if (verdict.retry_after) whole_.retry_after = verdict.retry_after;
      for (Verdict::Item& item : verdict.items) {
        item.index = sent[item.index];
        whole_.items.push_back(std::move(item));
      }
      if (sent.size() == records_) whole_.reason = std::move(verdict.reason);
      stored_ = true;
      return;
    }
    const bool refused = verdict.kind == Kind::reject;
    for (const std::uint32_t record : sent) {
      whole_.items.push_back({record, !refused, verdict.status, verdict.reason});
    }
    if (refused) {
      whole_.status = verdict.status;
      whole_.reason = std::move(verdict.reason);
    } else {
      failure_ = std::move(verdict);
    }
  }

  /// With an earlier request at fault this one is not even tried.
  void leave_out(std::uint32_t record) {
    whole_.items.push_back({record, true, failure_->status, failure_->reason});
  }

  Verdict verdict() {
    const bool none_refused = std::all_of(whole_.items.begin(), whole_.items.end(),
                                          [](const auto& i) { return i.retry; });
    if (failure_ && !stored_ && none_refused) return *std::move(failure_);
    if (whole_.items.empty()) return std::move(whole_);
    std::sort(whole_.items.begin(), whole_.items.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    const bool all = whole_.items.size() == records_ && !stored_ && !failure_;
    whole_.kind = all ? Kind::reject : Kind::partial;
    if (failure_) {
      whole_.status = failure_->status;
      whole_.reason = failure_->reason;
      whole_.retry_after = failure_->retry_after;
    } else if (whole_.reason.empty()) {
      whole_.reason = whole_.items.front().reason;
    }
    return std::move(whole_);
  }

 private:
  const std::size_t records_;
  Verdict whole_;
  std::optional<Verdict> failure_;
  bool stored_ = false;
};

}  // namespace

void RequestSeries::reserve(std::span<const Record> records) {
  std::size_t bytes = form_.open.size() + form_.close.size();
  for (const Record& record : records) bytes += record.line.size() + overhead_;
  body_.clear();
  body_.reserve(std::min(bytes, form_.max_bytes));
}

Verdict RequestSeries::send(std::span<const Record> records, const Append& append,
                            const Post& post) {
  SeriesOutcome outcome(records.size());
  std::vector<std::uint32_t> sent;
  std::size_t line_bytes = 0;  // of those in the request
  reserve(records);
  body_ = form_.open;
  const auto flush = [&] {
    if (!sent.empty()) {
      body_ += form_.close;
      overhead_ =
          std::max(overhead_, (body_.size() - std::min(body_.size(), line_bytes)) / sent.size());
      outcome.took(post(body_, sent.size()), sent);
    }
    sent.clear();
    line_bytes = 0;
    body_ = form_.open;
  };
  for (std::uint32_t i = 0; i < records.size(); ++i) {
    if (outcome.failed()) {
      outcome.leave_out(i);
      continue;
    }
    const std::size_t before = body_.size();
    if (!sent.empty()) body_ += form_.separator;
    const std::size_t at = body_.size();
    std::optional<std::string> refusal = append(records[i], body_);
    if (!refusal && form_.max_entry_bytes > 0 && body_.size() - at > form_.max_entry_bytes) {
      refusal = form_.too_long;
    }
    if (refusal) {
      body_.resize(before);
      outcome.refuse(i, *std::move(refusal));
      continue;
    }
    const bool full =
        sent.size() == form_.max_entries || body_.size() + form_.close.size() > form_.max_bytes;
    if (full && !sent.empty()) {
      const std::string entry = body_.substr(at);
      body_.resize(before);
      flush();
      if (outcome.failed()) {
        outcome.leave_out(i);
        continue;
      }
      body_ += entry;
    }
    sent.push_back(i);
    line_bytes += records[i].line.size();
  }
  flush();
  return outcome.verdict();
}

std::string RequestSeries::text(std::span<const Record> records, const Append& append) {
  std::string text;
  const Verdict verdict = send(records, append, [&text](std::string_view body, std::size_t) {
    text.append(body).append("\n");
    return Verdict();
  });
  for (const Verdict::Item& item : verdict.items) text += "refused: " + item.reason + "\n";
  return text;
}

}  // namespace ship
