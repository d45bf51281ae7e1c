#include "record/envelope.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <random>

#include "base/hex.hpp"
#include "record/json_text.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

constexpr std::string_view kCutOpen = R"({"_original_size":)";
constexpr std::string_view kCutClose = R"(,"_truncated":true,)";
constexpr std::string_view kContext = R"("log":{"context":{"correlation_id":null,"message_id":")";
constexpr std::string_view kDataMember = R"("},"data":)";
constexpr std::string_view kDiagnosticsMember =
    R"(,"diagnostics":{"origin":"third_party","stream":")";
constexpr std::string_view kLevel = R"("},"level":")";
constexpr std::string_view kMessage = R"(","logger":"fapilog-ship","message":")";
constexpr std::string_view kTimestamp = R"(","timestamp":")";
constexpr std::string_view kEnd = R"("},"schema_version":"1.1"})";

// Everything except the text: the constants above, 20 digits, 36 for the id, a stream, a level, a
// time.
constexpr std::size_t kFixed = 512;

char* put_uuid4(char* out, std::uint64_t high, std::uint64_t low) {
  high = (high & ~0xF000ull) | 0x4000ull;
  low = (low & ~(3ull << 62)) | (2ull << 62);
  const auto put_bytes = [&out](std::uint64_t half, int from, int bytes) {
    for (int i = from; i < from + bytes; ++i) {
      const auto byte = static_cast<unsigned>(half >> (56 - 8 * i)) & 0xFF;
      std::memcpy(out, &kHexPairs[2 * byte], 2);
      out += 2;
    }
  };
  put_bytes(high, 0, 4);
  *out++ = '-';
  put_bytes(high, 4, 2);
  *out++ = '-';
  put_bytes(high, 6, 2);
  *out++ = '-';
  put_bytes(low, 0, 2);
  *out++ = '-';
  put_bytes(low, 2, 6);
  return out;
}

// Sebastiano Vigna's splitmix64, which he recommends for seeding.
std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

Envelope::Envelope() {
  std::random_device device;
  for (std::uint64_t& word : state_) word = (std::uint64_t{device()} << 32) | device();
  state_[0] |= 1;  // the generator must not start with all zeros
}

Envelope::Envelope(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix(seed);
}

// Blackman and Vigna's xoshiro256**.
std::uint64_t Envelope::random() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::array<char, 36> Envelope::message_id() {
  std::array<char, 36> id;
  put_uuid4(id.data(), random(), random());
  return id;
}

std::size_t Envelope::max_size(std::size_t text_bytes, std::size_t data_bytes) {
  return kFixed + data_bytes + text_bytes * kMaxJsonBytesPerByte;
}

Record Envelope::write(char* out, const Content& content) {
  const std::string_view level = level_text(content.level);
  char* p = out;
  if (content.original_size != 0) {
    p = write_text(p, kCutOpen);
    p = std::to_chars(p, p + 20, content.original_size).ptr;
    p = write_text(p, kCutClose);
  } else {
    *p++ = '{';
  }
  p = write_text(p, kContext);
  p = put_uuid4(p, random(), random());
  p = write_text(p, kDataMember);
  p = write_text(p, content.data);
  p = write_text(p, kDiagnosticsMember);
  p = write_text(p, content.stream == Stream::standard_output ? "stdout" : "stderr");
  p = write_text(p, kLevel);
  const auto level_at = static_cast<std::uint32_t>(p - out);
  p = write_text(p, level);
  p = write_text(p, kMessage);
  p = write_json_text(p, content.text);
  p = write_text(p, kTimestamp);
  p = write_rfc3339(p, content.time, 3);
  p = write_text(p, kEnd);

  Record record;
  record.line = {out, static_cast<std::size_t>(p - out)};
  record.time = content.time;
  record.level = content.level;
  record.level_at = level_at;
  record.level_size = static_cast<std::uint8_t>(level.size());
  return record;
}

}  // namespace ship
