#include "record/json_text.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include "base/hex.hpp"
#include "base/utf8.hpp"

namespace ship {
namespace {

// For each byte: 0 is copied, 'u' is written as \u00XX, 'x' starts or is part of a UTF-8 sequence,
// any other value is the character to write after the backslash.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  for (std::size_t i = 0x80; i < 0x100; ++i) escapes[i] = 'x';
  escapes['\b'] = 'b';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\f'] = 'f';
  escapes['\r'] = 'r';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr std::array<char, 256> kEscapes = make_escapes();

// Whether one of eight bytes is a control character, a quote, a backslash or not ASCII (the usual
// exact has-zero-byte and has-less tests on a 64-bit word).
bool needs_care(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  return ((word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes)) & kHighs) != 0;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

char* write_json_text(char* out, std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    if (end - p >= 8) {
      std::uint64_t word;
      std::memcpy(&word, p, 8);
      if (!needs_care(word)) {
        std::memcpy(out, p, 8);
        p += 8;
        out += 8;
        continue;
      }
    }
    const auto byte = static_cast<unsigned char>(*p);
    const char escape = kEscapes[byte];
    if (escape == 0) {
      *out++ = *p++;
    } else if (escape == 'u') {
      std::memcpy(out, "\\u00", 4);
      out[4] = kHexDigits[byte >> 4];
      out[5] = kHexDigits[byte & 15];
      out += 6;
      ++p;
    } else if (escape == 'x') {
      const Utf8Sequence sequence = utf8_sequence_at({p, static_cast<std::size_t>(end - p)});
      if (sequence.well_formed) {
        std::memcpy(out, p, sequence.size);
        out += sequence.size;
      } else {
        std::memcpy(out, kReplacement.data(), kReplacement.size());
        out += kReplacement.size();
      }
      p += sequence.size;
    } else {
      *out++ = '\\';
      *out++ = escape;
      ++p;
    }
  }
  return out;
}

void append_json_text(std::string& out, std::string_view text) {
  // In pieces, so that a long text does not need six times its size at once.
  char piece[1536];
  constexpr std::size_t kPiece = sizeof piece / kMaxJsonBytesPerByte;
  while (!text.empty()) {
    std::string_view part = text;
    if (text.size() > kPiece) {
      part = utf8_prefix(text, kPiece);
      if (part.empty()) part = text.substr(0, kPiece);
    }
    out.append(piece, write_json_text(piece, part));
    text.remove_prefix(part.size());
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_text(out, text);
  out += '"';
}

std::string_view json_text_prefix(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes / kMaxJsonBytesPerByte) return text;
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char escape = kEscapes[static_cast<unsigned char>(text[at])];
    std::size_t taken = 1;
    std::size_t written = escape == 0 ? 1 : escape == 'u' ? kMaxJsonBytesPerByte : 2;
    if (escape == 'x') {
      const Utf8Sequence sequence = utf8_sequence_at(text.substr(at));
      taken = sequence.size;
      written = sequence.well_formed ? sequence.size : kReplacement.size();
    }
    size += written;
    if (size > max_bytes) return text.substr(0, at);
    at += taken;
  }
  return text;
}

}  // namespace ship
