#include "sinks/syslog/syslog_sink.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.hpp"
#include "net/datagram_pace.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/sinks/stream_contract_peer.hpp"

namespace ship {
namespace {

using testing::OwnedRecords;
using testing::StreamPeer;

std::unique_ptr<Sink> syslog_sink(const std::string& address,
                                  const std::function<void(SyslogSinkSettings&)>& change = {},
                                  const SinkEnvironment& environment = {}) {
  SyslogSinkSettings settings;
  settings.transport.address = address;
  settings.transport.request_timeout = std::chrono::minutes(10);
  if (change) change(settings);
  Result<std::unique_ptr<Sink>> sink = make_syslog_sink(settings, {}, environment);
  REQUIRE(sink.ok());
  return std::move(sink).value();
}

/// The record in a message: all behind its structured data, or behind the tag.
std::string record_in(std::string_view message) {
  return std::string(message.substr(std::min(message.find('{'), message.size())));
}

std::vector<std::string> counted_frames(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    REQUIRE(blank < 8);
    const std::size_t size = std::stoul(std::string(text.substr(0, blank)));
    REQUIRE(text.size() >= blank + 1 + size);
    lines.push_back(record_in(text.substr(blank + 1, size)));
    text.remove_prefix(blank + 1 + size);
  }
  return lines;
}

std::vector<std::string> newline_frames(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string& part : testing::split_frames(text, '\n')) {
    lines.push_back(record_in(part));
  }
  return lines;
}

/// A socket for datagrams that reads when it is asked.
class DatagramPeer {
 public:
  explicit DatagramPeer(const std::string& path = {}) : path_(path) {
    if (!path.empty()) {
      fd_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::memcpy(address.sun_path, path.data(), path.size());
      ::unlink(path.c_str());
      REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
      return;
    }
    fd_ = Fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~DatagramPeer() { stop(); }

  std::string address() const {
    return path_.empty() ? "udp://127.0.0.1:" + std::to_string(port_) : "unix:" + path_;
  }
  /// Reads on in a thread of its own.
  void read_on() {
    reader_ = std::thread([this] {
      std::string part(70'000, '\0');
      pollfd polled{fd_.get(), POLLIN, 0};
      while (!stopping_ || ::poll(&polled, 1, 0) > 0) {
        if (::poll(&polled, 1, 10) <= 0) continue;
        const ssize_t size = ::recv(fd_.get(), part.data(), part.size(), MSG_DONTWAIT);
        if (size > 0) received_.emplace_back(part, 0, static_cast<std::size_t>(size));
      }
    });
  }
  /// What came until now; nothing is read any more.
  const std::vector<std::string>& stop() {
    stopping_ = true;
    if (reader_.joinable()) reader_.join();
    return received_;
  }

 private:
  std::string path_;
  std::uint16_t port_ = 0;
  Fd fd_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::string> received_;
  std::thread reader_;
};

Verdict deliver(Sink& sink, const OwnedRecords& records) {
  SendContext context;
  context.batch_id = "b";
  return sink.send(records.records(), context);
}

std::vector<std::string> lines_of(std::size_t count, std::size_t padding) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    lines.push_back("{\"n\":" + std::to_string(i) + ",\"p\":\"" + std::string(padding, 'x') +
                    "\"}");
  }
  return lines;
}

}  // namespace

TEST_CASE("syslog sink: keeps the contract of sinks, with a count before each message",
          "[sinks][syslog]") {
  testing::run_sink_contract([] {
    return std::make_unique<testing::StreamContractPeer>(
        std::make_unique<StreamPeer>(),
        [](const std::string& address) { return syslog_sink(address); }, counted_frames);
  });
}

TEST_CASE("syslog sink: keeps the contract of sinks, with newlines", "[sinks][syslog]") {
  testing::run_sink_contract([] {
    return std::make_unique<testing::StreamContractPeer>(
        std::make_unique<StreamPeer>(),
        [](const std::string& address) {
          return syslog_sink(address, [](SyslogSinkSettings& settings) {
            settings.framing = SyslogSinkSettings::Framing::newline;
          });
        },
        newline_frames);
  });
}

TEST_CASE("syslog sink: keeps the contract of sinks on a Unix socket for streams",
          "[sinks][syslog]") {
  const TemporaryDirectory directory;
  testing::run_sink_contract([&directory] {
    return std::make_unique<testing::StreamContractPeer>(
        std::make_unique<StreamPeer>(directory.path() + "/log"),
        [](const std::string& address) { return syslog_sink(address); }, newline_frames);
  });
}

TEST_CASE("syslog sink: a Unix socket for datagrams gets one for each record, none is lost",
          "[sinks][syslog]") {
  const TemporaryDirectory directory;
  DatagramPeer peer(directory.path() + "/log");
  peer.read_on();
  const auto sink = syslog_sink(peer.address());
  const OwnedRecords records(lines_of(3000, 300));
  CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
  std::vector<std::string> lines;
  for (const std::string& message : peer.stop()) {
    CHECK(message.starts_with("<14>"));
    lines.push_back(record_in(message));
  }
  CHECK((lines == records.lines()));
}

