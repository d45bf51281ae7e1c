#include "net/google/google_token.hpp"

#include <fstream>
#include <map>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "net/google/google_key.hpp"
#include "record/field.hpp"
#include "record/json_text.hpp"
#include "record/timestamp.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

using namespace ship;

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A key pair that lives as long as the tests: making one takes a moment.
EVP_PKEY* test_key() {
  static EVP_PKEY* const key = EVP_RSA_gen(2048);
  return key;
}

std::string test_pem() {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, test_key(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string key_json(const std::string& pem, const std::string& token_uri = "https://tokens/t") {
  std::string json = R"({"type":"service_account","client_email":"s@p.iam","private_key_id":"k1",)"
                     R"("private_key":)";
  append_json_string(json, pem);
  return json + R"(,"token_uri":")" + token_uri + "\"}";
}

std::string from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xff);
  }
  return bytes;
}

bool verifies(std::string_view signed_text, const std::string& signature) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, test_key());
  const int result = EVP_DigestVerify(
      context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
      reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size());
  EVP_MD_CTX_free(context);
  return result == 1;
}

/// A machine: its environment, its files, and what its endpoints answer.
struct GoogleMachine {
  std::map<std::string, std::string> variables;
  FakeHttpClient::Log http;
  ManualClock clock;
  GoogleSettings settings;
  HttpTransport way;
  std::vector<HttpTransport> transports;
  std::optional<GoogleTokenSource> source;
  TemporaryDirectory directory;

  GoogleMachine() { clock.set_wall(*parse_time("2026-11-22T12:00:00Z")); }
  GoogleTokenSource& tokens() {
    if (!source) {
      source.emplace(
          settings, way, [this](const char* name) { return variables[name]; },
          [this](const HttpTransport& transport) -> Result<std::unique_ptr<HttpClient>> {
            transports.push_back(transport);
            return {std::make_unique<FakeHttpClient>(http)};
          },
          clock);
    }
    return *source;
  }
  std::string get() {
    const Result<std::string> token = tokens().get({});
    return token ? token.value() : "error: " + token.error().message;
  }
  void gives(const std::string& token, int lasts = 3600) {
    http.answer(
        200, R"({"access_token":")" + token + R"(","expires_in":)" + std::to_string(lasts) + "}");
  }
  std::string file(const std::string& text) {
    const std::string path = directory.path() + "/key.json";
    std::ofstream(path) << text;
    return path;
  }
};

}  // namespace

TEST_CASE("google token: a service account's key signs a request that its public key verifies",
          "[sinks][google]") {
  GoogleMachine machine;
  machine.settings.credentials_file = machine.file(key_json(test_pem()));
  machine.way.proxy = "http://proxy:3128";
  machine.gives("t1");
  CHECK(machine.get() == "t1");
  REQUIRE(machine.http.sent.size() == 1);
  CHECK(machine.http.sent[0].url == "https://tokens/t");
  CHECK(machine.transports.at(0).proxy == "http://proxy:3128");
  const std::string& form = machine.http.sent[0].body;
  constexpr std::string_view kBefore =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  REQUIRE(form.starts_with(kBefore));
  const std::string jwt = form.substr(kBefore.size());
  const std::size_t first = jwt.find('.');
  const std::size_t second = jwt.rfind('.');
  CHECK(from_base64url(jwt.substr(0, first)) == R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
  CHECK(from_base64url(jwt.substr(first + 1, second - first - 1)) ==
        R"({"iss":"s@p.iam","scope":"https://www.googleapis.com/auth/logging.write",)"
        R"("aud":"https://tokens/t","iat":1795348800,"exp":1795352400})");
  CHECK(verifies(jwt.substr(0, second), from_base64url(jwt.substr(second + 1))));
}

TEST_CASE("google token: it is renewed 5 minutes before its end, and used on where that fails",
          "[sinks][google]") {
  GoogleMachine machine;
  machine.gives("t1");
  CHECK(machine.get() == "t1");
  machine.clock.advance(minutes(54));
  CHECK(machine.get() == "t1");
  CHECK(machine.http.sent.size() == 1);
  machine.clock.advance(minutes(2));
  machine.http.answer(503);
  CHECK(machine.get() == "t1");
  CHECK(machine.http.sent.size() == 2);
  // Not asked again at once.
  CHECK(machine.get() == "t1");
  CHECK(machine.http.sent.size() == 2);
  machine.clock.advance(seconds(31));
  machine.gives("t2");
  CHECK(machine.get() == "t2");
  machine.clock.advance(minutes(61));
  machine.http.answer(503);
  CHECK(machine.get().starts_with("error: "));
}

TEST_CASE("google token: the sink's file goes before the environment's, that before metadata",
          "[sinks][google]") {
  GoogleMachine machine;
  machine.variables["GCE_METADATA_HOST"] = "127.0.0.1:1";
  machine.gives("m");
  CHECK(machine.get() == "m");
  CHECK(machine.http.sent[0].url.starts_with(
      "http://127.0.0.1:1/computeMetadata/v1/instance/service-accounts/default/token"));
  CHECK(machine.http.sent[0].header("Metadata-Flavor") == "Google");
  CHECK(machine.transports.at(0).proxy == "none");
  machine.variables["GOOGLE_APPLICATION_CREDENTIALS"] =
      machine.file(key_json(test_pem(), "https://env/t"));
  machine.source.reset();
  machine.gives("e");
  CHECK(machine.get() == "e");
  CHECK(machine.http.sent[1].url == "https://env/t");
}

TEST_CASE("google token: a refused token gives way to a new one that differs", "[sinks][google]") {
  GoogleMachine machine;
  machine.gives("t1");
  CHECK(machine.get() == "t1");
  machine.gives("t2");
  CHECK(machine.tokens().renew({}));
  CHECK(machine.get() == "t2");
  machine.gives("t2");
  CHECK(!machine.tokens().renew({}));
}

TEST_CASE("google token: what is wrong with a key is said without showing it", "[sinks][google]") {
  const std::pair<std::string, const char*> rows[] = {
      {R"({"type":"authorized_user","refresh_token":"GEHEIM"})", "found type \"authorized_user\""},
      {"[]", "found no \"type\""},
      {R"({"type":"service_account","client_email":"a"})", "no private_key"},
      {key_json("GEHEIM"), "not an RSA key"},
      {key_json(test_pem(), "http://evil/t"), "without TLS"},
  };
  for (const auto& [json, says] : rows) {
    GoogleMachine machine;
    machine.settings.credentials_file = machine.file(json);
    const Result<std::string> token = machine.tokens().get({});
    REQUIRE(!token);
    INFO(token.error().message);
    CHECK(token.error().kind == ErrorKind::config);
    CHECK(token.error().message.find(says) != std::string::npos);
    CHECK(token.error().message.find("GEHEIM") == std::string::npos);
    CHECK(machine.http.sent.empty());
  }
}

TEST_CASE("google token: a refusal is the operator's, what passes is not", "[sinks][google]") {
  const std::pair<int, ErrorKind> rows[] = {{400, ErrorKind::config},
                                            {401, ErrorKind::config},
                                            {429, ErrorKind::transient},
                                            {503, ErrorKind::transient}};
  for (const auto& [status, kind] : rows) {
    GoogleMachine machine;
    machine.settings.credentials_file = machine.file(key_json(test_pem()));
    machine.http.answer(
        status, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
    const Result<std::string> token = machine.tokens().get({});
    REQUIRE(!token);
    CHECK(token.error().kind == kind);
    CHECK(token.error().message.find("invalid_grant: Invalid JWT") != std::string::npos);
  }
}
