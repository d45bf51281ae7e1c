#include "base/memory_limit.hpp"

#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"

using namespace ship;

namespace {

/// A directory that stands for the machine's root.
class FakeRoot {
 public:
  FakeRoot() {
    std::string name = (std::filesystem::temp_directory_path() / "memory-limit-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  void put(const std::string& path, const std::string& text) {
    const std::filesystem::path full = path_ + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("memory limit: none where no group sets one", "[memory_limit]") {
  FakeRoot root;
  CHECK_FALSE(memory_limit(root.path()));
  root.put("/proc/self/cgroup", "0::/app\n");
  root.put("/sys/fs/cgroup/app/memory.max", "max\n");
  CHECK_FALSE(memory_limit(root.path()));
}

TEST_CASE("memory limit: the lowest on the way up counts", "[memory_limit]") {
  FakeRoot root;
  root.put("/proc/self/cgroup", "0::/pod/app\n");
  root.put("/sys/fs/cgroup/pod/app/memory.max", "268435456\n");
  CHECK(memory_limit(root.path()) == 268435456u);
  root.put("/sys/fs/cgroup/pod/memory.max", "134217728\n");
  CHECK(memory_limit(root.path()) == 134217728u);
}

TEST_CASE("memory limit: in a container the mount's root is the group itself", "[memory_limit]") {
  FakeRoot root;
  root.put("/proc/self/cgroup", "0::/../kubepods/pod1/app\n");
  root.put("/sys/fs/cgroup/memory.max", "67108864\n");
  CHECK(memory_limit(root.path()) == 67108864u);
}

TEST_CASE("memory limit: version 1 is read too, and its way to say no limit", "[memory_limit]") {
  FakeRoot root;
  root.put("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n");
  root.put("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK_FALSE(memory_limit(root.path()));
  root.put("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "50000000\n");
  CHECK(memory_limit(root.path()) == 50000000u);
}

TEST_CASE("memory limit: garbage in the files is no limit", "[memory_limit]") {
  FakeRoot root;
  root.put("/proc/self/cgroup", "0::/app\nnonsense\n:\n");
  root.put("/sys/fs/cgroup/app/memory.max", "12monkeys\n");
  CHECK_FALSE(memory_limit(root.path()));
}
