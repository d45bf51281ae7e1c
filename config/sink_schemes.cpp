#include "config/sink_schemes.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "rows/nearest.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

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

}  // namespace

std::string list_of_schemes() {
  std::string text;
  for (const std::string& scheme : known_schemes())
    text += (text.empty() ? "" : ", ") + scheme + ":";
  return text;
}

std::string meant_schemes(const std::string& scheme) {
  std::string text;
  for (const std::string& known : known_schemes()) {
    if (known.starts_with(scheme + "+")) text += (text.empty() ? "" : " or ") + toml_string(known);
  }
  return text.empty() ? did_you_mean(scheme, known_schemes()) : "; did you mean " + text + "?";
}

}  // namespace ship
