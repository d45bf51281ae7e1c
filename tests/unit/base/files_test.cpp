#include "base/files.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

namespace ship {
namespace {

/// What both the machine's files and those in memory promise.
void check_contract(Files& files, const std::string& dir) {
  const std::string path = dir + "/a";
  CHECK(files.open(path, OpenMode::read).error().code == ENOENT);
  CHECK(files.open(dir + "/none/a", OpenMode::append).error().code == ENOENT);

  auto opened = files.open(path, OpenMode::append);
  REQUIRE(opened.ok());
  File& file = *opened.value();
  CHECK(file.write("one\n").value() == 4);
  CHECK(file.write("two\n").value() == 4);
  CHECK(file.sync().ok());
  CHECK(file.status().value().size == 8);
  CHECK(file.status().value().same_file(files.status(path).value()));

  CHECK(files.open(path, OpenMode::create_new).error().code == EEXIST);
  auto reader = files.open(path, OpenMode::read);
  char text[16];
  CHECK(reader.value()->read_at(4, text, sizeof text).value() == 4);
  CHECK(std::string_view(text, 4) == "two\n");
  CHECK(reader.value()->read_at(8, text, sizeof text).value() == 0);

  REQUIRE(files.open(dir + "/b", OpenMode::create_new).ok());
  CHECK(files.rename_new(path, dir + "/b").error().code == EEXIST);
  CHECK(files.rename_new(path, dir + "/c").ok());
  CHECK(files.status(path).error().code == ENOENT);
  CHECK(file.write("three\n").value() == 6);
  CHECK(files.status(dir + "/c").value().size == 14);
  CHECK(file.truncate(8).ok());
  CHECK(file.write("4\n").value() == 2);
  CHECK(files.status(dir + "/c").value().size == 10);
  CHECK(files.list(dir).value().size() == 2);
  CHECK(files.rename(dir + "/c", dir + "/b").ok());
  CHECK(files.status(dir + "/b").value().size == 10);
  CHECK(files.list(dir).value().size() == 1);
  CHECK(files.remove(dir + "/b").ok());
  CHECK(files.remove(dir + "/b").error().code == ENOENT);
  CHECK(files.sync_directory(dir).ok());

  CHECK(files.open(dir + "/u", OpenMode::update).error().code == ENOENT);
  auto updated = files.open(dir + "/u", OpenMode::create_update);
  CHECK(updated.value()->write_at(4, "5678").value() == 4);
  CHECK(updated.value()->write_at(0, "1234").value() == 4);
  CHECK(updated.value()->read_at(0, text, sizeof text).value() == 8);
  CHECK(std::string_view(text, 8) == "12345678");
  CHECK(files.open(dir + "/u", OpenMode::create_update).error().code == EEXIST);
  CHECK(files.open(dir + "/u", OpenMode::update).value()->write_at(6, "xyz").value() == 3);
  CHECK(updated.value()->status().value().size == 9);
  CHECK(files.remove(dir + "/u").ok());

  CHECK(files.make_directory(dir + "/d", 0750).ok());
  CHECK(files.make_directory(dir + "/d", 0750).ok());
  CHECK(files.status(dir + "/d").value().kind == FileStatus::Kind::directory);
  CHECK(files.open(dir + "/d", OpenMode::append).error().code == EISDIR);

  auto first = files.open(dir + "/lock", OpenMode::append);
  auto second = files.open(dir + "/lock", OpenMode::append);
  CHECK(first.value()->lock().ok());
  CHECK(second.value()->lock().error().kind == ErrorKind::transient);
  first.value().reset();
  CHECK(second.value()->lock().ok());
}

TEST_CASE("files: the machine's own keep the contract", "[files]") {
  const TemporaryDirectory dir;
  check_contract(system_files(), dir.path());
}

TEST_CASE("files: those in memory keep the same contract", "[files]") {
  MemoryFiles files;
  REQUIRE(files.make_directory("/log", 0750).ok());
  check_contract(files, "/log");
}

TEST_CASE("files: a link in the last component is never followed", "[files]") {
  const TemporaryDirectory dir;
  REQUIRE(::symlink("/etc/passwd", (dir.path() + "/app").c_str()) == 0);
  const auto opened = system_files().open(dir.path() + "/app", OpenMode::append);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ELOOP);
  CHECK(opened.error().kind == ErrorKind::io);
}

TEST_CASE("files: a FIFO that nobody reads is a transient error, not a wait", "[files]") {
  const TemporaryDirectory dir;
  const std::string path = dir.path() + "/pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto opened = system_files().open(path, OpenMode::append);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == ENXIO);
  CHECK(opened.error().kind == ErrorKind::transient);

  const Fd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  auto file = system_files().open(path, OpenMode::append);
  REQUIRE(file.ok());
  const std::string full(1 << 20, 'x');
  CHECK(file.value()->write(full).value() > 0);
  CHECK(file.value()->write(full).value() == 0);
}

TEST_CASE("files: a created file has exactly the mode that was asked for", "[files]") {
  const TemporaryDirectory dir;
  const mode_t before = ::umask(077);
  for (const OpenMode mode : {OpenMode::append, OpenMode::create_new}) {
    const std::string path = dir.path() + "/a" + std::to_string(static_cast<int>(mode));
    REQUIRE(system_files().open(path, mode, 0664).ok());
    struct stat st;
    REQUIRE(::stat(path.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0664);
    REQUIRE(system_files().open(path, OpenMode::append, 0600).ok());
    REQUIRE(::stat(path.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0664);
  }
  ::umask(before);
}

TEST_CASE("files: descriptors do not leak into programs that are started", "[files]") {
  const TemporaryDirectory dir;
  const auto file = system_files().open(dir.path() + "/a", OpenMode::append);
  CHECK((::fcntl(file.value()->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("files: a path falls into directory and name", "[files]") {
  CHECK(directory_of("/var/log/app") == "/var/log");
  CHECK(directory_of("/app") == "/");
  CHECK(directory_of("app") == ".");
  CHECK(name_of("/var/log/app") == "app");
  CHECK(name_of("app") == "app");
}

TEST_CASE("memory files: a crash keeps what was synced and no more", "[files]") {
  MemoryFiles files;
  auto a = files.open("/a", OpenMode::append);
  REQUIRE(files.sync_directory("/").ok());
  REQUIRE(a.value()->write("kept").ok());
  REQUIRE(a.value()->sync().ok());
  REQUIRE(a.value()->write("lost").ok());
  auto b = files.open("/b", OpenMode::append);
  REQUIRE(b.value()->write("never named").ok());
  REQUIRE(b.value()->sync().ok());
  CHECK(files.synced_content("/a") == "kept");
  files.crash();
  CHECK(files.content("/a") == "kept");
  CHECK_FALSE(files.exists("/b"));
  CHECK_FALSE(a.value()->write("dead").ok());
}

TEST_CASE("memory files: a rename that was not synced is undone by a crash", "[files]") {
  MemoryFiles files;
  files.put("/a", "text");
  REQUIRE(files.rename("/a", "/b").ok());
  files.crash();
  CHECK(files.paths() == std::vector<std::string>{"/a"});
  REQUIRE(files.rename("/a", "/b").ok());
  REQUIRE(files.sync_directory("/").ok());
  files.crash();
  CHECK(files.paths() == std::vector<std::string>{"/b"});
}

TEST_CASE("memory files: a crash may keep a part of what was not synced", "[files]") {
  MemoryFiles files;
  files.put("/a", "1234");
  auto file = files.open("/a", OpenMode::append);
  REQUIRE(file.value()->write("5678").ok());
  files.crash(0.5);
  CHECK(files.content("/a") == "123456");
}

TEST_CASE("memory files: a full disk takes what fits, then nothing", "[files]") {
  MemoryFiles files;
  files.free_bytes = 3;
  auto file = files.open("/a", OpenMode::append);
  CHECK(file.value()->write("12345").value() == 3);
  CHECK(file.value()->write("45").error().code == ENOSPC);
  REQUIRE(file.value()->truncate(1).ok());
  CHECK(file.value()->write("45").value() == 2);
}

TEST_CASE("memory files: after the power went off nothing works until the crash", "[files]") {
  MemoryFiles files;
  auto file = files.open("/a", OpenMode::append);
  REQUIRE(files.sync_directory("/").ok());
  files.power_off_after(1, 2);
  CHECK(file.value()->write("whole").ok());
  CHECK_FALSE(file.value()->write("torn").ok());
  CHECK(files.power_is_off());
  CHECK_FALSE(file.value()->sync().ok());
  CHECK(files.content("/a") == "wholeto");
  files.crash(1.0);
  CHECK(files.content("/a") == "wholeto");
}

}  // namespace
}  // namespace ship