TEST_CASE("syslog sink: a server on this machine is not flooded over UDP", "[sinks][syslog]") {
  DatagramPeer peer;
  peer.read_on();
  const auto sink = syslog_sink(peer.address());
  const OwnedRecords records(lines_of(5000, 1000));
  CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
  std::vector<std::string> lines;
  for (const std::string& message : peer.stop()) lines.push_back(record_in(message));
  CHECK((lines == records.lines()));
}

TEST_CASE("syslog sink: over UDP a message that is too long is cut, and that is said",
          "[sinks][syslog]") {
  DatagramPeer peer;
  peer.read_on();
  std::vector<std::string> said;
  SinkEnvironment environment;
  environment.log = [&said](LogLevel, std::string text) { said.push_back(std::move(text)); };
  const auto sink = syslog_sink(
      peer.address(), [](SyslogSinkSettings& settings) { settings.max_datagram_bytes = 480; },
      environment);
  CHECK(deliver(*sink, OwnedRecords({R"({"a":1})", "{\"p\":\"" + std::string(1000, 'x') + "\"}"}))
            .kind == Verdict::Kind::ok);
  const std::vector<std::string>& messages = peer.stop();
  REQUIRE(messages.size() == 2);
  CHECK(record_in(messages[0]) == R"({"a":1})");
  CHECK(messages[1].size() == 480);
  REQUIRE(said.size() == 1);
  CHECK(said[0].find("1 message longer than max_datagram_bytes (480) went out cut") !=
        std::string::npos);
}

TEST_CASE("syslog sink: over UDP a cut splits no character", "[sinks][syslog]") {
  DatagramPeer peer;
  peer.read_on();
  const auto sink = syslog_sink(
      peer.address(), [](SyslogSinkSettings& settings) { settings.max_datagram_bytes = 480; });
  std::string text;
  for (int i = 0; i < 500; ++i) text += "\u00e9";
  const OwnedRecords records({"{\"p\":\"" + text + "\"}", "{\"p\":\"x" + text + "\"}"});
  CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
  const std::vector<std::string>& messages = peer.stop();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].size() + messages[1].size() == 479 + 480);
  for (const std::string& message : messages) CHECK(message.ends_with("\u00e9"));
}

TEST_CASE("syslog sink: where nobody listens for datagrams the records are to be sent again",
          "[sinks][syslog]") {
  std::string udp;
  {
    const DatagramPeer gone;
    udp = gone.address();
  }
  const TemporaryDirectory directory;
  for (const std::string& address : {udp, "unix:" + directory.path() + "/none"}) {
    INFO(address);
    const auto sink = syslog_sink(address);
    const Verdict verdict = deliver(*sink, OwnedRecords(lines_of(10, 10)));
    CHECK(verdict.kind == Verdict::Kind::retry);
    CHECK_FALSE(verdict.reason.empty());
  }
}

TEST_CASE("datagram pace: the table of sockets tells what waits for a port's readers",
          "[net][datagrams]") {
  static constexpr std::string_view kTable =
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode ref pointer drops\n"
      "  12: 0100007F:0202 00000000:0000 07 00000000:00000A00 00:00000000 00000000     0        0 "
      "123 2 0000000000000000 0\n"
      "  13: 0100007F:0203 0100007F:0202 01 00000000:00000B00 00:00000000 00000000     0        0 "
      "124 2 0000000000000000 0\n";
  CHECK(waiting_bytes(kTable, 514) == 0xA00);
  CHECK_FALSE(waiting_bytes(kTable, 515));
  CHECK_FALSE(waiting_bytes("", 514));
}

TEST_CASE("syslog sink: payload shows each message on a line of its own, with its count",
          "[sinks][syslog]") {
  const OwnedRecords records(lines_of(2, 10));
  for (const auto framing :
       {SyslogSinkSettings::Framing::octet, SyslogSinkSettings::Framing::newline}) {
    StreamPeer peer;
    const auto sink = syslog_sink(
        peer.address(), [framing](SyslogSinkSettings& settings) { settings.framing = framing; });
    std::string shown = sink->payload(records.records());
    CHECK(testing::split_frames(shown, '\n').size() == 2);
    CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
    sink->close({});
    if (framing == SyslogSinkSettings::Framing::octet) std::erase(shown, '\n');
    CHECK(shown == peer.all_received());
  }
}

TEST_CASE("syslog sink: payload shows datagrams as they go out, and counts none of them as cut",
          "[sinks][syslog]") {
  const TemporaryDirectory directory;
  const OwnedRecords records({R"({"a":1})", "{\"p\":\"" + std::string(1000, 'x') + "\"}"});
  DatagramPeer local(directory.path() + "/log");
  DatagramPeer udp;
  for (DatagramPeer* peer : {&local, &udp}) {
    peer->read_on();
    std::vector<std::string> said;
    SinkEnvironment environment;
    environment.log = [&said](LogLevel, std::string text) { said.push_back(std::move(text)); };
    const auto sink = syslog_sink(
        peer->address(), [](SyslogSinkSettings& settings) { settings.max_datagram_bytes = 480; },
        environment);
    const std::string shown = sink->payload(records.records());
    CHECK(deliver(*sink, OwnedRecords({R"({"a":1})"})).kind == Verdict::Kind::ok);
    CHECK(said.empty());
    CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
    const std::vector<std::string>& messages = peer->stop();
    REQUIRE(messages.size() == 3);
    CHECK(shown == messages[1] + "\n" + messages[2] + "\n");
  }
}

}  // namespace ship
