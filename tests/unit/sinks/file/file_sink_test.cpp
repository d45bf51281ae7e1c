#include "sinks/file/file_sink.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <random>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/fd.hpp"
#include "base/wait.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

using namespace std::chrono_literals;
using testing::OwnedRecords;

constexpr WallNanos kSecond = 1'000'000'000;
constexpr WallNanos kStart = 1795342500 * kSecond;  // 2026-11-22T10:15:00Z

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) {
      lines.push_back(text.substr(begin) + " (no newline)");
      break;
    }
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// A file sink over files in memory, driven as a worker would drive it.
struct Bench {
  MemoryFiles files;
  ManualClock clock;
  FileSinkSettings settings;
  std::mutex logging;  // the archive's thread speaks, too
  std::vector<std::string> log;
  std::unique_ptr<FileSink> sink;

  Bench() {
    settings.path = "/app.log";
    clock.set_wall(kStart);
    files.set_time(kStart);
  }

  void start() {
    sink = std::make_unique<FileSink>(settings, files, clock, [this](LogLevel, std::string text) {
      const std::lock_guard lock(logging);
      log.push_back(std::move(text));
    });
  }

  void advance(std::chrono::nanoseconds by) {
    clock.advance(by);
    files.set_time(clock.wall());
  }

  Verdict send(const OwnedRecords& batch) {
    if (!sink) start();
    return sink->send(batch.records(), {});
  }

  void deliver(const std::vector<std::string>& lines) {
    const Verdict verdict = send(OwnedRecords(lines));
    INFO(verdict.reason);
    REQUIRE(verdict.kind == Verdict::Kind::ok);
  }

  /// Sends until all is stored, as a worker does; calls `repair` after each failure.
  void deliver_at_last(const OwnedRecords& batch, const std::function<void()>& repair) {
    if (!sink) start();
    auto records = batch.records();
    for (int i = 0; i < 100; ++i) {
      const Verdict verdict = sink->send(records, {});
      if (verdict.kind == Verdict::Kind::ok) return;
      if (verdict.kind == Verdict::Kind::partial) {
        REQUIRE(!verdict.items.empty());
        REQUIRE(verdict.items.size() == records.size() - verdict.items[0].index);
        records = records.subspan(verdict.items[0].index);
      } else {
        REQUIRE(verdict.kind == Verdict::Kind::retry);
      }
      repair();
    }
    FAIL("never delivered");
  }

  std::vector<std::string> lines(const std::string& path = "/app.log") const {
    return split(files.content(path));
  }
};

const std::vector<std::string> kLines = {R"({"n":1})", R"({"n":22})", R"({"n":333})"};

class MemoryPeer final : public testing::ContractPeer {
 public:
  std::unique_ptr<Sink> make_sink() override {
    bench_.start();
    return std::move(bench_.sink);
  }
  std::vector<std::string> lines() override { return bench_.lines(); }
  std::uint64_t wire_bytes() override { return bench_.files.content("/app.log").size(); }
  bool fail() override {
    bench_.files.free_bytes = 30;
    return true;
  }
  void recover() override { bench_.files.free_bytes.reset(); }

 private:
  Bench bench_;
};

/// A FIFO, and a thread that reads it.
class FifoPeer final : public testing::ContractPeer {
 public:
  FifoPeer() {
    std::signal(SIGPIPE, SIG_IGN);
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
    recover();
  }
  ~FifoPeer() override { stop_reading(); }

