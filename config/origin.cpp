#include "config/origin.hpp"

#include <algorithm>
#include <tuple>

namespace ship {

std::string Origin::text() const {
  switch (source) {
    case Source::built_in:
      return name.empty() ? "default" : "default: " + name;
    case Source::preset:
      return "preset " + name;
    case Source::file:
      if (line == 0) return name;
      return name + ":" + std::to_string(line) + ":" + std::to_string(column);
    case Source::convention:
    case Source::environment:
    case Source::flag:
      return name;
  }
  return name;
}

std::string Problem::text() const {
  std::string result = origin.source == Origin::Source::built_in ? "" : origin.text() + ": ";
  if (!key.empty() && "--" + key != origin.name) result += key + ": ";
  return result + message;
}

void sort_problems(std::vector<Problem>& problems) {
  const auto rank = [](const Problem& problem) {
    const Origin& at = problem.origin;
    return std::tie(at.source, at.index, at.line, at.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&rank](const Problem& a, const Problem& b) { return rank(a) < rank(b); });
}

}  // namespace ship
