#include "record/json_text.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace ship {
namespace {

// For each byte: 0 is copied, 'u' is written as \u00XX, 'x' starts or is part of a UTF-8 sequence,
// any other is what stands behind the backslash.
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

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

struct Sequence {
  std::size_t size = 0;  // of the well-formed sequence, or of the maximal ill-formed part
  bool well_formed = false;
};

// Unicode 15, table 3-7.
Sequence sequence_at(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, true};
  std::size_t size = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    size = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    size = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    size = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (i == text.size()) return {i, false};
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < low || byte > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

}  // namespace

char* write_json_text(char* out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
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
      out[4] = kHex[byte >> 4];
      out[5] = kHex[byte & 15];
      out += 6;
      ++p;
    } else if (escape == 'x') {
      const Sequence sequence = sequence_at({p, static_cast<std::size_t>(end - p)});
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
  // In pieces, so that a long text does not ask for six times its size at once.
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
      const Sequence sequence = sequence_at(text.substr(at));
      taken = sequence.size;
      written = sequence.well_formed ? sequence.size : kReplacement.size();
    }
    size += written;
    if (size > max_bytes) return text.substr(0, at);
    at += taken;
  }
  return text;
}

std::size_t utf8_sequence(std::string_view text) {
  const Sequence sequence = sequence_at(text);
  return sequence.well_formed ? sequence.size : 0;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
  return text.size() <= max_bytes ? text : without_partial_utf8(text.substr(0, max_bytes));
}

std::string_view without_partial_utf8(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const char c = text[text.size() - back];
    if (is_continuation(c)) continue;
    const auto lead = static_cast<unsigned char>(c);
    const std::size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return needed > back ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

}  // namespace ship
