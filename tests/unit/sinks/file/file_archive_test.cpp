#include "sinks/file/file_archive.hpp"

#include <cerrno>

#include "sinks/file/file_compressor.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/net/decompress.hpp"

namespace ship {
namespace {

std::string decompressed(const std::string& bytes, Compression compression) {
  return testing::decompress(compression == Compression::gzip ? "gzip" : "zstd", bytes);
}

/// Some 400 KB that do not all compress away.
std::string sample_text() {
  std::string text;
  std::uint32_t seed = 1;
  for (int i = 0; i < 8000; ++i) {
    seed = seed * 1664525 + 1013904223;
    text += R"({"number":)" + std::to_string(i) + R"(,"random":)" + std::to_string(seed) + "}\n";
  }
  return text;
}

FileSinkSettings settings_with(Compression compression) {
  FileSinkSettings settings;
  settings.path = "/app.log";
  settings.compress = compression;
  settings.rotate_size = 1000;
  return settings;
}

const std::string kOld = "/app-20261122T101500.123Z.log";
const std::string kNew = "/app-20261122T111500.123Z.log";

struct Complaints {
  std::vector<std::string> messages;
  LogFunction log() {
    return [this](LogLevel, std::string message) { messages.push_back(std::move(message)); };
  }
};

}  // namespace

TEST_CASE("compressor: gzip and zstd files hold what was in the original", "[archive]") {
  for (const Compression compression : {Compression::gzip, Compression::zstd}) {
    for (const std::string& text : {std::string(), std::string("{}\n"), sample_text()}) {
      MemoryFiles files;
      files.put("/a", text);
      REQUIRE(compress_file(files, "/a", "/b", compression, 0640, {}).ok());
      CHECK((decompressed(files.content("/b"), compression) == text));
      CHECK(files.content("/a") == text);
    }
  }
}

TEST_CASE("compressor: whatever fails, nothing half done stays", "[archive]") {
  MemoryFiles files;
  files.put("/a", sample_text());
  files.free_bytes = 1000;
  const auto done = compress_file(files, "/a", "/b", Compression::gzip, 0640, {});
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == ENOSPC);
  CHECK(files.paths() == std::vector<std::string>{"/a"});

  std::stop_source stop;
  stop.request_stop();
  files.free_bytes.reset();
  CHECK_FALSE(compress_file(files, "/a", "/b", Compression::zstd, 0640, stop.get_token()).ok());
  CHECK(files.paths() == std::vector<std::string>{"/a"});
}

TEST_CASE("compressor: a file that someone still appends to is not taken for whole", "[archive]") {
  for (const Compression compression : {Compression::gzip, Compression::zstd}) {
    MemoryFiles files;
    files.put("/a", "{}\n");
    auto late = files.open("/a", OpenMode::append);
    bool appended = false;
    files.on_call = [&](const MemoryFiles::Call& call) {
      if (call.kind == MemoryFiles::Call::Kind::sync && !std::exchange(appended, true)) {
        CHECK(late.value()->write("[]\n").ok());
      }
      return 0;
    };
    CHECK_FALSE(compress_file(files, "/a", "/b", compression, 0640, {}).ok());
    CHECK(files.paths() == std::vector<std::string>{"/a"});
  }
}

TEST_CASE("archive: a rotated file is replaced by its compressed form", "[archive]") {
  for (const Compression compression : {Compression::gzip, Compression::zstd}) {
    MemoryFiles files;
    files.put(kOld, sample_text());
    files.put("/app.log", "{}\n");
    FileArchive archive(files, settings_with(compression), [](LogLevel, std::string) {});
    archive.tidy_soon();
    archive.finish({});
    const std::string done = kOld + std::string(compression_suffix(compression));
    CHECK(files.paths() == std::vector<std::string>{done, "/app.log"});
    CHECK((decompressed(files.content(done), compression) == sample_text()));
  }
}

