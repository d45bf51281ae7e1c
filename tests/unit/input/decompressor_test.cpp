#include "input/decompressor.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "tests/catch.hpp"

namespace ship {
namespace {

// Lines, in blocks that each begin at a place that is told.
struct Packed {
  std::string bytes;
  std::vector<std::size_t> text_ends;    ///< behind each block, in the text
  std::vector<std::size_t> packed_ends;  ///< the same, in the bytes
};

std::string lines(std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t n = first; n < first + count; ++n) {
    text += "{\"n\":" + std::to_string(n) + ",\"hash\":" + std::to_string(n * 2654435761u) + "}\n";
  }
  return text;
}

std::string text_of(std::size_t blocks) { return lines(0, blocks * 100); }

Packed gzip(std::size_t blocks) {
  Packed packed;
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::size_t size = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    std::string text = lines(block * 100, 100);
    std::string room(text.size() + 1000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    deflate(&stream, block + 1 == blocks ? Z_FINISH : Z_FULL_FLUSH);
    packed.bytes.append(room, 0, room.size() - stream.avail_out);
    packed.text_ends.push_back(size += text.size());
    packed.packed_ends.push_back(packed.bytes.size());
  }
  deflateEnd(&stream);
  return packed;
}

Packed zstd(std::size_t blocks) {
  Packed packed;
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::size_t size = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::string text = lines(block * 100, 100);
    std::string room(text.size() + 1000, '\0');
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    REQUIRE(ZSTD_compressStream2(context, &out, &in,
                                 block + 1 == blocks ? ZSTD_e_end : ZSTD_e_flush) == 0);
    packed.bytes.append(room, 0, out.pos);
    packed.text_ends.push_back(size += text.size());
    packed.packed_ends.push_back(packed.bytes.size());
  }
  ZSTD_freeCCtx(context);
  return packed;
}

struct Outcome {
  std::string text;
  std::string error;  ///< empty: it ended well
};

// Unpacks in pieces of random sizes on both sides.
Outcome unpack(Packing packing, std::string_view bytes, unsigned seed = 1) {
  std::mt19937 random(seed);
  const auto up_to = [&random](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(1, most)(random);
  };
  const auto source = [&](std::span<char> room) -> Result<std::size_t> {
    const std::size_t size = std::min({bytes.size(), room.size(), up_to(3000)});
    std::copy_n(bytes.data(), size, room.data());
    bytes.remove_prefix(size);
    return size;
  };
  Decompressor decompressor(packing);
  Outcome outcome;
  std::string room(8000, '\0');
  while (true) {
    auto got = decompressor.read({room.data(), up_to(room.size())}, source);
    if (!got) {
      CHECK(got.error().kind == ErrorKind::corrupt);
      outcome.error = got.error().message;
      auto again = decompressor.read(room, source);
      CHECK(!again.ok());
      return outcome;
    }
    if (got.value() == 0) return outcome;
    outcome.text.append(room, 0, got.value());
  }
}

Packed pack(Packing packing, std::size_t blocks) {
  return packing == Packing::gzip ? gzip(blocks) : zstd(blocks);
}

TEST_CASE("decompressor: what was packed comes out, in whatever pieces it is read",
          "[decompressor]") {
  const Packing packing = GENERATE(Packing::gzip, Packing::zstd);
  const Packed packed = pack(packing, 20);
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Outcome outcome = unpack(packing, packed.bytes, seed);
    REQUIRE(outcome.error.empty());
    REQUIRE(outcome.text == text_of(20));
  }
}

TEST_CASE("decompressor: members and frames may stand one behind the other", "[decompressor]") {
  const Packing packing = GENERATE(Packing::gzip, Packing::zstd);
  const std::string one = pack(packing, 2).bytes;
  const std::string empty = pack(packing, 1).bytes;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const Outcome outcome = unpack(packing, one + empty + one, seed);
    REQUIRE(outcome.error.empty());
    REQUIRE(outcome.text == text_of(2) + text_of(1) + text_of(2));
  }
}

