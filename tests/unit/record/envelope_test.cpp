#include "record/envelope.hpp"

#include <set>
#include <string>
#include <vector>

#include "record/probe.hpp"
#include "tests/catch.hpp"

namespace ship {
namespace {

struct Wrapped {
  std::string line;
  Record record;
};

Wrapped wrap(Envelope& envelope, Envelope::Content content) {
  std::vector<char> out(Envelope::max_size(content.text.size()));
  Record record = envelope.write(out.data(), content);
  REQUIRE(record.line.size() <= out.size());
  return {std::string(record.line), record};
}

constexpr WallNanos kTime = 1795338549'624'999'999;

TEST_CASE("envelope: text becomes what fapilog writes, keys sorted", "[envelope]") {
  Envelope envelope(1);
  const auto [line, record] = wrap(envelope, {"Traceback \"x\"\t", 0, kTime,
                                              Level{LevelName::info, 20}, Stream::standard_output});
  const std::string before = R"({"log":{"context":{"correlation_id":null,"message_id":")";
  const std::string after =
      R"("},"data":{},"diagnostics":{"origin":"third_party","stream":"stdout"},"level":"INFO",)"
      R"("logger":"fapilog-ship","message":"Traceback \"x\"\t","timestamp":"2026-11-22T09:09:09.624Z"},)"
      R"("schema_version":"1.1"})";
  REQUIRE(line.size() == before.size() + 36 + after.size());
  CHECK(line.substr(0, before.size()) == before);
  CHECK(line.substr(before.size() + 36) == after);
  CHECK(record.time == kTime);
  CHECK(record.level.severity == 20);
  CHECK(line.substr(record.level_at, record.level_size) == "INFO");
}

TEST_CASE("envelope: standard error counts as ERROR", "[envelope]") {
  Envelope envelope(1);
  const auto [line, record] =
      wrap(envelope, {"x", 0, kTime, Level{LevelName::error, 40}, Stream::standard_error});
  CHECK(line.find(R"("stream":"stderr"},"level":"ERROR")") != std::string::npos);
  CHECK(record.level == Level{LevelName::error, 40});
}

TEST_CASE("envelope: a cut text is marked at the root", "[envelope]") {
  Envelope envelope(1);
  const auto wrapped = wrap(envelope, {"x", 18446744073709551615u, kTime, {}, {}});
  CHECK(wrapped.line.substr(0, 61) ==
        R"({"_original_size":18446744073709551615,"_truncated":true,"log)");
}

TEST_CASE("envelope: is a JSON object with the record's level and time, whatever the text",
          "[envelope]") {
  Envelope envelope(1);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string longest(5000, '\x01');
  for (const std::string& text : {std::string(), all, longest, std::string("\xF0\x9F")}) {
    const auto wrapped = wrap(envelope, {text, text.size() + 1, kTime, {LevelName::error, 40}, {}});
    const Finding finding = Probe().probe(wrapped.line);
    CHECK(finding.fault == Fault::none);
    CHECK(finding.level.severity == 40);
    CHECK(finding.level_at == wrapped.record.level_at);
    CHECK(finding.level_size == wrapped.record.level_size);
    CHECK(finding.time == kTime / 1'000'000 * 1'000'000);
  }
}

TEST_CASE("envelope: message ids are distinct version 4 UUIDs", "[envelope]") {
  std::set<std::string> seen;
  Envelope one;
  Envelope other;
  for (int i = 0; i < 1000; ++i) {
    for (Envelope* envelope : {&one, &other}) {
      const auto wrapped = wrap(*envelope, {"x", 0, kTime, {}, {}});
      const std::string id = wrapped.line.substr(wrapped.line.find("message_id") + 13, 36);
      REQUIRE(seen.insert(id).second);
      for (const std::size_t dash : {8, 13, 18, 23}) REQUIRE(id[dash] == '-');
      REQUIRE(id[14] == '4');
      REQUIRE(std::string("89ab").find(id[19]) != std::string::npos);
      REQUIRE(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
    }
  }
}

}  // namespace
}  // namespace ship
