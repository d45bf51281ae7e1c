#include "net/ed25519.hpp"

#include "net/crc32.hpp"
#include "net/digest.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

// RFC 8032, 7.1, the public key of TEST 2 and its signature of the byte 72, and what RFC 8410 puts around a key.
constexpr std::string_view kPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

TEST_CASE("ed25519: takes the signature of RFC 8032, and no other", "[net]") {
  const auto key = Ed25519Key::parse_public(kPublic);
  REQUIRE(key.ok());
  CHECK(key.value().verify("\x72", kSignature));
  CHECK_FALSE(key.value().verify("\x73", kSignature));
  CHECK_FALSE(key.value().verify("\x72", kSignature.substr(2)));
  std::string other(kSignature);
  other[5] = other[5] == '0' ? '1' : '0';
  CHECK_FALSE(key.value().verify("\x72", other));
  other[5] = 'x';
  CHECK_FALSE(key.value().verify("\x72", other));
  CHECK(key.value().id().size() == 16);
}

TEST_CASE("ed25519: what is no such key is an error that says how to make one", "[net]") {
  CHECK(Ed25519Key::parse_private(kPublic).error().kind == ErrorKind::config);
  CHECK(Ed25519Key::parse_private("").error().message.find("genpkey") != std::string::npos);
  CHECK(Ed25519Key::parse_public("text").error().message.find("-pubout") != std::string::npos);
  CHECK(Ed25519Key::read_private("/no/such/key").error().message.find("/no/such/key") !=
        std::string::npos);
}

TEST_CASE("digest: pieces give the digest of the whole, text after text", "[net]") {
  Sha256Stream stream;
  for (int i = 0; i < 2; ++i) {
    stream.update("ab");
    stream.update("");
    stream.update("c");
    CHECK(stream.finish() == sha256({"abc"}));
  }
}

TEST_CASE("crc32: is gzip's, and goes on", "[net]") {
  CHECK(crc32("123456789") == 0xcbf43926);
  CHECK(crc32("6789", crc32("12345")) == 0xcbf43926);
}

}  // namespace
}  // namespace ship
