#include "stats/admin/listen_address.hpp"

#include <sys/stat.h>

#include "tests/catch.hpp"

using namespace ship;

namespace {

std::string url_of(const char* text) {
  const auto address = ListenAddress::parse(text);
  return address ? address.value().url() + (address.value().is_local() ? " local" : "") : "refused";
}

}  // namespace

TEST_CASE("listen address: loopback unless told otherwise", "[stats]") {
  CHECK(url_of("127.0.0.1:9464") == "http://127.0.0.1:9464/ local");
  CHECK(url_of(":9464") == "http://127.0.0.1:9464/ local");
  CHECK(url_of("9464") == "http://127.0.0.1:9464/ local");
  CHECK(url_of("localhost:9464") == "http://127.0.0.1:9464/ local");
  CHECK(url_of("[::1]:9464") == "http://[::1]:9464/ local");
  CHECK(url_of("0.0.0.0:80") == "http://0.0.0.0:80/");
  CHECK(url_of("*:80") == "http://0.0.0.0:80/");
  CHECK(url_of("[::]:80") == "http://[::]:80/");
  CHECK(url_of("10.1.2.3:80") == "http://10.1.2.3:80/");
  CHECK(url_of("unix:/run/x.sock") == "unix:/run/x.sock local");
}

TEST_CASE("listen address: what is none is refused", "[stats]") {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:9464", "[::1]",
        "[127.0.0.1]:80", "example.com:80", "unix:", "127.0.0.1:80:", "-1"}) {
    INFO(text);
    CHECK(url_of(text) == "refused");
  }
  CHECK(url_of(("unix:/" + std::string(107, 'x')).c_str()) == "refused");
}

TEST_CASE("listen address: one that is taken names it and what to do", "[stats]") {
  auto first = ListenAddress::parse("127.0.0.1:0");
  auto held = open_listener(first.value());
  REQUIRE(held.ok());
  CHECK(first.value().port != 0);
  auto second = open_listener(first.value());
  REQUIRE(!second.ok());
  CHECK(second.error().kind == ErrorKind::io);
  CHECK(second.error().message.find(first.value().url() + ": Address already in use") !=
        std::string::npos);
  CHECK(second.error().message.find("choose another server.listen") != std::string::npos);
}

TEST_CASE("listen address: a socket that nobody listens on any more is taken over", "[stats]") {
  char folder[] = "/tmp/ship_listen_XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/ship.sock";
  auto address = ListenAddress::parse("unix:" + path);
  {
    auto first = open_listener(address.value());
    REQUIRE(first.ok());
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0660);
    CHECK(!open_listener(address.value()).ok());
  }
  CHECK(open_listener(address.value()).ok());
  ::unlink(path.c_str());
  ::rmdir(folder);
}

TEST_CASE("listen address: a file that is no socket is left alone", "[stats]") {
  char path[] = "/tmp/ship_listen_XXXXXX";
  const Fd file(::mkstemp(path));
  auto address = ListenAddress::parse(std::string("unix:") + path);
  CHECK(!open_listener(address.value()).ok());
  struct stat found {};
  REQUIRE(::stat(path, &found) == 0);
  CHECK(S_ISREG(found.st_mode));
  ::unlink(path);
}
