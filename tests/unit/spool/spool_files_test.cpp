#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/fd.hpp"
#include "spool/spool.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/spool/spool_fixture.hpp"

namespace ship {
namespace {

namespace fs = std::filesystem;

fs::perms mode_of(const std::string& path) { return fs::status(path).permissions(); }

TEST_CASE("spool: its files are 0600 and its directories 0700, whatever the umask", "[spool]") {
  const TemporaryDirectory directory;
  const mode_t before = ::umask(0);
  auto opened = Spool::open(system_files(), {directory.path() + "/a/b"});
  SpoolRecords records;
  records.add(1, kSpoolInfo);
  REQUIRE(opened.value().spool->append(records).stored == 1);
  ::umask(before);
  CHECK(mode_of(directory.path() + "/a") == fs::perms(0700));
  CHECK(mode_of(directory.path() + "/a/b") == fs::perms(0700));
  CHECK(mode_of(directory.path() + "/a/b/lock") == fs::perms(0600));
  CHECK(mode_of(directory.path() + "/a/b/" + spool_segment_name(1, kSpoolInfo)) == fs::perms(0600));
}

TEST_CASE("spool: it follows no link, neither to read nor to write", "[spool]") {
  const TemporaryDirectory directory;
  const std::string spool = directory.path() + "/spool";
  fs::create_directory(spool);
  const std::string victim = directory.path() + "/victim";
  std::ofstream(victim) << "precious";
  fs::create_symlink(spool, directory.path() + "/link");
  const auto through = Spool::open(system_files(), {directory.path() + "/link"});
  REQUIRE_FALSE(through.ok());
  CHECK(through.error().kind == ErrorKind::config);
  CHECK(through.error().message.find("symbolic link") != std::string::npos);

  fs::create_symlink(victim, spool + "/" + spool_segment_name(1, kSpoolInfo));
  fs::create_symlink(victim, spool + "/" + spool_segment_name(2, kSpoolInfo) + ".bad");
  {
    auto opened = Spool::open(system_files(), {spool});
    REQUIRE(opened.ok());
    REQUIRE(opened.value().report.messages.size() == 1);
    CHECK(opened.value().report.messages[0].find("not a regular file") != std::string::npos);
    // The name that it would take next is there already.
    fs::create_symlink(victim, spool + "/" + spool_segment_name(3, kSpoolInfo));
    SpoolRecords records;
    records.add(1, kSpoolInfo);
    CHECK(opened.value().spool->append(records).stored == 1);
    CHECK(drain(*opened.value().spool).sequences.size() == 1);
  }
  fs::remove(spool + "/lock");
  fs::create_symlink(victim, spool + "/lock");
  const auto locked = Spool::open(system_files(), {spool});
  REQUIRE_FALSE(locked.ok());
  CHECK(locked.error().kind == ErrorKind::io);
  std::string text;
  std::getline(std::ifstream(victim) >> std::ws, text);
  CHECK(text == "precious");
}

TEST_CASE("spool: a FIFO among its files does not hang it", "[spool]") {
  const TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory.path() + "/" + spool_segment_name(1, kSpoolInfo)).c_str(), 0600) ==
          0);
  auto opened = Spool::open(system_files(), {directory.path()});
  REQUIRE(opened.ok());
  CHECK(opened.value().report.messages.size() == 1);
}

TEST_CASE("spool: a directory that cannot be made is an error that names it", "[spool]") {
  const TemporaryDirectory directory;
  std::ofstream(directory.path() + "/file") << "x";
  const auto opened = Spool::open(system_files(), {directory.path() + "/file"});
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().kind == ErrorKind::config);
  const auto below = Spool::open(system_files(), {directory.path() + "/file/spool"});
  REQUIRE_FALSE(below.ok());
  CHECK(below.error().message.find(directory.path() + "/file") != std::string::npos);
}

TEST_CASE("spool: two names never share a directory", "[spool]") {
  CHECK(spool_directory("/var/spool/ship", "loki") == "/var/spool/ship/loki");
  CHECK(spool_directory("/s", "a.b-c_D9") == "/s/a.b-c_D9");
  CHECK(spool_directory("/s", "..") == "/s/%2E.");
  CHECK(spool_directory("/s", "a/b") == "/s/a%2Fb");
  CHECK(spool_directory("/s", "a%2Fb") == "/s/a%252Fb");
  CHECK(spool_directory("/s", "\xC3\xA9") == "/s/%C3%A9");
}

/// Writes one number into a pipe; small enough that the pipe takes it whole or not.
void tell(int fd, std::uint64_t number) {
  if (::write(fd, &number, sizeof number) != sizeof number) ::_exit(9);
}

/// Appends and delivers until it is killed, and says on the pipes what it was promised.
[[noreturn]] void live_until_killed(const std::string& directory, int stored_fd, int settled_fd) {
  auto opened = Spool::open(system_files(),
                            {directory, 64 << 20, SpoolMode::durable, DropPolicy::newest, 16384});
  if (!opened) ::_exit(8);
  Spool& spool = *opened.value().spool;
  for (std::uint64_t next = spool.next_sequence();;) {
    SpoolRecords records;
    for (int i = 0; i < 20; ++i, ++next) {
      records.add(next, std::array{kSpoolDebug, kSpoolInfo, kSpoolError}[next % 3], 100);
    }
    if (spool.append(records).stored != 20) ::_exit(7);
    for (const SpoolRecord& record : records.all()) tell(stored_fd, record.sequence);
    SpoolBatch batch;
    spool.take({17}, batch);
    std::vector<std::uint64_t> sequences;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!is_intact(batch, i)) ::_exit(6);
      sequences.push_back(batch.sequence(i));
    }
    if (spool.release(batch).error) ::_exit(5);
    for (const std::uint64_t sequence : sequences) tell(settled_fd, sequence);
  }
}