TEST_CASE("decompressor: of a file that was cut anywhere the whole blocks before come out",
          "[decompressor]") {
  const Packing packing = GENERATE(Packing::gzip, Packing::zstd);
  const Packed packed = pack(packing, 4);
  for (std::size_t cut = 1; cut < packed.bytes.size(); cut += 7) {
    const Outcome outcome =
        unpack(packing, packed.bytes.substr(0, cut), static_cast<unsigned>(cut));
    REQUIRE(outcome.error.find("at byte " + std::to_string(cut) + ":") != std::string::npos);
    REQUIRE(text_of(4).starts_with(outcome.text));
    for (std::size_t block = 0; block < 4; ++block) {
      if (packed.packed_ends[block] <= cut) REQUIRE(outcome.text.size() >= packed.text_ends[block]);
    }
  }
}

TEST_CASE("decompressor: damage is told, and the blocks before it come out", "[decompressor]") {
  const Packing packing = GENERATE(Packing::gzip, Packing::zstd);
  const Packed packed = pack(packing, 4);
  // The first bytes are flags and a time that nothing checks.
  for (std::size_t at = 12; at < packed.bytes.size(); at += 5) {
    std::string broken = packed.bytes;
    broken[at] = static_cast<char>(broken[at] ^ 0x55);
    const Outcome outcome = unpack(packing, broken, static_cast<unsigned>(at));
    INFO("damaged at " << at);
    REQUIRE_FALSE(outcome.error.empty());
    for (std::size_t block = 0; block < 4; ++block) {
      if (packed.packed_ends[block] > at) break;
      REQUIRE(outcome.text.starts_with(text_of(4).substr(0, packed.text_ends[block])));
    }
  }
}

TEST_CASE("decompressor: zeros behind gzip data are padding, anything else is told",
          "[decompressor]") {
  const std::string one = gzip(1).bytes;
  CHECK(unpack(Packing::gzip, one + std::string(5000, '\0')).error.empty());
  CHECK(unpack(Packing::gzip, one + std::string(100, '\0') + one).text == text_of(1) + text_of(1));
  const Outcome outcome = unpack(Packing::gzip, one + "text");
  CHECK(outcome.text == text_of(1));
  CHECK(outcome.error.find("what follows its end") != std::string::npos);
  CHECK(unpack(Packing::zstd, zstd(1).bytes + "text").text == text_of(1));
  CHECK_FALSE(unpack(Packing::zstd, zstd(1).bytes + "text").error.empty());
}

TEST_CASE("decompressor: an error of the source is passed on", "[decompressor]") {
  Decompressor decompressor(Packing::gzip);
  char room[10];
  const auto got = decompressor.read(room, [](std::span<char>) -> Result<std::size_t> {
    return Error{ErrorKind::io, "broken"};
  });
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::io);
}

TEST_CASE("packing: is told by the first bytes, whatever the name", "[decompressor]") {
  CHECK(packing_of(gzip(1).bytes, "a.ndjson").value() == Packing::gzip);
  CHECK(packing_of(zstd(1).bytes, "a.ndjson.gz").value() == Packing::zstd);
  CHECK(packing_of(std::string_view("\x5A\x2A\x4D\x18\0\0", 6), "a").value() == Packing::zstd);
  CHECK(packing_of("{\"a\":", "a.ndjson.gz").value() == Packing::none);
  CHECK(packing_of("", "a.gz").value() == Packing::none);
  CHECK(packing_of("BZhole", "a").value() == Packing::none);
}

TEST_CASE("packing: what is not read here is named, with a way out", "[decompressor]") {
  const auto xz = packing_of(std::string_view("\xFD\x37zXZ\0", 6), "a.xz");
  REQUIRE_FALSE(xz.ok());
  CHECK(xz.error().message.find("xz -dc FILE | fapilog-ship") != std::string::npos);
  CHECK_FALSE(packing_of("BZh91A", "a").ok());
  const auto random = packing_of("\x01\x02zzzz", "a.zst");
  REQUIRE_FALSE(random.ok());
  CHECK(random.error().message.find("begins with 01 02 7a 7a 7a 7a, expected 28 b5 2f fd") !=
        std::string::npos);
}

}  // namespace
}  // namespace ship
