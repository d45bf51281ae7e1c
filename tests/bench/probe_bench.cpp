// How fast bytes become records, in memory: the reader's way without read(2) and without a queue.
//   probe_bench [FILE [MEGABYTES [BLOCK_KB]]]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <simdjson.h>
#include <sstream>
#include <string>

#include "input/intake.hpp"
#include "input/splitter.hpp"
#include "record/probe.hpp"

namespace {

using Seconds = std::chrono::duration<double>;

struct Work {
  const char* name;
  std::function<std::size_t(std::string_view)> run;  // returns lines
};

// Hands `bytes` to `splitter` as a reader would and calls `on_block` for each block.
template <class OnBlock>
void feed(ship::Splitter& splitter, std::string_view bytes, OnBlock on_block) {
  ship::Block block;
  while (!bytes.empty()) {
    const auto room = splitter.room();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    splitter.commit(size);
    while (splitter.next(block)) on_block(block);
  }
}

constexpr std::uint64_t kMaxLine = 1u << 20;

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? argv[1] : SHIP_TEST_DATA "/fapilog-stdout.ndjson";
  const std::size_t megabytes = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 512;
  const std::size_t block_bytes = (argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 256) << 10;
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const std::string sample = text.str();
  if (sample.empty()) {
    std::fprintf(stderr, "%s: nothing to read\n", path.c_str());
    return 1;
  }
  const std::size_t repeats = std::max<std::size_t>(1, (megabytes << 20) / sample.size());

  ship::Splitter copying(kMaxLine, block_bytes);
  ship::Splitter splitting(kMaxLine, block_bytes);
  ship::Splitter probing(kMaxLine, block_bytes);
  ship::Splitter parsing(kMaxLine, block_bytes);
  ship::Probe probe;
  simdjson::dom::parser dom;
  std::size_t records = 0;
  ship::Intake intake(
      {}, [&records](std::span<const ship::Record> batch) { records += batch.size(); }, {});

  std::array works = {
      Work{"copy into the buffer",
           [&](std::string_view bytes) {
             std::size_t blocks = 0;
             feed(copying, bytes, [&](const ship::Block&) { ++blocks; });
             return blocks;
           }},
      Work{"split into lines",
           [&](std::string_view bytes) {
             std::size_t lines = 0;
             feed(splitting, bytes, [&](const ship::Block& block) {
               ship::Lines each(block, kMaxLine);
               for (ship::Line line; each.next(line);) ++lines;
             });
             return lines;
           }},
      Work{"split and probe",
           [&](std::string_view bytes) {
             std::size_t lines = 0;
             feed(probing, bytes, [&](const ship::Block& block) {
               probe.begin(block.bytes);
               ship::Lines each(block, kMaxLine);
               for (ship::Line line; each.next(line);) {
                 lines += probe.next(line.text).fault == ship::Fault::none;
               }
             });
             return lines;
           }},
      Work{"intake: split, probe, count, hand over",
           [&](std::string_view bytes) {
             records = 0;
             intake.feed(bytes);
             return records;
           }},
      Work{"for comparison: split, simdjson DOM of each line",
           [&](std::string_view bytes) {
             std::size_t lines = 0;
             feed(parsing, bytes, [&](const ship::Block& block) {
               ship::Lines each(block, kMaxLine);
               for (ship::Line line; each.next(line);) {
                 const auto error = dom.parse(line.text.data(), line.text.size(), false).error();
                 lines += error == simdjson::SUCCESS;
               }
             });
             return lines;
           }},
  };

  std::printf("%s, %zu bytes %zu times, blocks of %zu KB, simdjson's %s kernel\n", path.c_str(),
              sample.size(), repeats, block_bytes >> 10,
              simdjson::get_active_implementation()->name().c_str());
  // Interleaved, the best of each: the machine's moods hit all alike.
  std::array<double, works.size()> best{};
  std::array<std::size_t, works.size()> lines{};
  constexpr std::size_t kRounds = 5;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const auto start = std::chrono::steady_clock::now();
      lines[i] = 0;
      for (std::size_t n = 0; n < std::max<std::size_t>(1, repeats / kRounds); ++n) {
        lines[i] += works[i].run(sample);
      }
      const Seconds taken = std::chrono::steady_clock::now() - start;
      const double size = static_cast<double>(sample.size()) *
                          static_cast<double>(std::max<std::size_t>(1, repeats / kRounds));
      best[i] = std::max(best[i], size / taken.count() / 1e6);
    }
  }
  for (std::size_t i = 0; i < works.size(); ++i) {
    std::printf("%10.0f MB/s  %-50s %zu\n", best[i], works[i].name, lines[i]);
  }
  return 0;
}
