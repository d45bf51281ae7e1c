#include "stage/redact/user_patterns.hpp"

#include <algorithm>

namespace ship {
namespace {

constexpr std::size_t kMostMatches = 65536;
// How far past the previous match to search at first; doubled until a match ends within it.
constexpr std::size_t kWindow = 16384;
// All searches of one pattern in a text may look at this many bytes in total, and at this many for
// each byte of the text: every expression stays linear.
constexpr std::size_t kSearchedBytes = 64 << 20;
constexpr std::size_t kSearchedTimes = 1024;

// Whether a match depends on where the text begins or ends: the whole line then says nothing.
bool has_anchors(std::string_view regex) {
  bool in_class = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '\\' && i + 1 < regex.size()) {
      ++i;
      if (!in_class && (regex[i] == 'A' || regex[i] == 'z')) return true;
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      // "[]a]" and "[^]a]" include the bracket.
      if (i + 1 < regex.size() && regex[i + 1] == '^') ++i;
      if (i + 1 < regex.size() && regex[i + 1] == ']') ++i;
    } else if (c == '^' || c == '$') {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<void> UserPatterns::add(const std::string& regex) {
  auto pattern = LinePattern::compile(regex);
  if (!pattern) return std::move(pattern).error();
  if (pattern.value().find("", 0, 0)) {
    return Error{ErrorKind::config,
                 "'" + regex + "' matches the empty text, so it would match everywhere"};
  }
  patterns_.push_back(std::move(pattern).value());
  anchored_ = anchored_ || has_anchors(regex);
  any_ += (any_.empty() ? "(?:" : "|(?:") + regex + ")";
  return {};
}

void UserPatterns::finish() {
  // Two of them may use the same group name, or all together may be too large; then there is no
  // quick check.
  if (auto some = LinePattern::compile(any_); some && !empty()) some_ = std::move(some).value();
}

bool UserPatterns::may_match(std::string_view line) const {
  if (empty()) return false;
  return anchored_ || !some_ || some_->matches(line);
}

bool UserPatterns::find(std::string_view text, std::vector<Match>& matches) const {
  const std::size_t most_searched = kSearchedBytes + kSearchedTimes * text.size();
  for (std::uint32_t pattern = 0; pattern < patterns_.size(); ++pattern) {
    std::size_t at = 0, window = kWindow, searched = 0;
    while (at < text.size()) {
      const std::size_t end = at + std::min(window, text.size() - at);
      searched += end - at;
      if (searched > most_searched) return false;
      const auto match = patterns_[pattern].find(text, at, end);
      // A match that ends with the window may continue after it.
      if (end < text.size() && (!match || match->end == end)) {
        window *= 2;
        continue;
      }
      if (!match) break;
      window = kWindow;
      at = std::max(match->end, at + 1);
      if (match->begin == match->end) continue;
      if (matches.size() == kMostMatches) return false;
      matches.push_back({match->begin, match->end, pattern});
    }
  }
  return true;
}

}  // namespace ship
