#include "sinks/socket/socket_sink.hpp"

#include <future>

#include "tests/catch.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"
#include "tests/unit/net/certificates.hpp"
#include "tests/unit/sinks/stream_contract_peer.hpp"

namespace ship {
namespace {

using testing::OwnedRecords;
using testing::StreamPeer;

std::unique_ptr<Sink> socket_sink(const std::string& address,
                                  const std::function<void(StreamTransport&)>& change = {}) {
  SocketSinkSettings settings;
  settings.transport.address = address;
  settings.transport.request_timeout = std::chrono::minutes(10);
  if (change) change(settings.transport);
  Result<std::unique_ptr<Sink>> sink = SocketSink::make(settings);
  REQUIRE(sink.ok());
  return std::move(sink).value();
}

std::vector<std::string> newline_lines(std::string_view text) {
  return testing::split_frames(text, '\n');
}

std::vector<std::string> numbered_lines(std::size_t first, std::size_t count,
                                        std::size_t padding = 0) {
  std::vector<std::string> lines;
  for (std::size_t i = first; i < first + count; ++i) {
    lines.push_back("{\"n\":" + std::to_string(i) + ",\"p\":\"" + std::string(padding, 'x') +
                    "\"}");
  }
  return lines;
}

Verdict deliver(Sink& sink, const OwnedRecords& records, std::stop_token stop = {}) {
  SendContext context;
  context.stop = std::move(stop);
  context.batch_id = "b";
  return sink.send(records.records(), context);
}

}  // namespace

TEST_CASE("socket sink: keeps the contract of sinks over TCP", "[sinks][socket]") {
  testing::run_sink_contract([] {
    return std::make_unique<testing::StreamContractPeer>(
        std::make_unique<StreamPeer>(),
        [](const std::string& address) { return socket_sink(address); }, newline_lines);
  });
}

TEST_CASE("socket sink: keeps the contract of sinks over TLS", "[sinks][socket][tls]") {
  const testing::Certificates files;
  testing::run_sink_contract([&files] {
    const testing::PeerTls tls{files.server().cert_file, files.server().key_file,
                               files.authority().cert_file};
    return std::make_unique<testing::StreamContractPeer>(
        std::make_unique<StreamPeer>(tls),
        [&files](const std::string& address) {
          return socket_sink(address, [&files](StreamTransport& transport) {
            transport.ca_file = files.authority().cert_file;
            transport.cert_file = files.client().cert_file;
            transport.key_file = files.client().key_file;
          });
        },
        newline_lines);
  });
}

TEST_CASE("socket sink: keeps the contract of sinks over a Unix socket", "[sinks][socket]") {
  const TemporaryDirectory directory;
  testing::run_sink_contract([&directory] {
    return std::make_unique<testing::StreamContractPeer>(
        std::make_unique<StreamPeer>(directory.path() + "/s"),
        [](const std::string& address) { return socket_sink(address); }, newline_lines);
  });
}

TEST_CASE("socket sink: a peer that closed while nothing was under way costs a new connection only",
          "[sinks][socket]") {
  StreamPeer peer;
  const auto sink = socket_sink(peer.address());
  CHECK(deliver(*sink, OwnedRecords(numbered_lines(0, 3))).kind == Verdict::Kind::ok);
  peer.close_connections();
  CHECK(deliver(*sink, OwnedRecords(numbered_lines(3, 3))).kind == Verdict::Kind::ok);
  sink->close({});
  CHECK(peer.connections() == 2);
  CHECK(newline_lines(peer.all_received()) == numbered_lines(0, 6));
}

TEST_CASE("socket sink: a peer that stands still keeps its connection and gets each record once",
          "[sinks][socket]") {
  StreamPeer peer;
  peer.hold();
  const auto sink = socket_sink(peer.address(), [](StreamTransport& transport) {
    transport.request_timeout = std::chrono::milliseconds(50);
  });
  // More than the kernel's buffers of both sides hold.
  const OwnedRecords records(numbered_lines(0, 4000, 4000));
  std::size_t told = 0;
  bool stood_still = false;
  for (bool going = true; going;) {
    SendContext context;
    context.batch_id = "b";
    const Verdict verdict = sink->send(records.records().subspan(told), context);
    switch (verdict.kind) {
      case Verdict::Kind::ok:
        going = false;
        break;
      case Verdict::Kind::partial:
        told = records.records().size() - verdict.items.size();
        break;
      default:
        REQUIRE(verdict.kind == Verdict::Kind::retry);
        stood_still = true;
        peer.go_on();
    }
  }
  CHECK(stood_still);
  sink->close({});
  CHECK(peer.connections() == 1);
  CHECK((newline_lines(peer.all_received()) == records.lines()));
}

TEST_CASE("socket sink: other records than those begun never come behind half a line",
          "[sinks][socket]") {
  StreamPeer peer;
  peer.hold();
  const auto sink = socket_sink(peer.address(), [](StreamTransport& transport) {
    transport.request_timeout = std::chrono::milliseconds(50);
  });
  const OwnedRecords large(numbered_lines(0, 4000, 4000));
  CHECK(deliver(*sink, large).kind != Verdict::Kind::ok);
  sink->abandon();
  peer.go_on();
  CHECK(deliver(*sink, OwnedRecords(numbered_lines(9000, 2))).kind == Verdict::Kind::ok);
  sink->close({});
  const std::vector<std::string> parts = peer.received();
  REQUIRE(parts.size() == 2);
  CHECK(newline_lines(parts[1]) == numbered_lines(9000, 2));
}

TEST_CASE("socket sink: after a reset what was not acknowledged is told as not sent",
          "[sinks][socket]") {
  StreamPeer peer;
  peer.hold();
  const auto sink = socket_sink(peer.address());
  const OwnedRecords records(numbered_lines(0, 4000, 4000));
  std::promise<Verdict> told;
  std::jthread worker([&] { told.set_value(deliver(*sink, records)); });
  peer.wait_for_connections(1);
  peer.stop(true);
  const Verdict verdict = told.get_future().get();
  worker.join();
  CHECK(verdict.kind != Verdict::Kind::ok);
  peer.start();
  peer.go_on();
  const std::size_t complete =
      verdict.kind == Verdict::Kind::partial ? records.lines().size() - verdict.items.size() : 0;
  SendContext context;
  context.batch_id = "b";
  CHECK(sink->send(records.records().subspan(complete), context).kind == Verdict::Kind::ok);
  sink->close({});
  const std::vector<std::string> last = newline_lines(peer.received().back());
  CHECK(last.size() == records.lines().size() - complete);
  CHECK(last.back() == records.lines().back());
}

TEST_CASE("socket sink: a server that refuses our certificate has taken nothing",
          "[sinks][socket][tls]") {
  const testing::Certificates files;
  StreamPeer peer(testing::PeerTls{files.server().cert_file, files.server().key_file,
                                   files.authority().cert_file});
  const auto sink = socket_sink(peer.address(), [&files](StreamTransport& transport) {
    transport.ca_file = files.authority().cert_file;
  });
  const Verdict verdict = deliver(*sink, OwnedRecords(numbered_lines(0, 3)));
  CHECK(verdict.kind == Verdict::Kind::retry);
  CHECK(verdict.reason.find("certificate required") != std::string::npos);
}

TEST_CASE("socket sink: a certificate that is not believed gets no record",
          "[sinks][socket][tls]") {
  const testing::Certificates files;
  const auto refusal = [&files](const testing::Certificate& server) {
    StreamPeer peer(testing::PeerTls{server.cert_file, server.key_file, ""});
    const auto sink = socket_sink(peer.address(), [&files](StreamTransport& transport) {
      transport.ca_file = files.authority().cert_file;
    });
    const Verdict verdict = deliver(*sink, OwnedRecords(numbered_lines(0, 3)));
    CHECK(verdict.kind == Verdict::Kind::retry);
    CHECK(peer.all_received().empty());
    return verdict.reason;
  };
  CHECK(refusal(files.expired()).find("certificate has expired") != std::string::npos);
  CHECK(refusal(files.self_signed()).find("self-signed") != std::string::npos);
}

TEST_CASE("socket sink: what cannot be used is a configuration error", "[sinks][socket]") {
  const auto problem = [](const std::string& address, const std::string& ca_file) {
    SocketSinkSettings settings;
    settings.transport.address = address;
    settings.transport.ca_file = ca_file;
    const auto sink = SocketSink::make(settings);
    REQUIRE_FALSE(sink.ok());
    CHECK(sink.error().kind == ErrorKind::config);
    return sink.error().message;
  };
  CHECK(problem("tls://h:1", "/nowhere.pem").find("/nowhere.pem") != std::string::npos);
  CHECK(problem("tcp://h:1", "/nowhere.pem").find("is for TLS") != std::string::npos);
  CHECK(problem("unix:" + std::string(200, 'a'), "").find("at most 107") != std::string::npos);
}

TEST_CASE("socket sink: payload is what send writes, and asks nobody", "[sinks][socket]") {
  StreamPeer peer;
  const auto sink = socket_sink(peer.address());
  const OwnedRecords records(numbered_lines(0, 3));
  const std::string shown = sink->payload(records.records());
  CHECK(peer.connections() == 0);
  CHECK(deliver(*sink, records).kind == Verdict::Kind::ok);
  sink->close({});
  CHECK(shown == peer.all_received());
}

}  // namespace ship