  std::unique_ptr<Sink> make_sink() override {
    FileSinkSettings settings;
    settings.path = path_;
    return std::make_unique<FileSink>(settings, system_files(), system_clock(),
                                      [](LogLevel, std::string) {});
  }
  std::vector<std::string> lines() override {
    stop_reading();
    return split(text_);
  }
  std::uint64_t wire_bytes() override {
    stop_reading();
    return text_.size();
  }
  bool fail() override {
    stop_reading();
    return true;
  }
  void recover() override {
    reader_ = Fd(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
  }
  bool hang() override {
    thread_ = {};
    const Fd filler(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    const std::string full(4096, 'x');
    while (::write(filler.get(), full.data(), full.size()) > 0) continue;
    return true;
  }

 private:
  void read(const std::stop_token& stop) {
    std::string piece(1 << 16, '\0');
    const Fd keeps_it_open(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    while (wait_ready(reader_.get(), POLLIN, stop)) take(piece);
    while (take(piece)) continue;
  }
  bool take(std::string& piece) {
    const ssize_t n = ::read(reader_.get(), piece.data(), piece.size());
    if (n > 0) text_.append(piece, 0, static_cast<std::size_t>(n));
    return n > 0;
  }
  void stop_reading() {
    thread_ = {};
    reader_.reset();
  }

  TemporaryDirectory dir_;
  std::string path_ = dir_.path() + "/pipe";
  std::string text_;
  Fd reader_;
  std::jthread thread_;
};

}  // namespace

TEST_CASE("file sink: keeps the contract of sinks", "[sinks][file]") {
  testing::run_sink_contract([] { return std::make_unique<MemoryPeer>(); });
}

TEST_CASE("file sink: keeps the contract of sinks on a FIFO", "[sinks][file]") {
  testing::run_sink_contract([] { return std::make_unique<FifoPeer>(); });
}

TEST_CASE("file sink: a disk that fills up at any byte leaves each line once, and none torn",
          "[file]") {
  const OwnedRecords batch(kLines);
  for (std::uint64_t room = 0; room < 40; ++room) {
    Bench bench;
    bench.deliver({"{}"});
    bench.files.free_bytes = room;
    bench.deliver_at_last(batch, [&] {
      // What stands in the file while the disk is full is whole, too.
      for (const std::string& line : bench.lines()) CHECK(line.back() == '}');
      bench.files.free_bytes.reset();
    });
    CHECK(bench.lines() == std::vector<std::string>{"{}", kLines[0], kLines[1], kLines[2]});
  }
}

TEST_CASE("file sink: a full disk and a limit on its size say what to do", "[file]") {
  const auto [code, advice] = GENERATE(table<int, std::string>(
      {{ENOSPC, "make room on the disk"}, {EFBIG, "raise the limit on file size (ulimit -f)"}}));
  Bench bench;
  bench.start();
  bench.files.on_call = [code = code](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::write ? code : 0;
  };
  const Verdict refused = bench.sink->send(OwnedRecords({"{}"}).records(), {});
  CHECK(refused.reason.find(advice) != std::string::npos);
}

TEST_CASE("file sink: where a torn line cannot be taken back it is completed", "[file]") {
  const OwnedRecords batch(kLines);
  for (std::uint64_t room = 0; room < 40; ++room) {
    Bench bench;
    bench.deliver({"{}"});
    bench.files.free_bytes = room;
    bench.files.on_call = [](const MemoryFiles::Call& call) {
      return call.kind == MemoryFiles::Call::Kind::truncate ? EIO : 0;
    };
    bench.deliver_at_last(batch, [&] { *bench.files.free_bytes += 5; });
    CHECK(bench.lines() == std::vector<std::string>{"{}", kLines[0], kLines[1], kLines[2]});
  }
}

TEST_CASE("file sink: short writes go on where they stopped", "[file]") {
  for (std::size_t piece = 1; piece < 12; ++piece) {
    Bench bench;
    bench.files.max_write_bytes = piece;
    bench.deliver(kLines);
    CHECK(bench.lines() == kLines);
  }
}

TEST_CASE("file sink: what another process appended after a torn line is left whole", "[file]") {
  Bench bench;
  bench.deliver({"{}"});
  bench.files.free_bytes = 3;
  bench.files.on_call = [](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::truncate ? EIO : 0;
  };
  const OwnedRecords batch({kLines[0]});
  CHECK(bench.send(batch).kind == Verdict::Kind::retry);
  bench.files.free_bytes.reset();
  auto other = bench.files.open("/app.log", OpenMode::append);
  REQUIRE(other.value()->write(" (other)\n").ok());
  CHECK(bench.send(batch).kind == Verdict::Kind::ok);
  CHECK(bench.lines() == std::vector<std::string>{"{}", R"({"n (other))", kLines[0]});
}

TEST_CASE("file sink: what another process appended while a line was torn is never cut off",
          "[file]") {
  Bench bench;
  bench.deliver({"{}"});
  auto other = bench.files.open("/app.log", OpenMode::append);
  bench.files.free_bytes = 3;
  bool appended = false;
  bench.files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind == MemoryFiles::Call::Kind::write && bench.files.free_bytes == 0 &&
        !std::exchange(appended, true)) {
      bench.files.free_bytes.reset();
      CHECK(other.value()->write("other\n").ok());
      bench.files.free_bytes = 0;
    }
    return 0;
  };
  CHECK(bench.send(OwnedRecords({kLines[0]})).kind == Verdict::Kind::retry);
  bench.files.on_call = nullptr;
  bench.files.free_bytes.reset();
  bench.deliver({kLines[0]});
  CHECK(bench.lines() == std::vector<std::string>{"{}", R"({"nother)", kLines[0]});
}

TEST_CASE("file sink: the torn last line that a crash left gets its newline", "[file]") {
  Bench bench;
  bench.files.put("/app.log", "{}\n{\"torn");
  bench.deliver(kLines);
  CHECK(bench.lines() ==
        std::vector<std::string>{"{}", "{\"torn", kLines[0], kLines[1], kLines[2]});
}

TEST_CASE("file sink: what can be mended is retried, what an operator must mend is held",
          "[file]") {
  struct Case {
    int code;
    Verdict::Kind kind;
  };
  for (const Case& expected :
       {Case{ENOSPC, Verdict::Kind::retry}, Case{EDQUOT, Verdict::Kind::retry},
        Case{EIO, Verdict::Kind::retry}, Case{EMFILE, Verdict::Kind::retry},
        Case{ENXIO, Verdict::Kind::retry}, Case{EACCES, Verdict::Kind::hold},
        Case{EROFS, Verdict::Kind::hold}, Case{ENOENT, Verdict::Kind::hold},
        Case{ELOOP, Verdict::Kind::hold}, Case{EISDIR, Verdict::Kind::hold}}) {
    for (const auto at : {MemoryFiles::Call::Kind::open, MemoryFiles::Call::Kind::write}) {
      Bench bench;
      bench.files.on_call = [&](const MemoryFiles::Call& call) {
        return call.kind == at ? expected.code : 0;
      };
      const Verdict verdict = bench.send(OwnedRecords(kLines));
      INFO(verdict.reason);
      CHECK(verdict.kind == expected.kind);
      CHECK(verdict.status == expected.code);
      bench.files.on_call = nullptr;
      bench.deliver(kLines);
      CHECK(bench.lines() == kLines);
    }
  }
}

TEST_CASE("file sink: a missing directory is told with what to do, and not made", "[file]") {
  Bench bench;
  bench.settings.path = "/var/log/app.log";
  const Verdict verdict = bench.send(OwnedRecords(kLines));
  CHECK(verdict.kind == Verdict::Kind::hold);
  CHECK_THAT(verdict.reason, Catch::Contains("/var/log does not exist"));
  REQUIRE(bench.files.make_directory("/var", 0755).ok());
  REQUIRE(bench.files.make_directory("/var/log", 0755).ok());
  bench.deliver(kLines);
  CHECK(bench.lines("/var/log/app.log") == kLines);
}

TEST_CASE("file sink: rotation by size happens between lines, and no file is larger", "[file]") {
  const std::uint64_t most = GENERATE(range(20u, 40u));
  Bench bench;
  bench.settings.rotate_size = most;
  std::vector<std::string> sent;
  for (int i = 0; i < 30; ++i) {
    std::vector<std::string> lines;
    for (int k = 0; k <= i % 4; ++k) lines.push_back(R"({"n":)" + std::to_string(i * 10 + k) + "}");
    bench.deliver(lines);
    sent.insert(sent.end(), lines.begin(), lines.end());
  }
  bench.sink->close({});
  std::vector<std::string> got;
  // '-' sorts before '.', so the current file comes last, and the others by age.
  for (const std::string& path : bench.files.paths()) {
    CHECK(bench.files.content(path).size() <= most);
    for (const std::string& line : bench.lines(path)) got.push_back(line);
  }
  CHECK(got == sent);
  CHECK(bench.files.paths().size() > 10);
}

TEST_CASE("file sink: a line that is larger than a file may be has a file of its own", "[file]") {
  Bench bench;
  bench.settings.rotate_size = 20;
  const std::string large(50, 'x');
  bench.deliver({"{}", large, "{}"});
  bench.sink->close({});
  const auto paths = bench.files.paths();
  REQUIRE(paths.size() == 3);
  CHECK(bench.files.content(paths[1]) == large + "\n");
  CHECK(bench.files.content(paths[2]) == "{}\n");
}

TEST_CASE("file sink: rotation by time needs no new line", "[file]") {
  Bench bench;
  bench.settings.rotate_interval = 1h;
  bench.deliver({"{}"});
  REQUIRE(bench.sink->wake_at());
  CHECK(*bench.sink->wake_at() - bench.clock.steady() == 45min);
  bench.advance(45min);
  bench.sink->wake();
  bench.sink->close({});
  CHECK(bench.files.content("/app-20261122T110000.000Z.log") == "{}\n");
  CHECK(bench.files.content("/app.log").empty());
}

TEST_CASE("file sink: a file without lines is not rotated, and needs no waking", "[file]") {
  Bench bench;
  bench.settings.rotate_interval = 1h;
  bench.deliver({"{}"});
  bench.advance(1h);
  bench.sink->wake();
  CHECK_FALSE(bench.sink->wake_at());
  bench.advance(10h);
  bench.sink->wake();
  bench.deliver({"[]"});
  CHECK(bench.lines() == std::vector<std::string>{"[]"});
  bench.sink->close({});
  CHECK(bench.files.paths().size() == 2);
}

TEST_CASE("file sink: a file of an earlier run whose hour is over is rotated at the start",
          "[file]") {
  Bench bench;
  bench.settings.rotate_interval = 1h;
  bench.files.put("/app.log", "{}\n");
  bench.advance(50min);
  bench.start();
  REQUIRE(bench.sink->wake_at() == bench.clock.steady());
  bench.sink->wake();
  CHECK(bench.files.content("/app-20261122T110500.000Z.log") == "{}\n");
  CHECK_FALSE(bench.sink->wake_at());
}

TEST_CASE("file sink: waking at the start makes no file where there is none", "[file]") {
  Bench bench;
  bench.settings.rotate_interval = 1h;
  bench.start();
  REQUIRE(bench.sink->wake_at());
  bench.sink->wake();
  CHECK_FALSE(bench.sink->wake_at());
  CHECK(bench.files.paths().empty());
}

TEST_CASE("file sink: a rotated name that is taken, compressed or not, is never used again",
          "[file]") {
  Bench bench;
  bench.settings.rotate_size = 1;
  bench.files.put("/app-20261122T101500.000Z.log", "older");
  bench.files.put("/app-20261122T101500.001Z.log.zst", "older");
  bench.deliver({"{}", "[]"});
  CHECK(bench.files.content("/app-20261122T101500.000Z.log") == "older");
  CHECK(bench.files.content("/app-20261122T101500.002Z.log") == "{}\n");
}

TEST_CASE("file sink: where rotation fails, lines go on into the same file", "[file]") {
  Bench bench;
  bench.settings.rotate_size = 8;
  bench.files.on_call = [](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::rename ? EACCES : 0;
  };
  bench.deliver(kLines);
  bench.deliver({"{}"});
  CHECK(bench.lines().size() == 4);
  CHECK(bench.log.size() == 1);
  bench.files.on_call = nullptr;
  bench.advance(1min);
  bench.deliver({"[]"});
  CHECK(bench.lines() == std::vector<std::string>{"[]"});
}

TEST_CASE("file sink: close waits for the compression of what was rotated", "[file]") {
  Bench bench;
  bench.settings.rotate_size = 1;
  bench.settings.compress = Compression::zstd;
  bench.deliver({"{}", "[]"});
  bench.sink->close({});
  CHECK(bench.files.paths() ==
        std::vector<std::string>{"/app-20261122T101500.000Z.log.zst", "/app.log"});
}

TEST_CASE("file sink: after a move or a deletion the next batch goes into a new file", "[file]") {
  Bench bench;
  bench.deliver({"{}"});
  REQUIRE(bench.files.rename("/app.log", "/app.log.1").ok());
  bench.deliver({"[1]"});
  CHECK(bench.lines("/app.log.1") == std::vector<std::string>{"{}"});
  CHECK(bench.lines() == std::vector<std::string>{"[1]"});
  REQUIRE(bench.files.remove("/app.log").ok());
  bench.deliver({"[2]"});
  CHECK(bench.lines() == std::vector<std::string>{"[2]"});
}

TEST_CASE("file sink: reopen lets go of the old file and makes the new one at once", "[file]") {
  Bench bench;
  bench.deliver({"{}"});
  REQUIRE(bench.files.rename("/app.log", "/app.log.1").ok());
  bench.sink->reopen();
  CHECK(bench.files.exists("/app.log"));
  bench.deliver({"[1]"});
  CHECK(bench.lines() == std::vector<std::string>{"[1]"});
}

TEST_CASE("file sink: a file that was truncated in place is appended to from its start", "[file]") {
  Bench bench;
  bench.settings.rotate_size = 20;
  bench.deliver(kLines);
  auto other = bench.files.open("/app.log", OpenMode::append);
  REQUIRE(other.value()->truncate(0).ok());
  bench.deliver({kLines[0], kLines[1]});
  CHECK(bench.lines() == std::vector<std::string>{kLines[0], kLines[1]});
}

TEST_CASE("file sink: fsync always means that an accepted line survives a power cut", "[file]") {
  Bench bench;
  bench.settings.fsync = FileSinkSettings::Fsync::always;
  bench.settings.rotate_size = 20;
  bench.deliver(kLines);
  bench.deliver({"{}"});
  bench.files.crash();
  std::vector<std::string> got;
  for (const std::string& path : bench.files.paths()) {
    for (const std::string& line : bench.lines(path)) got.push_back(line);
  }
  std::vector<std::string> expected = kLines;
  expected.push_back("{}");
  CHECK(got == expected);
}

TEST_CASE("file sink: lines that could not be synced are taken back and sent again", "[file]") {
  Bench bench;
  bench.settings.fsync = FileSinkSettings::Fsync::always;
  bench.deliver({"{}"});
  int failures = 2;
  bench.files.on_call = [&](const MemoryFiles::Call& call) {
    return call.kind == MemoryFiles::Call::Kind::sync && failures-- > 0 ? EIO : 0;
  };
  CHECK(bench.send(OwnedRecords(kLines)).kind == Verdict::Kind::retry);
  CHECK(bench.lines() == std::vector<std::string>{"{}"});
  bench.deliver_at_last(OwnedRecords(kLines), [] {});
  CHECK(bench.lines() == std::vector<std::string>{"{}", kLines[0], kLines[1], kLines[2]});
}

TEST_CASE("file sink: a torn line is forgotten once it was taken back with the lines before it",
          "[file]") {
  Bench bench;
  bench.settings.fsync = FileSinkSettings::Fsync::always;
  bench.deliver({"{}"});
  bench.files.free_bytes = kLines[0].size() + 4;
  int truncations = 0;
  int syncs = 0;
  bench.files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind == MemoryFiles::Call::Kind::truncate) return truncations++ == 0 ? EIO : 0;
    if (call.kind == MemoryFiles::Call::Kind::sync) return syncs++ == 0 ? EIO : 0;
    return 0;
  };
  CHECK(bench.send(OwnedRecords(kLines)).kind == Verdict::Kind::retry);
  CHECK(bench.lines() == std::vector<std::string>{"{}"});
  bench.files.free_bytes.reset();
  bench.deliver({kLines[1]});
  CHECK(bench.lines() == std::vector<std::string>{"{}", kLines[1]});
}

