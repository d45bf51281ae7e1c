#include <cstdlib>
#include <string>

#include "spool/spool.hpp"
#include "tests/unit/fakes/memory_files.hpp"

// The first byte chooses what is foreign: the whole file, or the records behind a sound beginning,
// with checksums made right, since no search finds those.

namespace {

using namespace ship;

constexpr const char* kPath = "/spool/0000000000000001.u20.seg";

void require(bool condition) {
  if (!condition) std::abort();
}

void put_checksum(std::string& bytes, std::size_t at, std::string_view record) {
  // A record is sound where its header and line agree with it; the encoder makes them agree.
  SpoolRecord sound;
  sound.record.line = record;
  sound.record.level_at = static_cast<std::uint32_t>(record.size() * 7 % 300);
  sound.record.level_size = static_cast<std::uint8_t>(record.size() * 13);
  sound.record.level = {static_cast<LevelName>(record.size() % 12),
                        static_cast<Severity>(record.size() * 3)};
  sound.sequence = static_cast<unsigned char>(record.front());
  std::string encoded;
  append_spool_record(encoded, sound, spool_salt(1));
  bytes.replace(std::min(at, bytes.size()), encoded.size(), encoded);
}

std::string beginning(unsigned char ranges) {
  SpoolState state;
  state.generation = 1 + ranges % 3;
  state.sealed = ranges % 2 != 0;
  state.data_end = kSpoolData + ranges * 9u;
  state.records = ranges % 16;
  for (std::uint32_t i = 0; i < ranges % 5u; ++i) {
    state.acknowledged.push_back({kSpoolData + i * 80, kSpoolData + i * 80 + 45, 1});
  }
  return encode_spool_header({1, {false, 20}, 0}) + std::string(kSpoolSlot, '\0') +
         encode_spool_state(state, spool_salt(1));
}

void drain(MemoryFiles& files) {
  auto opened = Spool::open(files, {"/spool", 1 << 20});
  require(opened.ok());
  Spool& spool = *opened.value().spool;
  const std::uint64_t records = spool.counts().records;
  std::uint64_t seen = 0;
  for (;;) {
    SpoolBatch batch;
    const SpoolEvents events = spool.take({7}, batch);
    for (const SpoolLoss& loss : events.lost) seen += loss.records;
    if (batch.empty()) break;
    seen += batch.size();
    for (const Record& record : batch.records(0, batch.size())) require(!record.line.empty());
    spool.settle(batch, batch.size() / 2 + 1);
    seen -= batch.size();
    require(spool.counts().in_flight == 0);
    if (seen > records + 100000) std::abort();
  }
  require(spool.counts().records == 0);
  spool.close();
  require(spool.counts() == SpoolCounts());
  opened.value().spool.reset();
  auto again = Spool::open(files, {"/spool", 1 << 20});
  require(again.ok() && again.value().report.counts.records == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 3) return 0;
  const unsigned char choice = data[0];
  const unsigned char ranges = data[1];
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::string content(choice % 2 ? beginning(ranges) : std::string());
  const std::size_t start = content.size();
  content += rest;
  if (choice & 2) {
    // Sound records among the foreign bytes, with fields out of bounds.
    for (std::size_t at = 0; at + 1 < rest.size(); at += 97) {
      const std::size_t length = 1 + static_cast<unsigned char>(rest[at]) % 60;
      put_checksum(content, start + at,
                   rest.substr(at + 1, length).empty() ? std::string_view("x")
                                                       : rest.substr(at + 1, length));
    }
  }
  MemoryFiles files;
  require(files.make_directory("/spool", 0700).ok());
  files.put(kPath, content);
  {
    auto view = Spool::open_read_only(files, "/spool");
    require(view.ok());
    SpoolBatch batch;
    view.value().spool->take({}, batch);
    require(files.content(kPath) == content);
  }
  drain(files);
  if (const auto claim = decode_spool_claim(rest)) require(encode_spool_claim(*claim) == rest);
  return 0;
}

#include "tests/unit/fakes/memory_files.cpp"  // the fuzzers link no test sources
