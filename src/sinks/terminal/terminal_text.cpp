#include "sinks/terminal/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/utf8.hpp"
#include "base/visible_text.hpp"
#include "record/json_text.hpp"

namespace ship {
namespace {

bool is_dangerous(std::uint32_t code) { return code != '\t' && acts_on_reader(code); }

void append_escape(std::uint32_t code, std::string& out) {
  switch (code) {
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    default:
      break;
  }
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), code < 0x80 ? "\\x%02x" : "\\u%04x", code);
  out.append(text.data());
}

/// The length of the colour sequence at the start of `text`, or 0.
std::size_t sgr_size(std::string_view text) {
  if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[') return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

/// Whether one of the sequence's parameters is 8, "conceal".
bool conceals(std::string_view sgr) {
  std::string_view parameters = sgr.substr(2, sgr.size() - 3);
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find_first_of(";:"), parameters.size());
    std::string_view parameter = parameters.substr(0, end);
    // 38 and 48 take the next ones as their colour.
    if (parameter == "38" || parameter == "48") return false;
    while (parameter.size() > 1 && parameter.front() == '0') parameter.remove_prefix(1);
    if (parameter == "8") return true;
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return false;
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t size>
bool in_ranges(const std::array<Range, size>& ranges, std::uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

// The large blocks of East Asian Width W and F in Unicode, and of emoji.
constexpr std::array<Range, 12> kWide = {{{0x1100, 0x115f},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0x33ff},
                                          {0x3400, 0x4dbf},
                                          {0x4e00, 0x9fff},
                                          {0xa000, 0xa4cf},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff00, 0xff60},
                                          {0x1f300, 0x1faff},
                                          {0x20000, 0x3fffd}}};
constexpr std::array<Range, 7> kZero = {{{0x0300, 0x036f},
                                         {0x0483, 0x0489},
                                         {0x0591, 0x05bd},
                                         {0x200b, 0x200d},
                                         {0x20d0, 0x20ff},
                                         {0xfe00, 0xfe0f},
                                         {0xfe20, 0xfe2f}}};

}  // namespace

void append_harmless(std::string_view text, std::string& out, bool newlines, Sgr sgr) {
  while (!text.empty()) {
    // Most text is plain: copy it all at once.
    const auto plain_end = std::find_if(text.begin(), text.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte < 0x20 || byte >= 0x7f;
    });
    const auto plain = static_cast<std::size_t>(plain_end - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;

    if (const std::size_t size = sgr_size(text); size > 0) {
      const std::string_view sequence = text.substr(0, size);
      if (sgr == Sgr::keep && !conceals(sequence)) out.append(sequence);
      text.remove_prefix(size);
      continue;
    }
    if (newlines && text.front() == '\n') {
      out.push_back('\n');
      text.remove_prefix(1);
      continue;
    }
    if (newlines && text.substr(0, 2) == "\r\n") {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size = utf8_sequence(text);
    if (size == 0) {
      out.append("\xef\xbf\xbd");
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t code = code_point(text.substr(0, size));
    if (is_dangerous(code)) {
      append_escape(code, out);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
}

void append_visible_json(std::string_view text, std::string& out) {
  std::string json;
  append_json_text(json, text);
  for (std::string_view left = json; !left.empty();) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(left), 1);
    const std::uint32_t code = code_point(left.substr(0, size));
    if (is_dangerous(code)) {
      std::array<char, 12> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
      out.append(escape.data());
    } else {
      out.append(left.substr(0, size));
    }
    left.remove_prefix(size);
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(utf8_sequence(text), 1);
    const std::uint32_t code = code_point(text.substr(0, size));
    if (code < 0x300) {
      ++width;
    } else if (!in_ranges(kZero, code)) {
      width += in_ranges(kWide, code) ? 2 : 1;
    }
    text.remove_prefix(size);
  }
  return width;
}

}  // namespace ship
