#include "config/fixed_settings.hpp"

#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using namespace ship::test;

namespace {

Effective loaded(const std::string& toml) {
  const LoadOutcome outcome = Configuration().file("a.toml", toml).load();
  REQUIRE(outcome.problems.empty());
  return outcome.effective;
}

constexpr const char* kTwoSinks = "[sinks.a]\nurl = \"null:\"\n[sinks.b]\nurl = \"null:\"\n";

std::string with(const std::string& more) { return kTwoSinks + more; }

}  // namespace

TEST_CASE("fixed settings: what a reload cannot change is named, what it can is not", "[config]") {
  const FixedSettings running(loaded(kTwoSinks));
  CHECK(running.differing(loaded(kTwoSinks)).empty());
  CHECK(running.differing(loaded(with("[queue]\nsize = 7\n[stats]\nat_exit = true\n"))).empty());
  CHECK(
      running.differing(loaded(with("[stats]\nsignal = \"USR2\"\n[input]\nformat = \"text\"\n"))) ==
      Texts{"input.format", "stats.signal"});
}

TEST_CASE("fixed settings: one that sinks inherit is named once, one of a sink with its name",
          "[config]") {
  const FixedSettings running(loaded(kTwoSinks));
  CHECK(running.differing(loaded(with("[spool]\ndir = \"/x\"\n"))) == Texts{"spool.dir"});
  CHECK(running.differing(loaded(with("spool.dir = \"/x\"\n"))) == Texts{"sinks.b.spool.dir"});
}

TEST_CASE("fixed settings: a sink that is new may have what it likes, and then keeps it",
          "[config]") {
  FixedSettings running(loaded("[sinks.a]\nurl = \"null:\"\n"));
  const Effective wanted = loaded(with("spool.dir = \"/x\"\n"));
  CHECK(running.differing(wanted).empty());
  running.sinks_changed(wanted);
  CHECK(running.differing(wanted).empty());
  CHECK(running.differing(loaded(kTwoSinks)) == Texts{"sinks.b.spool.dir"});
}
