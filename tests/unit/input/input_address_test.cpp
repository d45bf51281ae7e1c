#include "input/input_address.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace ship {
namespace {

std::string parsed(const std::string& text) {
  const auto address = InputAddress::parse(text);
  return address ? address.value().text() : address.error().message;
}

TEST_CASE("input address: what is read is shown as it would be given", "[sockets]") {
  for (const char* text :
       {"unix:/run/a.sock", "unix:a.sock", "tcp://127.0.0.1:9000", "tcp://[::1]:9000",
        "tcp://[::]:0", "tcp://0.0.0.0:65535", "systemd:", "systemd:app"}) {
    CHECK(InputAddress::is_one(text));
    CHECK(parsed(text) == text);
  }
  CHECK(parsed("tcp://localhost:1") == "tcp://127.0.0.1:1");
  CHECK(parsed("tcp://:1") == "tcp://127.0.0.1:1");
  CHECK(parsed("tcp://*:1") == "tcp://0.0.0.0:1");
  for (const char* text : {"app.log", "-", "/run/unix:x", "udp://127.0.0.1:1"}) {
    CHECK_FALSE(InputAddress::is_one(text));
  }
}

TEST_CASE("input address: what cannot be listened on names what was found and what is allowed",
          "[sockets]") {
  for (const char* text : {"tcp://", "tcp://1", "tcp://host:1", "tcp://127.0.0.1:", "tcp://[::1]",
                           "tcp://::1:9000", "tcp://[127.0.0.1]:1", "tcp://127.0.0.1:65536",
                           "tcp://127.0.0.1:-1", "tcp://127.0.0.1:1x"}) {
    INFO(text);
    const auto address = InputAddress::parse(text);
    REQUIRE_FALSE(address.ok());
    CHECK(address.error().kind == ErrorKind::config);
    CHECK(address.error().message.find(text) != std::string::npos);
    CHECK(address.error().message.find("tcp://[::1]:9000") != std::string::npos);
  }
  CHECK(InputAddress::parse("unix:" + std::string(107, 'x')).ok());
  CHECK(parsed("unix:" + std::string(108, 'x')).find("108 bytes") != std::string::npos);
  CHECK_FALSE(InputAddress::parse("unix:").ok());
}

TEST_CASE("input address: who can reach it is known", "[sockets]") {
  const auto local = [](const char* text) { return InputAddress::parse(text).value().is_local(); };
  CHECK(local("unix:/x"));
  CHECK(local("systemd:"));
  CHECK(local("tcp://127.9.0.1:1"));
  CHECK(local("tcp://[::1]:1"));
  CHECK_FALSE(local("tcp://0.0.0.0:1"));
  CHECK_FALSE(local("tcp://[::]:1"));
}

TEST_CASE("input address: colons separate inputs, but not what belongs to an address",
          "[sockets]") {
  using Texts = std::vector<std::string>;
  CHECK(split_inputs("a.log:/b/c") == Texts{"a.log", "/b/c"});
  CHECK(split_inputs("unix:/run/a:tcp://1.2.3.4:9:b") ==
        Texts{"unix:/run/a", "tcp://1.2.3.4:9", "b"});
  CHECK(split_inputs("tcp://[::1]:9000:systemd:app:unix:x") ==
        Texts{"tcp://[::1]:9000", "systemd:app", "unix:x"});
  CHECK(split_inputs("systemd:") == Texts{"systemd:"});
  CHECK(split_inputs("::a::") == Texts{"a"});
  CHECK(split_inputs("tcp://[::1") == Texts{"tcp://[::1"});
  CHECK(split_inputs("").empty());
}

}  // namespace
}  // namespace ship
