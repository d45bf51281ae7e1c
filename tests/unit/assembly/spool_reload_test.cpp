#include <cstdlib>
#include <random>
#include <thread>

#include "tests/models/spool_model.hpp"
#include "tests/unit/assembly/voyage.hpp"
#include "tests/unit/fakes/memory_files.hpp"

using namespace ship;
using namespace ship::testing;
using namespace std::chrono_literals;

namespace {

SinkSettings spooling(const std::string& path, const std::string& directory = "/spool") {
  SinkSettings settings = sink("web", path);
  settings.spool.dir = directory;
  settings.delivery.drain_timeout = 1ms;
  return settings;
}

/// The lines that the spools of the sink below these directories hold, read as by someone who finds
/// them there and has nothing of the program.
std::vector<std::string> lines_on_disk(const MemoryFiles& files,
                                       const std::vector<std::string>& directories) {
  SpoolModel spool;
  for (const std::string& directory : directories) {
    for (const std::string& path : files.paths(directory + "/web")) {
      const std::string name = path.substr(path.rfind('/') + 1);
      if (SpoolModel::is_segment(name)) spool.add(name, files.content(path));
    }
  }
  std::vector<std::string> lines;
  for (SpoolModel::Entry& entry : spool.entries) lines.push_back(std::move(entry.line));
  return lines;
}

/// A run whose sink "web" goes away, comes back and changes, in an order that the seed tells.
/// Afterwards the books say what the server and the directories have: each record once.
void reload_at_random(unsigned seed) {
  std::mt19937 random(seed);
  MemoryFiles files;
  const std::vector<std::string> directories = {"/spool", "/elsewhere"};
  std::optional<SinkSettings> web = spooling("hang");
  const auto all = [&web] {
    std::vector<SinkSettings> sinks = {sink("other", "other")};
    if (web) sinks.push_back(*web);
    return settings_of(std::move(sinks));
  };
  Voyage voyage(all(), files);
  int written = 0;
  std::vector<std::string> expected;
  for (int step = 0; step < 8; ++step) {
    const int count = static_cast<int>(random() % 60);
    voyage.write(written, written + count);
    for (int i = 0; web && i < count; ++i) expected.push_back(line(written + i));
    written += count;
    // What was written before a reload is before it for the sinks, too.
    while (voyage.ship->snapshot().input.submitted < static_cast<std::uint64_t>(written)) {
      std::this_thread::yield();
    }
    switch (random() % 6) {
      case 0:
      case 1:
        web.reset();
        break;
      case 2:
        web = spooling("hang", directories[random() % 2]);
        break;
      case 3:
        web = spooling("good", directories[random() % 2]);
        break;
      default:
        if (!web) web = spooling(random() % 2 == 0 ? "hang" : "good");
        web->delivery.workers = 1 + random() % 2;
        web->queue.size = random() % 2 == 0 ? 20 : 10000;
        web->spool.mode = random() % 2 == 0 ? SpoolMode::durable : SpoolMode::overflow;
        break;
    }
    REQUIRE(voyage.ship->reload(all()).ok());
    for (const LaneSnapshot& lane : voyage.ship->snapshot().sinks) {
      REQUIRE(lane.counts.balanced());
    }
  }
  voyage.close_input();
  REQUIRE(voyage.is_done(60000));
  REQUIRE_FALSE(voyage.ship->finish().stuck);
  const LaneCounts counts = voyage.counts("web");
  voyage.ship.reset();

  std::vector<std::string> found = lines_on_disk(files, directories);
  CHECK(counts.spooled == found.size());
  CHECK(counts.spooled_protected == 0);
  const std::vector<std::string> delivered = voyage.servers.lines()["good"];
  CHECK(counts.delivered == delivered.size());
  CHECK(counts.dropped_total() == 0);
  CHECK(counts.submitted == expected.size());
  CHECK(counts.balanced());
  found.insert(found.end(), delivered.begin(), delivered.end());
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  CHECK((found == expected));
}

}  // namespace

TEST_CASE("reload: what a removed sink left on disk counts once when it comes back", "[reload]") {
  MemoryFiles files;
  const Settings with = settings_of({sink("other", "other"), spooling("hang")});
  const Settings without = settings_of({sink("other", "other")});
  Voyage voyage(with, files);
  voyage.write(0, 1000);
  while (voyage.counts("web").submitted < 1000) std::this_thread::yield();
  for (int round = 0; round < 3; ++round) {
    REQUIRE(voyage.ship->reload(without).ok());
    while (voyage.counts("web").spooled < 1000) std::this_thread::yield();
    CHECK(voyage.counts("web").submitted == 1000);
    REQUIRE(voyage.ship->reload(with).ok());
    CHECK(voyage.counts("web").submitted == 1000);
    CHECK(voyage.counts("web").balanced());
  }
  REQUIRE(voyage.ship->reload(settings_of({sink("other", "other"), spooling("good")})).ok());
  while (voyage.counts("web").delivered < 1000) std::this_thread::yield();
  CHECK(voyage.counts("web").submitted == 1000);
  CHECK(voyage.counts("web").spooled == 0);
  voyage.close_input();
  CHECK(voyage.is_done(60000));
  voyage.ship->finish();
}

// SHIP_MODEL_SEEDS=1000 in the environment takes half a minute.
TEST_CASE("reload: after any sequence of reloads the books are those of the server and the disk",
          "[reload][model]") {
  const char* const given = std::getenv("SHIP_MODEL_SEEDS");
  const unsigned seeds = given ? static_cast<unsigned>(std::atoi(given)) : 100;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    reload_at_random(seed);
  }
}
