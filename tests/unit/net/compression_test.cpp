#include "net/compression.hpp"

#include "net/digest.hpp"
#include "sinks/http/webhook_signature.hpp"
#include "tests/catch.hpp"
#include "tests/unit/net/decompress.hpp"

namespace ship {
namespace {

std::string sample(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) {
    text += R"({"level":"INFO","message":"order )" + std::to_string(i * i) + "\"}\n";
  }
  return text;
}

}  // namespace

TEST_CASE("compression: what was compressed comes back, however often it is used",
          "[compression]") {
  const Compression kind = GENERATE(Compression::gzip, Compression::zstd);
  Compressor compressor(kind);
  for (const std::size_t lines : {100u, 0u, 20'000u, 1u}) {
    const std::string text = sample(lines);
    const Result<std::string_view> packed = compressor.compress(text);
    REQUIRE(packed);
    CHECK((testing::decompress(compressor.encoding(), packed.value()) == text));
    if (lines > 1) CHECK(packed.value().size() < text.size() / 3);
  }
}

TEST_CASE("compression: none is the body itself", "[compression]") {
  Compressor compressor(Compression::none);
  const std::string text = "{}\n";
  CHECK(compressor.compress(text).value().data() == text.data());
  CHECK(compressor.encoding().empty());
}

TEST_CASE("signature: SHA-256 as in FIPS 180", "[signature]") {
  CHECK(hex_text(sha256({"a", "", "bc"})) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_text(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("signature: HMAC-SHA-256 as in RFC 4231", "[signature]") {
  CHECK(hex_text(hmac_sha256("Jefe", {"what do ya want ", "", "for nothing?"})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex_text(hmac_sha256(std::string(131, '\xaa'),
                             {"Test Using Larger Than Block-Size Key - Hash Key First"})) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("signature: fapilog's webhook signature covers the time and the body", "[signature]") {
  CHECK(webhook_signature("secret", "1700000000", R"({"a":1})") ==
        "sha256=" + hex_text(hmac_sha256("secret", {R"(1700000000.{"a":1})"})));
}

}  // namespace ship
