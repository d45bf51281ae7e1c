#include "net/http_client.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <unistd.h>

#include "net/http_headers.hpp"
#include "net/retry_after.hpp"
#include "tests/catch.hpp"
#include "tests/unit/net/scripted_peer.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;
using testing::PeerRequest;
using testing::PeerStep;
using testing::ScriptedPeer;

HttpTransport transport_to(const ScriptedPeer& peer) {
  HttpTransport transport;
  transport.url = peer.url();
  transport.proxy = "none";
  transport.request_timeout = std::chrono::minutes(10);
  return transport;
}

/// Variables that are gone at the end, and none of a proxy at the beginning.
class Environment {
 public:
  Environment() {
    for (const char* const name : {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                   "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
      clear(name);
    }
  }
  ~Environment() {
    for (const std::string& name : set_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& text) {
    ::setenv(name.c_str(), text.c_str(), 1);
    set_.push_back(name);
  }
  void clear(const std::string& name) { ::unsetenv(name.c_str()); }

 private:
  std::vector<std::string> set_;
};

std::unique_ptr<HttpClient> client_for(const HttpTransport& transport) {
  Result<std::unique_ptr<HttpClient>> client = make_curl_client(transport);
  REQUIRE(client);
  return std::move(client).value();
}

HttpRequest request_to(const ScriptedPeer& peer, std::string_view body = "{}\n") {
  HttpRequest request;
  request.url = peer.url("/in?x=1");
  request.body = body;
  return request;
}

/// The error of a request that must fail for a passing reason.
std::string transient_error(const Result<HttpResponse>& result) {
  REQUIRE(!result.ok());
  CHECK(result.error().kind == ErrorKind::transient);
  return result.error().message;
}

}  // namespace

TEST_CASE("http client: the request arrives as it was asked for", "[http]") {
  ScriptedPeer peer;
  peer.script({PeerStep::answer(202, "taken", "Content-Type: text/plain\r\n")});
  const auto client = client_for(transport_to(peer));
  HttpRequest request = request_to(peer, "line\n");
  request.method = "PUT";
  request.headers = {{"Content-Type", "application/x-ndjson"}, {"Idempotency-Key", "b-1"}};

  const Result<HttpResponse> response = client->perform(request, {});
  REQUIRE(response);
  CHECK(response.value().status == 202);
  CHECK(response.value().body == "taken");
  CHECK(response.value().content_type == "text/plain");
  CHECK(!response.value().retry_after);

  const PeerRequest got = peer.requests().at(0);
  CHECK(got.method == "PUT");
  CHECK(got.target == "/in?x=1");
  CHECK(got.body == "line\n");
  CHECK(got.header("Content-Type") == "application/x-ndjson");
  CHECK(got.header("Idempotency-Key") == "b-1");
  CHECK(got.header("Host") == "127.0.0.1:" + std::to_string(peer.port()));
  CHECK(got.header("Content-Length") == "5");
  CHECK(got.header("User-Agent") == "fapilog-ship/" SHIP_VERSION);
  CHECK(got.header("Expect").empty());
  CHECK(got.header("Accept-Encoding").empty());
  CHECK(got.header("Transfer-Encoding").empty());
}

TEST_CASE("http client: requests share one kept connection", "[http]") {
  ScriptedPeer peer;
  const auto client = client_for(transport_to(peer));
  const std::string large(3 << 20, 'x');
  for (const std::string_view body : {std::string_view("a"), std::string_view(large)}) {
    REQUIRE(client->perform(request_to(peer, body), {}));
  }
  REQUIRE(peer.requests().size() == 2);
  CHECK(peer.requests()[1].body == large);
  CHECK(peer.connections() == 1);
}

TEST_CASE("http client: a GET without a body is a GET", "[http]") {
  ScriptedPeer peer;
  peer.script({PeerStep::answer(200, "ready"), PeerStep::answer(204)});
  const auto client = client_for(transport_to(peer));
  HttpRequest request = request_to(peer, {});
  request.method = "GET";
  CHECK(client->perform(request, {}).value().body == "ready");
  REQUIRE(client->perform(request_to(peer, "x"), {}));
  CHECK(peer.requests()[0].method == "GET");
  CHECK(peer.requests()[0].header("Content-Length").empty());
  CHECK(peer.requests()[1].method == "POST");
  CHECK(peer.requests()[1].body == "x");
}

TEST_CASE("http client: keeps the first 64 KB of an answer and reads on", "[http]") {
  ScriptedPeer peer;
  peer.script({PeerStep::answer(400, std::string(100'000, 'a') + "end"), PeerStep::answer(204)});
  const auto client = client_for(transport_to(peer));
  const Result<HttpResponse> response = client->perform(request_to(peer), {});
  REQUIRE(response);
  CHECK(response.value().body == std::string(64 * 1024, 'a'));
  CHECK(client->perform(request_to(peer), {}).value().status == 204);
  CHECK(peer.connections() == 1);
}

TEST_CASE("http client: hangs up on an answer without an end, and takes its status", "[http]") {
  ScriptedPeer peer;
  peer.script({PeerStep::raw("HTTP/1.1 503 Busy\r\nContent-Length: 1000000000\r\n\r\n" +
                                 std::string(4 << 20, 'a'),
                             PeerStep::Then::hang),
               PeerStep::answer(204)});
  const auto client = client_for(transport_to(peer));
  CHECK(client->perform(request_to(peer), {}).value().status == 503);
  CHECK(client->perform(request_to(peer), {}).value().status == 204);
  CHECK(peer.connections() == 2);
}

TEST_CASE("http client: hangs up on headers or trailers without an end (T11)", "[http]") {
  std::string fields;
  while (fields.size() < 400'000) fields += "X-More: " + std::string(990, 'a') + "\r\n";
  for (const bool trailers : {false, true}) {
    CAPTURE(trailers);
    ScriptedPeer peer;
    peer.script({PeerStep::raw("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n" +
                                   std::string(trailers ? "\r\n0\r\n" : "") + fields,
                               PeerStep::Then::hang),
                 PeerStep::answer(204)});
    HttpTransport patient = transport_to(peer);
    patient.request_timeout = std::chrono::hours{1};
    const auto client = client_for(patient);
    CHECK(client->perform(request_to(peer), {}).value().status == 503);
    CHECK(client->perform(request_to(peer), {}).value().status == 204);
    CHECK(peer.connections() == 2);
  }
}

TEST_CASE("http client: an answer that comes byte by byte is one answer", "[http]") {
  ScriptedPeer peer;
  PeerStep step = PeerStep::answer(200, "slow but whole");
  step.drip = true;
  peer.script({step});
  CHECK(client_for(transport_to(peer))->perform(request_to(peer), {}).value().body ==
        "slow but whole");
}

TEST_CASE("http client: follows no redirect", "[http]") {
  ScriptedPeer peer;
  peer.script({PeerStep::answer(307, "", "Location: /elsewhere\r\n")});
  CHECK(client_for(transport_to(peer))->perform(request_to(peer), {}).value().status == 307);
  CHECK(peer.requests().size() == 1);
}

TEST_CASE("http client: the greatest age of a connection is whole seconds, and only 0 is no limit",
          "[http]") {
  HttpTransport transport;
  const auto whole = [&](milliseconds age) {
    transport.connection_max_age = age;
    return transport.whole_max_age().count();
  };
  CHECK(whole(milliseconds(0)) == 0);
  CHECK(whole(milliseconds(1)) == 1);
  CHECK(whole(milliseconds(500)) == 1);
  CHECK(whole(milliseconds(300'000)) == 300);
}

TEST_CASE("http client: Retry-After is seconds or a date", "[http]") {
  constexpr WallNanos kNow = 784111777'500'000'000;  // Sun, 06 Nov 1994 08:49:37.5 GMT
  const auto parsed = [&](std::string_view text) { return parse_retry_after(text, kNow); };
  CHECK(parsed("0") == milliseconds(0));
  CHECK(parsed(" 120 ") == milliseconds(120'000));
  CHECK(parsed("99999999999999999999999") == std::chrono::hours(24));
  CHECK(parsed("Sun, 06 Nov 1994 08:50:37 GMT") == milliseconds(60'000));
  CHECK(parsed("Sunday, 06-Nov-94 08:50:37 GMT") == milliseconds(60'000));
  CHECK(parsed("Sun Nov  6 08:50:37 1994") == milliseconds(60'000));
  CHECK(parsed("Sun, 06 Nov 1994 08:00:00 GMT") == milliseconds(0));
  CHECK(parsed("Sun, 06 Nov 2094 08:00:00 GMT") == std::chrono::hours(24));
  for (const char* text : {"", " ", "soon", "-5", "1.5", "12 s", "0x10", "\xff"}) {
    CHECK(!parsed(text));
  }

  ScriptedPeer peer;
  peer.script({PeerStep::answer(429, "", "retry-after: 7\r\n")});
  const Result<HttpResponse> response =
      client_for(transport_to(peer))->perform(request_to(peer), {});
  CHECK(response.value().retry_after == milliseconds(7000));
}

TEST_CASE("http client: stop ends the wait wherever the peer hangs", "[http]") {
  const PeerStep step =
      GENERATE(PeerStep::hang(),                                    //
               PeerStep::raw("HTTP/1.1 20", PeerStep::Then::hang),  //
               PeerStep::raw("HTTP/1.1 100 Continue\r\n\r\n", PeerStep::Then::hang));
  ScriptedPeer peer;
  peer.script({step, PeerStep::answer(204)});
  const auto client = client_for(transport_to(peer));
  std::stop_source stop;
  auto result = std::async(std::launch::async,
                           [&] { return client->perform(request_to(peer), stop.get_token()); });
  peer.wait_for_requests(1);
  stop.request_stop();
  CHECK(transient_error(result.get()).find("stopped") != std::string::npos);
  // The client is as good as new.
  CHECK(client->perform(request_to(peer), {}).value().status == 204);
}

TEST_CASE("http client: stop ends a body that nobody reads", "[http]") {
  ScriptedPeer peer;
  PeerStep step = PeerStep::hang();
  step.read_request = false;
  peer.script({step});
  const auto client = client_for(transport_to(peer));
  const std::string body(32 << 20, 'x');
  std::stop_source stop;
  auto result = std::async(std::launch::async, [&] {
    return client->perform(request_to(peer, body), stop.get_token());
  });
  peer.wait_for_connections(1);
  stop.request_stop();
  transient_error(result.get());
}

TEST_CASE("http client: after a stop nothing is sent", "[http]") {
  ScriptedPeer peer;
  std::stop_source stop;
  stop.request_stop();
  transient_error(client_for(transport_to(peer))->perform(request_to(peer), stop.get_token()));
  CHECK(peer.connections() == 0);
}

TEST_CASE("http client: request_timeout bounds the whole exchange", "[http]") {
  ScriptedPeer peer;
  peer.script({PeerStep::hang()});
  HttpTransport transport = transport_to(peer);
  transport.request_timeout = milliseconds(50);
  const std::string message = transient_error(client_for(transport)->perform(request_to(peer), {}));
  CHECK(message ==
        "127.0.0.1:" + std::to_string(peer.port()) + ": no answer within 50ms (--request-timeout)");
}

TEST_CASE("http client: a status line settles it, even where the rest never comes", "[http]") {
  ScriptedPeer peer;
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  SECTION("cut off") { peer.script({PeerStep::raw(half, PeerStep::Then::reset)}); }
  SECTION("hanging") { peer.script({PeerStep::raw(half, PeerStep::Then::hang)}); }
  HttpTransport transport = transport_to(peer);
  transport.request_timeout = milliseconds(200);
  const Result<HttpResponse> response = client_for(transport)->perform(request_to(peer), {});
  REQUIRE(response);
  CHECK(response.value().status == 200);
}

TEST_CASE("http client: what goes wrong before an answer is said in plain words", "[http]") {
  ScriptedPeer peer;
  const std::string host = "127.0.0.1:" + std::to_string(peer.port());
  const auto client = client_for(transport_to(peer));
  const auto message = [&] { return transient_error(client->perform(request_to(peer), {})); };

  SECTION("closed") {
    peer.script({PeerStep::raw("", PeerStep::Then::close)});
    CHECK(message() == host + ": the connection was closed without an answer");
  }
  SECTION("reset") {
    peer.script({PeerStep::raw("", PeerStep::Then::reset)});
    CHECK(message() == host + ": the connection broke: Connection reset by peer");
  }
  SECTION("another protocol") {
    peer.script({PeerStep::raw("-ERR unknown command\r\n", PeerStep::Then::close)});
    CHECK(message() == host + ": the answer is not HTTP");
  }
  SECTION("refused") {
    HttpRequest request = request_to(peer);
    {
      const ScriptedPeer gone;
      request.url = gone.url();
    }
    const std::string text = transient_error(client->perform(request, {}));
    CHECK(text.find(": cannot connect: Connection refused") != std::string::npos);
  }
  SECTION("unknown name") {
    HttpRequest request = request_to(peer);
    request.url = "http://no-such-host.invalid:3100/";
    CHECK(transient_error(client->perform(request, {})) ==
          "no-such-host.invalid:3100: the name cannot be resolved");
  }
}

TEST_CASE("http client: a connection closed while idle is replaced without a failure", "[http]") {
  ScriptedPeer peer;
  PeerStep step = PeerStep::answer(204);
  step.then = PeerStep::Then::close;
  peer.script({step, PeerStep::answer(204)});
  const auto client = client_for(transport_to(peer));
  REQUIRE(client->perform(request_to(peer), {}));
  peer.wait_until_closed();
  REQUIRE(client->perform(request_to(peer), {}));
  CHECK(peer.requests().size() == 2);
}

TEST_CASE("http client: a request that reached the peer is never sent twice by itself", "[http]") {
  ScriptedPeer peer;
  peer.script(
      {PeerStep::answer(204), PeerStep::raw("", PeerStep::Then::close), PeerStep::answer(204)});
  const auto client = client_for(transport_to(peer));
  REQUIRE(client->perform(request_to(peer), {}));
  transient_error(client->perform(request_to(peer), {}));
  CHECK(peer.requests().size() == 2);
  REQUIRE(client->perform(request_to(peer), {}));
  CHECK(peer.requests().size() == 3);
}

TEST_CASE("http client: an answer that comes before the body was read is taken", "[http]") {
  ScriptedPeer peer;
  PeerStep step = PeerStep::answer(413, "too large");
  step.read_body = false;
  step.then = PeerStep::Then::hang;
  peer.script({step});
  const std::string body(32 << 20, 'x');
  const Result<HttpResponse> response =
      client_for(transport_to(peer))->perform(request_to(peer, body), {});
  REQUIRE(response);
  CHECK(response.value().status == 413);
}

TEST_CASE("http client: an answer that says stored before the request was whole is no delivery",
          "[http]") {
  ScriptedPeer peer;
  PeerStep step = PeerStep::answer(200, "{}", "Connection: close\r\n");
  step.read_body = false;
  // Where the peer closes, the reset may overtake its answer.
  std::string expected;
  SECTION("the peer closes") { step.then = PeerStep::Then::close; }
  SECTION("the peer stops reading") {
    step.then = PeerStep::Then::hang;
    expected = "200";
  }
  peer.script({step});
  HttpTransport transport = transport_to(peer);
  transport.request_timeout = milliseconds(500);
  const std::string body(32 << 20, 'x');
  const std::string message =
      transient_error(client_for(transport)->perform(request_to(peer, body), {}));
  INFO(message);
  CHECK(message.find(expected) != std::string::npos);
}

TEST_CASE("http client: authentication is read anew for each request", "[http]") {
  ScriptedPeer peer;
  HttpTransport transport = transport_to(peer);
  SECTION("basic") {
    transport.username = "Aladdin";
    transport.password = Secret::literal("open sesame");
    REQUIRE(client_for(transport)->perform(request_to(peer), {}));
    CHECK(peer.requests()[0].header("Authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  }
  SECTION("bearer from a file that changes, and goes") {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("ship-token-" + std::to_string(::getpid())))
            .string();
    std::ofstream(path) << "first-token\n";
    transport.bearer_token = Secret::from_file(path);
    const auto client = client_for(transport);
    REQUIRE(client->perform(request_to(peer), {}));
    std::ofstream(path) << "second-token\n";
    REQUIRE(client->perform(request_to(peer), {}));
    CHECK(peer.requests()[0].header("Authorization") == "Bearer first-token");
    CHECK(peer.requests()[1].header("Authorization") == "Bearer second-token");
    std::remove(path.c_str());
    const Result<HttpResponse> failed = client->perform(request_to(peer), {});
    REQUIRE(!failed);
    CHECK(failed.error().kind == ErrorKind::config);
    CHECK(peer.requests().size() == 2);
  }
}

TEST_CASE("http client: the operator's headers win over the protocol's", "[http]") {
  ScriptedPeer peer;
  HttpTransport transport = transport_to(peer);
  transport.headers = {{"content-type", "text/x-own"},
                       {"X-Empty", ""},
                       {"User-Agent", "mine"},
                       {"Authorization", "ApiKey k"}};
  transport.bearer_token = Secret::literal("unused");
  HttpRequest request = request_to(peer);
  request.headers = {{"Content-Type", "application/json"}};
  REQUIRE(client_for(transport)->perform(request, {}));
  const PeerRequest got = peer.requests().at(0);
  CHECK(got.header("Content-Type") == "text/x-own");
  CHECK(got.header("User-Agent") == "mine");
  CHECK(got.header("Authorization") == "ApiKey k");
  int found = 0;
  for (const auto& header : got.headers) {
    found += header.first == "X-Empty" || header.first == "content-type" ||
             header.first == "Content-Type" || header.first == "Authorization";
  }
  CHECK(found == 3);
}

TEST_CASE("http client: a line break cannot smuggle a header in", "[http]") {
  ScriptedPeer peer;
  HttpTransport transport = transport_to(peer);
  SECTION("header") { transport.headers = {{"X-A", "1\r\nX-B: 2"}}; }
  SECTION("name") { transport.headers = {{"X-A: 1\r\nX-B", "2"}}; }
  SECTION("token") { transport.bearer_token = Secret::literal("a\r\nX-B: 2"); }
  const Result<HttpResponse> result = client_for(transport)->perform(request_to(peer), {});
  REQUIRE(!result);
  CHECK(result.error().kind == ErrorKind::config);
  CHECK(result.error().message.find("X-B: 2") == std::string::npos);
  CHECK(peer.connections() == 0);
}

TEST_CASE("http client: secrets that a refusal repeats are masked", "[http]") {
  ScriptedPeer peer;
  PeerStep step;
  step.echo = true;
  peer.script({step});
  HttpTransport transport = transport_to(peer);
  transport.headers = {{"X-Api-Key", "key-0123456789"}, {"Content-Type", "text/plain"}};
  transport.username = "user";
  transport.password = Secret::literal("hunter2hunter2");
  transport.url = "http://h/?a&token=in-the-query&b=";
  const std::string body = client_for(transport)
                               ->perform(request_to(peer, "hunter2hunter2 token=in-the-query"), {})
                               .value()
                               .body;
  CHECK(body.find("in-the-query") == std::string::npos);
  CHECK(body.find("X-Api-Key: ***") != std::string::npos);
  CHECK(body.find("Authorization: Basic ***") != std::string::npos);
  CHECK(body.find("text/plain") != std::string::npos);
  CHECK(body.find("hunter2") == std::string::npos);
}

TEST_CASE("http client: goes through the proxy that was set, and keeps its password", "[http]") {
  ScriptedPeer peer;
  HttpTransport transport = transport_to(peer);
  HttpRequest request = request_to(peer);
  request.url = "http://logs.invalid/in";
  SECTION("a proxy that answers") {
    transport.proxy = "http://me:hunter2hunter2@127.0.0.1:" + std::to_string(peer.port());
    REQUIRE(client_for(transport)->perform(request, {}));
    CHECK(peer.requests()[0].target == "http://logs.invalid/in");
    CHECK(peer.requests()[0].header("Proxy-Authorization") == "Basic bWU6aHVudGVyMmh1bnRlcjI=");
  }
  SECTION("one that is none") {
    transport.proxy = "gopher://me:hunter2hunter2@127.0.0.1:1";
    const Result<HttpResponse> result = client_for(transport)->perform(request, {});
    REQUIRE(!result);
    CHECK(result.error().message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("http client: what a proxy repeats of its password is masked, in every form", "[http]") {
  ScriptedPeer peer;
  PeerStep step;
  step.echo = true;
  peer.script({step});
  HttpTransport transport = transport_to(peer);
  HttpRequest request = request_to(peer, "hunter2hunter2 hunter2%hunter2");
  request.url = "http://logs.invalid/in";
  const std::string url = "http://me:hunter2%25hunter2@127.0.0.1:" + std::to_string(peer.port());
  Environment environment;
  SECTION("of the sink") { transport.proxy = url; }
  SECTION("of the environment") {
    transport.proxy.clear();
    environment.set("http_proxy", url);
  }
  const std::string body = client_for(transport)->perform(request, {}).value().body;
  CHECK(body.find("Proxy-Authorization: Basic ***") != std::string::npos);
  CHECK(body.find("hunter2%hunter2") == std::string::npos);
}

TEST_CASE("http client: the environment's proxies are those that curl knows", "[http]") {
  ScriptedPeer proxy;
  ScriptedPeer server;
  HttpTransport transport = transport_to(server);
  transport.proxy.clear();
  const std::string url = "http://127.0.0.1:" + std::to_string(proxy.port());
  Environment environment;
  const auto goes_by = [&](std::string_view scheme) {
    const std::size_t before = proxy.requests().size();
    HttpRequest request = request_to(server);
    request.url = std::string(scheme) + request.url.substr(request.url.find(':'));
    static_cast<void>(client_for(transport)->perform(request, {}));
    return proxy.requests().size() > before;
  };
  CHECK(!goes_by("http"));
  for (const char* const name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
    INFO(name);
    environment.set(name, url);
    CHECK(goes_by("http"));
    for (const char* const without : {"no_proxy", "NO_PROXY"}) {
      environment.set(without, "example.com,127.0.0.1");
      CHECK(!goes_by("http"));
      environment.clear(without);
    }
    environment.clear(name);
  }
  // A header "Proxy" of a request that a web server serves arrives in this one.
  environment.set("HTTP_PROXY", url);
  CHECK(!goes_by("http"));
  environment.clear("HTTP_PROXY");
  for (const char* const name : {"https_proxy", "HTTPS_PROXY"}) {
    INFO(name);
    environment.set(name, url);
    CHECK(goes_by("https"));
    CHECK(proxy.requests().back().method == "CONNECT");
    CHECK(!goes_by("http"));
    environment.clear(name);
  }
  environment.set("http_proxy", url);
  transport.proxy = "none";
  CHECK(!goes_by("http"));
}

TEST_CASE("http client: what cannot be used is refused when the client is made", "[http]") {
  HttpTransport transport;
  transport.url = "http://127.0.0.1/";
  const auto refused = [&] {
    const Result<std::unique_ptr<HttpClient>> client = make_curl_client(transport);
    REQUIRE(!client);
    CHECK(client.error().kind == ErrorKind::config);
    return client.error().message;
  };
  SECTION("URL") {
    transport.url = "http://";
    refused();
  }
  SECTION("ca_file") {
    transport.ca_file = "/nowhere/ca.pem";
    CHECK(refused() == "cannot read the ca_file /nowhere/ca.pem: No such file or directory");
  }
  SECTION("key_file alone") {
    transport.key_file = "/dev/null";
    refused();
  }
}

}  // namespace ship
