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
        secrets_.push_back({extent.begin, extent.end, meaning.action, meaning.shown, meaning.rule});
      }
    }
  }
  if (users && !add_users(text)) {
    replace_whole(text, edits);
    return true;
  }
  if (!secrets_.empty()) replace_all(text, edits);
  return true;
}

bool SecretFinder::scan_and_find(std::string_view text, Edits& edits) {
  hits_.clear();
  replaced_.clear();
  if (plan_->scanner) {
    switch (plan_->scanner->scan(text, *scratch_, hits_, kMostHits)) {
      case PatternSet::Scan::failed:
        return false;
      case PatternSet::Scan::too_many:
        // More of them than any text of worth has.
        replace_whole(text, edits);
        return true;
      case PatternSet::Scan::done:
        break;
    }
  }
  return find(text, hits_, true, edits);
}

// False: there are too many matches.
bool SecretFinder::add_users(std::string_view text) {
  user_matches_.clear();
  if (!plan_->users.find(text, user_matches_)) return false;
  for (const UserPatterns::Match& match : user_matches_) {
    const RedactionPlan::UserMeaning& meaning = plan_->user_meanings[match.pattern];
    secrets_.push_back({match.begin, match.end, meaning.action, Shown::email_domain, meaning.rule});
  }
  return true;
}

// Secrets that overlap are one; where they ask for different things it is masked, and
// of what it may show it shows the least.
void SecretFinder::replace_all(std::string_view text, Edits& edits) {
  const auto before = [](const Secret& a, const Secret& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    return a.end != b.end ? a.end > b.end : a.rule < b.rule;
  };
  std::sort(secrets_.begin(), secrets_.end(), before);
  Secret joined = secrets_.front();
  const auto replace = [&] {
    const std::string_view secret = text.substr(joined.begin, joined.end - joined.begin);
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
  }
  replace();
}

void SecretFinder::replace_whole(std::string_view text, Edits& edits) {
  replacement_.clear();
  plan_->mask.append(replacement_, RedactAction::mask, text, Shown::nothing);
  edits.replace(0, text.size(), replacement_);
}

}  // namespace ship
