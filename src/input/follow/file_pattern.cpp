#include "input/follow/file_pattern.hpp"

#include <glob.h>

#include "base/files.hpp"

namespace ship {
namespace {

constexpr std::string_view kWildcards = "*?[{";

std::vector<std::string> expand(const std::string& pattern, int flags) {
  glob_t found{};
  std::vector<std::string> paths;
  // What cannot be read is left out; whoever named a file in it is told when it is opened.
  if (::glob(pattern.c_str(), GLOB_NOSORT | GLOB_BRACE | flags, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

}  // namespace

bool FilePattern::has_wildcards() const {
  return text_.find_first_of(kWildcards) != std::string::npos;
}

std::vector<std::string> FilePattern::paths() const {
  return has_wildcards() ? expand(text_, 0) : std::vector<std::string>{text_};
}

std::vector<std::string> FilePattern::directories() const {
  std::vector<std::string> found;
  const std::size_t wild = std::min(text_.find_first_of(kWildcards), text_.size());
  // From the directory of the first component with a wildcard down; inside braces no part is whole.
  for (std::size_t slash = text_.rfind('/', wild); slash != std::string::npos;
       slash = text_.find('/', slash + 1)) {
    const std::string part = text_.substr(0, std::max<std::size_t>(slash, 1));
    if (part.find_first_of(kWildcards) == std::string::npos) {
      found.push_back(part);
    } else {
      for (std::string& path : expand(part, GLOB_ONLYDIR)) found.push_back(std::move(path));
    }
  }
  if (text_.find('/') == std::string::npos) found.emplace_back(".");
  return found;
}

}  // namespace ship
