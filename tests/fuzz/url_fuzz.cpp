#include <cstdlib>
#include <string>

#include "config/sink_url.hpp"

using namespace ship;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Any bytes as a sink's URL: it is refused with a column inside it, or what is shown of it reads
/// back as the same sink without its user information and parameters.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<UrlProblem> problems;
  const std::optional<SinkUrl> url = parse_sink_url(text, problems);
  require(url.has_value() || !problems.empty());
  for (const UrlProblem& problem : problems) {
    require(problem.column >= 1 && problem.column <= size + 1);
  }
  if (!problems.empty()) return 0;

  std::vector<UrlProblem> none;
  const std::optional<SinkUrl> again = parse_sink_url(url->shown(), none);
  require(again.has_value() && none.empty());
  // What looks like a key is not shown.
  const bool masked = url->shown().find("***") != std::string::npos;
  require(again->type == url->type && (masked || again->address == url->address));
  require(!again->username && !again->password && again->parameters.empty());
  return 0;
}