std::set<std::uint64_t> read_all(int fd) {
  std::set<std::uint64_t> numbers;
  std::uint64_t number;
  while (::read(fd, &number, sizeof number) == sizeof number) numbers.insert(number);
  return numbers;
}

TEST_CASE("spool: a process that is killed loses nothing that was stored", "[spool]") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(7);
  std::set<std::uint64_t> stored;
  std::set<std::uint64_t> settled;
  for (int life = 0; life < 12; ++life) {
    int stored_pipe[2];
    int settled_pipe[2];
    REQUIRE(::pipe2(stored_pipe, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(settled_pipe, O_CLOEXEC) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(stored_pipe[0]);
      ::close(settled_pipe[0]);
      live_until_killed(directory.path(), stored_pipe[1], settled_pipe[1]);
    }
    const Fd stored_in(stored_pipe[0]);
    const Fd settled_in(settled_pipe[0]);
    ::close(stored_pipe[1]);
    ::close(settled_pipe[1]);
    // It lives until it has said this much; where in its work that is, no one knows.
    const std::uint64_t words = random() % 400;
    for (std::uint64_t i = 0; i < words; ++i) {
      std::uint64_t sequence;
      REQUIRE(::read(stored_in.get(), &sequence, sizeof sequence) == sizeof sequence);
      stored.insert(sequence);
      // Else a full pipe would stop it.
      if (i % 20 == 19 && ::read(settled_in.get(), &sequence, sizeof sequence) > 0) {
        settled.insert(sequence);
      }
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    stored.merge(read_all(stored_in.get()));
    settled.merge(read_all(settled_in.get()));

    auto opened = Spool::open(system_files(), {directory.path()});
    REQUIRE(opened.ok());
    SpoolDrain rest = drain(*opened.value().spool, {}, false);
    CHECK(rest.changed == 0);
    CHECK(std::is_sorted(rest.sequences.begin(), rest.sequences.end()));
    const std::set<std::uint64_t> there(rest.sequences.begin(), rest.sequences.end());
    CHECK(there.size() == rest.sequences.size());
    std::uint64_t neither = 0;
    for (const std::uint64_t sequence : stored) {
      const bool is_there = there.count(sequence) == 1;
      if (settled.count(sequence) == 1) CHECK_FALSE(is_there);
      if (settled.count(sequence) == 0 && !is_there) ++neither;
    }
    // Its last batch was settled, and it had no time to say so.
    CHECK(neither <= 17);
    for (const std::uint64_t sequence : stored) {
      if (there.count(sequence) == 0) settled.insert(sequence);
    }
  }
}

TEST_CASE("spool: what was drained is let go, its descriptors with its files", "[spool]") {
  const TemporaryDirectory directory;
  auto spool =
      std::move(Spool::open(system_files(), {directory.path(), 64 << 20, SpoolMode::overflow,
                                             DropPolicy::newest, 20000})
                    .value()
                    .spool);
  const auto descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto before = descriptors();
  for (std::uint64_t outage = 0; outage < 50; ++outage) {
    SpoolRecords records;
    for (std::uint64_t i = 0; i < 60; ++i) records.add(outage * 60 + i + 1, kSpoolInfo, 150);
    REQUIRE(spool->append(records).stored == 60);
    REQUIRE(drain(*spool).sequences.size() == 60);
  }
  CHECK(descriptors() <= before + 4);
}

TEST_CASE("spool: readers and the writer do not disturb each other", "[spool]") {
  const TemporaryDirectory directory;
  constexpr std::uint64_t kAll = 4000;
  auto spool =
      std::move(Spool::open(system_files(), {directory.path(), 64 << 20, SpoolMode::overflow,
                                             DropPolicy::newest, 20000})
                    .value()
                    .spool);
  std::atomic<bool> written = false;
  std::atomic<std::uint64_t> intact = 0;
  std::mutex mutex;
  std::multiset<std::uint64_t> seen;
  const auto read = [&](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    SpoolBatch batch;
    for (;;) {
      const bool was_written = written;
      spool->take({1 + random() % 50}, batch);
      const SpoolCounts counts = spool->counts();
      if (counts.in_flight > counts.records) return;
      if (batch.empty()) {
        if (was_written && spool->counts().records == 0) return;
        std::this_thread::yield();
        continue;
      }
      const std::size_t done = random() % 3 == 0 ? random() % batch.size() : batch.size();
      for (std::size_t i = 0; i < done; ++i) intact += is_intact(batch, i);
      {
        const std::lock_guard guard(mutex);
        for (std::size_t i = 0; i < done; ++i) seen.insert(batch.sequence(i));
      }
      spool->settle(batch, done);
    }
  };
  std::thread one(read, 1);
  std::thread two(read, 2);
  for (std::uint64_t next = 1; next <= kAll;) {
    SpoolRecords records;
    for (int i = 0; i < 40; ++i, ++next) {
      records.add(next, std::array{kSpoolDebug, kSpoolInfo, kSpoolError}[next % 3], 100);
    }
    CHECK(spool->append(records).stored == 40);
  }
  written = true;
  one.join();
  two.join();
  CHECK(intact == kAll);
  CHECK(seen.size() == kAll);
  CHECK(*seen.begin() == 1);
  CHECK(*seen.rbegin() == kAll);
  CHECK_FALSE(spool->close().error);
  CHECK(spool->counts() == SpoolCounts());
}

}  // namespace
}  // namespace ship
