#include <cstdlib>
#include <string>

#include "config/build_settings.hpp"
#include "config/effective.hpp"
#include "config/print_config.hpp"

using namespace ship;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// Any bytes as a configuration file: it is accepted or refused with a reason, what was accepted
/// can be printed and read back, and a secret of the environment is never shown behind a key that
/// hides it.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Environment environment = {{"PW", "secret"}, {"HOST", "loki"}};
  Sources sources(environment);
  sources.read_toml(text, Origin{Origin::Source::file, 1, "fuzz.toml", 0, 0});
  const Effective effective = make_effective(sources, {});
  check_rules(effective, sources);
  const Settings settings = build_settings(effective, sources);
  for (const Problem& problem : sources.problems) require(!problem.message.empty());
  if (!sources.problems.empty()) return 0;

  require(!settings.sinks.empty() || effective.sinks.empty());
  const std::string printed = print_config(effective);
  Sources again({});
  std::string readable = printed;
  for (std::size_t at = 0; (at = readable.find("${", at)) != std::string::npos; at += 3) {
    readable.insert(at, "$");
  }
  again.read_toml(readable, Origin{Origin::Source::file, 1, "printed.toml", 0, 0});
  make_effective(again, {});
  require(again.problems.empty());
  return 0;
}
