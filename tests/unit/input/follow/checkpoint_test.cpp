#include "input/follow/checkpoint.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"

using namespace ship;
using namespace std::chrono_literals;

namespace {

const std::string kCheckpointPath = "/state/checkpoint";

FileEntry entry_of(std::uint64_t number, std::uint64_t offset = 0) {
  FileEntry entry;
  entry.run = {number, 7};
  entry.device = 1;
  entry.inode = number;
  entry.head = {10, 99};
  entry.offset = offset;
  entry.path = "/var/log/odd name %\n" + std::to_string(number);
  return entry;
}

struct State {
  State() { static_cast<void>(files.make_directory("/state", 0700).ok()); }
  Result<std::unique_ptr<Checkpoint>> try_open() {
    return Checkpoint::open(files, clock, kCheckpointPath,
                            [this](LogLevel, const std::string& text) { said.push_back(text); });
  }
  std::unique_ptr<Checkpoint> open() {
    auto opened = try_open();
    REQUIRE(opened);
    return std::move(opened).value();
  }

  MemoryFiles files;
  ManualClock clock;
  std::vector<std::string> said;
};

void settle(Checkpoint& checkpoint, std::uint64_t number, std::uint64_t offset) {
  const FilePlace place{{number, 7}, offset};
  checkpoint.settle({&place, 1});
}

}  // namespace

TEST_CASE("checkpoint: what was told last survives the death of the process", "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1));
  checkpoint->put(entry_of(2, 50));
  settle(*checkpoint, 1, 100);
  const FileRange range{{2, 7}, 70, 90};
  checkpoint->settle({}, {&range, 1});
  settle(*checkpoint, 3, 5);  // nobody knows it
  state.files.kill();
  checkpoint = state.open();
  FileEntry second = entry_of(2, 50);
  second.done = {{70, 90}};
  CHECK(checkpoint->entries() == std::vector{entry_of(1, 100), second});
  settle(*checkpoint, 2, 80);
  CHECK(checkpoint->entries()[1].done.size() == 1);
  settle(*checkpoint, 2, 95);
  checkpoint->remove({1, 7});
  state.files.kill();
  CHECK(state.open()->entries() == std::vector{entry_of(2, 95)});
  CHECK(state.said.empty());
}

TEST_CASE("checkpoint: an offset never goes back", "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1, 10));
  settle(*checkpoint, 1, 100);
  settle(*checkpoint, 1, 60);
  checkpoint->put(entry_of(1, 20));
  CHECK(checkpoint->entries()[0].offset == 100);
  state.files.kill();
  CHECK(state.open()->entries()[0].offset == 100);
}

TEST_CASE("checkpoint: a power failure leaves what was synced, or what came later, and no rubbish",
          "[checkpoint]") {
  for (std::uint64_t fails_at = 1; fails_at < 60; ++fails_at) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      State state;
      auto checkpoint = state.open();
      checkpoint->put(entry_of(1));
      settle(*checkpoint, 1, 10);
      checkpoint->sync();
      state.files.power_off_after(fails_at, fails_at % 30);
      std::uint64_t told = 10;
      std::uint64_t synced = 10;
      while (!state.files.power_is_off()) {
        settle(*checkpoint, 1, ++told);
        if (told % 5 != 0) continue;
        state.clock.advance(5s);
        CHECK(checkpoint->wants_sync());
        checkpoint->sync();
        if (!state.files.power_is_off()) synced = told;
      }
      state.files.crash_scrambled(seed);
      const auto found = state.open()->entries();
      REQUIRE(found.size() == 1);
      CHECK(found[0].offset >= synced);
      CHECK(found[0].offset <= told);
      CHECK(found[0].path == entry_of(1).path);
    }
  }
}

TEST_CASE("checkpoint: a line that was written in part ends the journal", "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1, 10));
  settle(*checkpoint, 1, 20);
  state.files.kill();
  const std::string journal = state.files.content(kCheckpointPath + ".journal");
  state.files.put(kCheckpointPath + ".journal", journal + place_line({{1, 7}, 30}).substr(0, 20) +
                                                    "\n" + place_line({{1, 7}, 40}));
  CHECK(state.open()->entries()[0].offset == 20);
}

TEST_CASE("checkpoint: the journal of a former one says nothing of the present one",
          "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1, 10));
  const std::string former = state.files.content(kCheckpointPath + ".journal");
  checkpoint->sync();
  state.files.kill();
  // As if it had died before the journal was begun anew.
  state.files.put(kCheckpointPath + ".journal", former + removal_line({1, 7}));
  CHECK(state.open()->entries() == std::vector{entry_of(1, 10)});
}

TEST_CASE("checkpoint: what is told while it is written anew is not forgotten", "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1, 10));
  bool told = false;
  state.files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind == MemoryFiles::Call::Kind::sync && !std::exchange(told, true)) {
      settle(*checkpoint, 1, 20);
    }
    return 0;
  };
  checkpoint->sync();
  CHECK(told);
  state.files.kill();
  CHECK(state.open()->entries() == std::vector{entry_of(1, 20)});
}

TEST_CASE("checkpoint: of a damaged file the lines that are whole count, and it is told",
          "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1, 10));
  checkpoint->put(entry_of(2, 20));
  checkpoint->sync();
  state.files.kill();
  std::string text = state.files.content(kCheckpointPath);
  text[text.find("\n+ ") + 5] ^= 1;
  state.files.put(kCheckpointPath, text);
  CHECK(state.open()->entries() == std::vector{entry_of(2, 20)});
  REQUIRE(state.said.size() == 1);
  CHECK(state.said[0].find("is damaged") != std::string::npos);
}

TEST_CASE("checkpoint: a full disk is told once, and what it missed is written later",
          "[checkpoint]") {
  State state;
  auto checkpoint = state.open();
  checkpoint->put(entry_of(1));
  state.files.on_call = [](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::write ? ENOSPC : 0;
  };
  for (std::uint64_t offset = 1; offset < 100; ++offset) {
    settle(*checkpoint, 1, offset);
    state.clock.advance(1s);
    if (checkpoint->wants_sync()) checkpoint->sync();
  }
  CHECK(state.said.size() == 1);
  state.files.on_call = nullptr;
  checkpoint->sync();
  CHECK(state.said.size() == 2);
  settle(*checkpoint, 1, 200);
  state.files.kill();
  CHECK(state.open()->entries()[0].offset == 200);
}

TEST_CASE("checkpoint: it belongs to one process", "[checkpoint]") {
  State state;
  const auto checkpoint = state.open();
  const auto second = state.try_open();
  REQUIRE(!second);
  CHECK(second.error().kind == ErrorKind::config);
}
