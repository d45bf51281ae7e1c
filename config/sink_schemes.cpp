#include "config/sink_schemes.hpp"

#include <algorithm>
#include <string_view>

#include "sinks/sink_types.hpp"

namespace ship {
std::vector<std::string> known_schemes() {
  std::vector<std::string> result;
  for (const SinkType* row : sink_types()) {
    std::string_view rest = row->schemes;
    while (!rest.empty() && row->absent.empty()) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      result.emplace_back(rest.substr(0, bar));
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
  }
  return result;
}

std::string list_of_schemes() {
  std::string text;
  for (const std::string& scheme : known_schemes())
    text += (text.empty() ? "" : ", ") + scheme + ":";
  return text;
}

}  // namespace ship