TEST_CASE("file sink: fsync interval syncs a second after the first line, also when idle",
          "[file]") {
  Bench bench;
  bench.settings.fsync = FileSinkSettings::Fsync::interval;
  bench.files.put("/app.log", "");
  bench.deliver({"{}"});
  CHECK(bench.files.synced_content("/app.log").empty());
  REQUIRE(bench.sink->wake_at());
  CHECK(*bench.sink->wake_at() - bench.clock.steady() == 1s);
  bench.advance(1s);
  bench.sink->wake();
  CHECK(bench.files.synced_content("/app.log") == "{}\n");
  CHECK_FALSE(bench.sink->wake_at());
  bench.deliver({"[]"});
  bench.sink->close({});
  CHECK(bench.files.synced_content("/app.log") == "{}\n[]\n");
}

TEST_CASE("file sink: fsync never asks for nothing", "[file]") {
  Bench bench;
  bench.deliver({"{}"});
  CHECK_FALSE(bench.sink->wake_at());
  bool synced = false;
  bench.files.on_call = [&](const MemoryFiles::Call& call) {
    synced = synced || call.kind == MemoryFiles::Call::Kind::sync;
    return 0;
  };
  bench.deliver({"{}"});
  bench.sink->close({});
  CHECK_FALSE(synced);
}

