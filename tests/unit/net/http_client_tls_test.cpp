#include <fstream>

#include "net/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/unit/net/certificates.hpp"
#include "tests/unit/net/scripted_peer.hpp"

namespace ship {
namespace {

using testing::Certificate;
using testing::Certificates;
using testing::PeerTls;
using testing::ScriptedPeer;

HttpTransport transport_to(const ScriptedPeer& peer) {
  HttpTransport transport;
  transport.url = peer.url();
  transport.proxy = "none";
  transport.request_timeout = std::chrono::minutes(10);
  return transport;
}

Result<HttpResponse> post(const ScriptedPeer& peer, const HttpTransport& transport) {
  Result<std::unique_ptr<HttpClient>> client = make_curl_client(transport);
  REQUIRE(client);
  HttpRequest request;
  request.url = peer.url();
  request.body = "x";
  return client.value()->perform(request, {});
}

std::string refused(const Result<HttpResponse>& result, ErrorKind kind = ErrorKind::transient) {
  REQUIRE(!result.ok());
  CHECK(result.error().kind == kind);
  INFO(result.error().message);
  CHECK(result.error().message.find(": TLS: ") != std::string::npos);
  return result.error().message;
}

PeerTls serving(const Certificate& certificate) {
  return PeerTls{certificate.cert_file, certificate.key_file, {}};
}

}  // namespace

TEST_CASE("http client: trusts the authority in ca_file and no other", "[http][tls]") {
  const Certificates certificates;
  ScriptedPeer peer(serving(certificates.server()));
  HttpTransport transport = transport_to(peer);
  SECTION("the peer's own authority") {
    transport.ca_file = certificates.authority().cert_file;
    CHECK(post(peer, transport).value().status == 204);
  }
  SECTION("the system's authorities") {
    refused(post(peer, transport));
    CHECK(peer.requests().empty());
  }
  SECTION("tls_verify = false") {
    transport.tls_verify = false;
    CHECK(post(peer, transport).value().status == 204);
  }
}

TEST_CASE("http client: refuses self-signed, expired and foreign certificates", "[http][tls]") {
  const Certificates certificates;
  SECTION("self-signed") {
    ScriptedPeer peer(serving(certificates.self_signed()));
    HttpTransport transport = transport_to(peer);
    transport.ca_file = certificates.authority().cert_file;
    CHECK(refused(post(peer, transport)).find("self-signed") != std::string::npos);
  }
  SECTION("expired") {
    ScriptedPeer peer(serving(certificates.expired()));
    HttpTransport transport = transport_to(peer);
    transport.ca_file = certificates.authority().cert_file;
    CHECK(refused(post(peer, transport)).find("expired") != std::string::npos);
  }
  SECTION("made for another host") {
    ScriptedPeer peer(serving(certificates.authority()));
    HttpTransport transport = transport_to(peer);
    transport.ca_file = certificates.authority().cert_file;
    refused(post(peer, transport));
    CHECK(peer.requests().empty());
  }
}

TEST_CASE("http client: shows its certificate where the peer asks for one", "[http][tls]") {
  const Certificates certificates;
  PeerTls tls = serving(certificates.server());
  tls.client_ca_file = certificates.authority().cert_file;
  ScriptedPeer peer(tls);
  HttpTransport transport = transport_to(peer);
  transport.ca_file = certificates.authority().cert_file;
  SECTION("with it") {
    transport.cert_file = certificates.client().cert_file;
    transport.key_file = certificates.client().key_file;
    CHECK(post(peer, transport).value().status == 204);
  }
  SECTION("without it") {
    const Result<HttpResponse> result = post(peer, transport);
    REQUIRE(!result);
    CHECK(result.error().kind == ErrorKind::transient);
    CHECK(peer.requests().empty());
  }
  SECTION("with one of an authority that the peer does not know") {
    transport.cert_file = certificates.self_signed().cert_file;
    transport.key_file = certificates.self_signed().key_file;
    CHECK(!post(peer, transport));
    CHECK(peer.requests().empty());
  }
  SECTION("with a key that is not the certificate's") {
    transport.cert_file = certificates.client().cert_file;
    transport.key_file = certificates.server().key_file;
    refused(post(peer, transport), ErrorKind::config);
  }
}

}  // namespace ship