TEST_CASE("archive: a crash at any operation loses nothing, and the next start mends it",
          "[archive]") {
  const std::string text = sample_text();
  const std::string done = kOld + ".gz";
  bool finished = false;
  for (std::uint64_t operations = 0; !finished; ++operations) {
    for (const bool power_lost : {true, false}) {
      MemoryFiles files;
      files.put(kOld, text);
      files.power_off_after(operations, 10);
      {
        FileArchive archive(files, settings_with(Compression::gzip), [](LogLevel, std::string) {});
        archive.tidy({});
      }
      finished = !files.power_is_off();
      if (power_lost) {
        files.crash();
      } else {
        files.kill();
      }
      FileArchive archive(files, settings_with(Compression::gzip), [](LogLevel, std::string) {});
      archive.tidy({});
      REQUIRE(files.paths() == std::vector<std::string>{done});
      REQUIRE((decompressed(files.content(done), Compression::gzip) == text));
    }
  }
}

TEST_CASE("archive: a full disk keeps the original until there is room", "[archive]") {
  MemoryFiles files;
  files.put(kOld, sample_text());
  files.free_bytes = 100;
  Complaints complaints;
  FileArchive archive(files, settings_with(Compression::gzip), complaints.log());
  archive.tidy({});
  CHECK(files.paths() == std::vector<std::string>{kOld});
  REQUIRE(complaints.messages.size() == 1);
  CHECK_THAT(complaints.messages[0], Catch::Contains("No space left"));
  files.free_bytes.reset();
  archive.tidy({});
  CHECK(files.paths() == std::vector<std::string>{kOld + ".gz"});
}

TEST_CASE("archive: retention removes the oldest of its own and touches nothing else",
          "[archive]") {
  MemoryFiles files;
  const std::vector<std::string> strangers = {
      "/app-20261122.log", "/app-notes.log", "/app-x-20261122T101500.123Z.log",
      "/app.log",          "/app.log.1",     "/other.log",
  };
  for (const std::string& path : strangers) files.put(path, "x");
  files.put(kOld + ".gz", "1234567890");
  files.put(kNew, "1234567890");
  FileSinkSettings settings = settings_with(Compression::none);
  settings.max_files = 1;
  FileArchive archive(files, settings, [](LogLevel, std::string) {});
  archive.tidy({});
  CHECK_FALSE(files.exists(kOld + ".gz"));
  CHECK(files.exists(kNew));
  for (const std::string& path : strangers) CHECK(files.exists(path));

  settings.max_files = 0;
  settings.max_total_bytes = 9;
  FileArchive bytes_archive(files, settings, [](LogLevel, std::string) {});
  bytes_archive.tidy({});
  CHECK_FALSE(files.exists(kNew));
  for (const std::string& path : strangers) CHECK(files.exists(path));
}

TEST_CASE("archive: the directory is synced before an original is removed", "[archive]") {
  MemoryFiles files;
  files.put(kOld, sample_text());
  files.put("/app.log", "{}\n");
  bool synced = false;
  files.on_call = [&](const MemoryFiles::Call& call) {
    if (call.kind == MemoryFiles::Call::Kind::rename) synced = false;
    if (call.kind == MemoryFiles::Call::Kind::sync_directory) synced = true;
    if (call.kind == MemoryFiles::Call::Kind::remove && call.path == kOld) CHECK(synced);
    return 0;
  };
  FileArchive archive(files, settings_with(Compression::gzip), [](LogLevel, std::string) {});
  archive.tidy_soon();
  archive.finish({});
  CHECK_FALSE(files.exists(kOld));
}

TEST_CASE("archive: a rotated file is synced with its directory before it counts as safe",
          "[archive]") {
  MemoryFiles files;
  auto file = files.open(kOld, OpenMode::append, 0640);
  REQUIRE(file.value()->write("{}\n").ok());
  FileArchive archive(files, settings_with(Compression::none), [](LogLevel, std::string) {});
  archive.add(std::move(file).value(), kOld);
  archive.finish({});
  files.crash();
  CHECK(files.content(kOld) == "{}\n");
}

}  // namespace ship