TEST_CASE("file sink: a FIFO that nobody reads is a retry that says so", "[file]") {
  const TemporaryDirectory dir;
  FileSinkSettings settings;
  settings.path = dir.path() + "/pipe";
  REQUIRE(::mkfifo(settings.path.c_str(), 0600) == 0);
  FileSink sink(settings, system_files(), system_clock(), [](LogLevel, std::string) {});
  const OwnedRecords batch(kLines);
  const Verdict verdict = sink.send(batch.records(), {});
  CHECK(verdict.kind == Verdict::Kind::retry);
  CHECK_THAT(verdict.reason, Catch::Contains("nobody reads"));
}

TEST_CASE("file sink: random failures, moves and rotations never lose or double a line", "[file]") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::minstd_rand random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    Bench bench;
    bench.settings.rotate_size = chance(50) ? 60 : 0;
    bench.settings.rotate_interval = chance(50) ? 1min : 0min;
    bench.settings.fsync =
        chance(30) ? FileSinkSettings::Fsync::always : FileSinkSettings::Fsync::never;
    const bool truncate_works = chance(70);
    // Asked by the archive's thread too, so it has dice of its own.
    std::minstd_rand dice(seed + 1000);
    const auto fails = [&dice](unsigned percent) { return dice() % 100 < percent; };
    bench.files.on_call = [&](const MemoryFiles::Call& call) {
      using Kind = MemoryFiles::Call::Kind;
      if (call.kind == Kind::truncate) return truncate_works ? 0 : EIO;
      // A sync that fails after a truncation that fails may double lines: at least once.
      if (call.kind == Kind::sync && truncate_works && fails(10)) return EIO;
      if (call.kind == Kind::rename && fails(10)) return EACCES;
      if (call.kind == Kind::open && fails(5)) return EMFILE;
      return 0;
    };
    std::vector<std::string> sent;
    int moved = 0;
    for (int i = 0; i < 40; ++i) {
      std::vector<std::string> lines;
      for (std::uint32_t k = 0; k <= random() % 5; ++k) {
        lines.push_back(R"({"n":)" + std::to_string(i * 10 + static_cast<int>(k)) + "}");
      }
      if (chance(50)) bench.files.free_bytes = random() % 60;
      if (chance(30)) bench.files.max_write_bytes = 1 + random() % 10;
      bench.deliver_at_last(OwnedRecords(lines), [&] {
        if (chance(50)) bench.files.free_bytes = random() % 60;
        if (chance(20)) bench.files.free_bytes.reset();
      });
      bench.files.free_bytes.reset();
      sent.insert(sent.end(), lines.begin(), lines.end());
      if (chance(10)) bench.advance(std::chrono::seconds(random() % 100));
      if (chance(10)) bench.sink->wake();
      if (chance(5)) bench.sink->reopen();
      if (chance(5)) {
        [[maybe_unused]] const auto renamed =
            bench.files.rename("/app.log", "/moved-" + std::to_string(moved++));
      }
    }
    bench.files.on_call = nullptr;
    bench.sink->close({});
    std::vector<std::string> got;
    for (const std::string& path : bench.files.paths()) {
      for (const std::string& line : bench.lines(path)) {
        // Half a line may stand where taking it back was impossible, never a whole one twice.
        if (truncate_works || line.back() == '}') got.push_back(line);
      }
    }
    std::sort(got.begin(), got.end());
    std::sort(sent.begin(), sent.end());
    INFO("seed " << seed);
    REQUIRE(got == sent);
  }
}

}  // namespace ship
