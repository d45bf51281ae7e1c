#include "stage/field_path.hpp"

#include <algorithm>

namespace ship {

Result<std::vector<std::string>> parse_field_path(std::string_view text) {
  const auto error = [text](std::string what) {
    return Error{ErrorKind::config, "field path '" + std::string(text) + "': " + std::move(what)};
  };
  std::vector<std::string> names;
  std::size_t at = 0;
  while (true) {
    std::string name;
    if (at < text.size() && text[at] == '"') {
      const std::size_t close = text.find('"', at + 1);
      if (close == std::string_view::npos) return error("the quote is not closed");
      name = text.substr(at + 1, close - at - 1);
      at = close + 1;
    } else {
      const std::size_t dot = std::min(text.find('.', at), text.size());
      name = text.substr(at, dot - at);
      at = dot;
    }
    if (name.empty()) return error("a name is empty; expected names with dots between them");
    names.push_back(std::move(name));
    if (at == text.size()) return names;
    if (text[at] != '.') return error("expected a dot after the quoted name");
    ++at;
  }
}

}  // namespace ship
