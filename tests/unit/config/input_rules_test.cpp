#include <string>
#include <vector>

#include "config/memory_budget.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

namespace ship {
namespace {

using test::Configuration;
using Texts = std::vector<std::string>;

TEST_CASE("input rules: an address that cannot be listened on is a problem of its place",
          "[config]") {
  Configuration given;
  given.file("a.toml", "[input]\npath = [\"unix:/x\", \"tcp://host:1\"]\n");
  REQUIRE(given.problems().size() == 1);
  CHECK(given.problems()[0].find("a.toml:2") != std::string::npos);
  CHECK(given.problems()[0].find("numeric address") != std::string::npos);
}

TEST_CASE("input rules: who listens drops by default, and warns where others reach it",
          "[config]") {
  Configuration local;
  local.variable("FAPILOG_SHIP_INPUT", "unix:/run/a.sock:tcp://[::1]:9000");
  const LoadOutcome outcome = local.load();
  REQUIRE(outcome.settings);
  CHECK(outcome.settings->input.paths == Texts{"unix:/run/a.sock", "tcp://[::1]:9000"});
  CHECK(outcome.settings->sinks[0].queue.drop_on_full);
  CHECK(outcome.warnings.empty());
  Configuration open;
  open.flag("input", "tcp://*:9000");
  REQUIRE(open.load().warnings.size() == 1);
  CHECK(open.load().warnings[0].find("takes lines from anyone") != std::string::npos);
}

TEST_CASE("input rules: lines that never fit into pending_bytes are a warning where it counts",
          "[config]") {
  const std::string lines = "[input]\nmax_line_bytes = \"16 MB\"\n";
  Configuration file;
  file.file("a.toml", lines);
  CHECK(file.load().warnings.empty());
  Configuration socket;
  socket.file("a.toml", lines + "path = \"unix:/x\"\n");
  REQUIRE(socket.load().warnings.size() == 1);
  CHECK(socket.load().warnings[0].find("longer lines are cut there") != std::string::npos);
}

TEST_CASE("input rules: what connections may hold beyond the default is in the memory ceiling",
          "[config][memory]") {
  const auto ceiling = [](const std::string& input) {
    Configuration given;
    given.file("a.toml", "[input]\n" + input + "[sinks.a]\nurl = \"null:\"\n");
    return memory_ceiling(given.load().effective);
  };
  const std::uint64_t plain = ceiling("");
  CHECK(ceiling("pending_bytes = \"40 MB\"\n") == plain);
  CHECK(ceiling("path = \"unix:/x\"\n") == plain);
  CHECK(ceiling("path = \"unix:/x\"\npending_bytes = \"40 MB\"\n") == plain + (32u << 20));
}

}  // namespace
}  // namespace ship
