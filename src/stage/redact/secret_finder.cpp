#include "stage/redact/secret_finder.hpp"

#include <algorithm>

namespace ship {

using Hit = PatternSet::Hit;
using Kind = RedactionPlan::Meaning::Kind;

SecretFinder::SecretFinder(std::shared_ptr<const RedactionPlan> plan) : plan_(std::move(plan)) {
  if (plan_->scanner) scratch_ = std::make_unique<PatternSet::Scratch>(*plan_->scanner);
}

bool SecretFinder::find(std::string_view text, std::span<const Hit> hits, bool users,
                        Edits& edits) {
  secrets_.clear();
  replaced_.clear();
  add_secrets(text, hits);
  if (users && !add_users(text)) {
    replace_whole(text, edits);
    return true;
  }
  if (!secrets_.empty()) replace_all(text, edits);
  return true;
}

void SecretFinder::add_secrets(std::string_view text, std::span<const Hit> hits) {
  examined_.assign(plan_->meanings.size(), 0);
  for (const Hit& hit : hits) {
    const RedactionPlan::Meaning& meaning = plan_->meanings[hit.pattern];
    if (meaning.kind != Kind::secret) continue;
    std::size_t& examined = examined_[hit.pattern];
    for (std::size_t end = std::max<std::size_t>(hit.first_end, examined + 1); end <= hit.end;
         end = examined + 1) {
      const Extent extent = meaning.find(text, end);
      examined = std::max(extent.examined_end, end);
      if (extent.found()) {
        secrets_.push_back(
            {extent.begin, extent.end, meaning.action, meaning.shown, meaning.rule, 0});
      }
    }
  }
}

bool SecretFinder::scan_and_find(std::string_view text, std::size_t layers, Edits& edits) {
  secrets_.clear();
  replaced_.clear();
  reading_.start(text);
  while (true) {
    const std::size_t known = secrets_.size();
    hits_.clear();
    const auto scanned = plan_->scanner
                             ? plan_->scanner->scan(reading_.text(), *scratch_, hits_, kMostHits)
                             : PatternSet::Scan::done;
    if (scanned == PatternSet::Scan::failed) return false;
    // More of them than any meaningful text has.
    const bool all = scanned == PatternSet::Scan::done;
    if (all) add_secrets(reading_.text(), hits_);
    if (!all || !add_users(reading_.text())) {
      replace_whole(text, edits);
      return true;
    }
    for (std::size_t i = known; i < secrets_.size(); ++i) {
      secrets_[i].begin = reading_.begin_of(secrets_[i].begin);
      secrets_[i].end = reading_.end_of(secrets_[i].end);
      secrets_[i].depth = reading_.depth();
    }
    if (reading_.depth() == layers || !reading_.next()) break;
  }
  if (!secrets_.empty()) replace_all(text, edits);
  return true;
}

// False: there are too many matches.
bool SecretFinder::add_users(std::string_view text) {
  user_matches_.clear();
  if (!plan_->users.find(text, user_matches_)) return false;
  for (const UserPatterns::Match& match : user_matches_) {
    const RedactionPlan::UserMeaning& meaning = plan_->user_meanings[match.pattern];
    secrets_.push_back(
        {match.begin, match.end, meaning.action, Shown::email_domain, meaning.rule, 0});
  }
  return true;
}

// Overlapping secrets count as one; if their actions differ it is masked, and it shows the least
// that any of them allows.
void SecretFinder::replace_all(std::string_view text, Edits& edits) {
  const auto before = [](const Secret& a, const Secret& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    return a.end != b.end ? a.end > b.end : a.rule < b.rule;
  };
  std::sort(secrets_.begin(), secrets_.end(), before);
  Secret joined = secrets_.front();
  const auto replace = [&] {
    std::string_view secret = text.substr(joined.begin, joined.end - joined.begin);
    if (joined.depth > 0) {
      undone_ = with_escapes_undone(secret, joined.depth);
      secret = undone_;
    }
    if (secret.empty() || plan_->mask.is_masked(secret, joined.shown)) return;
    replacement_.clear();
    plan_->mask.append(replacement_, joined.action, secret, joined.shown);
    replaced_.push_back(joined);
    edits.replace(joined.begin, joined.end, replacement_);
  };
  for (std::size_t i = 1; i < secrets_.size(); ++i) {
    const Secret& next = secrets_[i];
    if (next.begin >= joined.end) {
      replace();
      joined = next;
      continue;
    }
    const bool within = next.end < joined.end || next.begin > joined.begin;
    if (next.action != joined.action && (next.end > joined.end || !within))
      joined.action = RedactAction::mask;
    joined.end = std::max(joined.end, next.end);
    joined.shown = std::min(joined.shown, next.shown);
    joined.depth = std::max(joined.depth, next.depth);
  }
  replace();
}

void SecretFinder::replace_whole(std::string_view text, Edits& edits) {
  replacement_.clear();
  plan_->mask.append(replacement_, RedactAction::mask, text, Shown::nothing);
  edits.replace(0, text.size(), replacement_);
}

}  // namespace ship
