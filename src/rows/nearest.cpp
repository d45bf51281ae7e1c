#include "rows/nearest.hpp"

#include <algorithm>
#include <cctype>

namespace ship {
namespace {

constexpr std::size_t kLongestWord = 100;

std::string folded(std::string_view word) {
  std::string result;
  for (const char c : word.substr(0, kLongestWord)) {
    result +=
        c == '-' || c == '.' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = folded(word);
  const std::string wanted_last = folded(last_part(word));
  std::string best;
  std::size_t best_score = std::max<std::size_t>(2, wanted.size() / 3) * 2 + 1;
  if (wanted.size() < 3) best_score = 3;
  for (const std::string& candidate : candidates) {
    const std::string whole = folded(candidate);
    std::size_t score = distance(wanted, whole) * 2;
    // The right name in the wrong place is closer than any other name in the right one, even where a
    // dot stands for its underscore.
    if (score > 0) {
      const std::string last = folded(last_part(candidate));
      score =
          std::min({score, distance(wanted_last, last) * 2 + 1, distance(wanted, last) * 2 + 1});
    }
    if (score < best_score) {
      best_score = score;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string found = nearest(word, candidates);
  if (found.empty()) return {};
  return "; did you mean \"" + found + "\"?";
}

}  // namespace ship
