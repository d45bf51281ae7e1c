// Whatever a record holds, what a terminal gets of it is visible text, newlines and, where colours
// are on, colours: nothing moves the cursor. A logfmt record is one line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "input/intake.hpp"
#include "sinks/terminal/logfmt.hpp"
#include "sinks/terminal/pretty.hpp"

namespace {

std::string without_colors(const std::string& text) {
  std::string rest;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\x1b') {
      rest += text[at];
      continue;
    }
    const std::size_t end = text.find_first_not_of("0123456789;:", at + 2);
    if (end == std::string::npos || text[at + 1] != '[' || text[end] != 'm') std::abort();
    at = end;
  }
  return rest;
}

void check_harmless(std::string_view text) {
  if (text.empty() || text.back() != '\n') std::abort();
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool c0 = byte < ' ' && byte != '\n' && byte != '\t';
    const bool c1 =
        byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    if (c0 || c1 || byte == 0x7F) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned width = data[0];
  ship::PrettyFormat plain({.utc = true, .width = [width] { return width; }});
  ship::PrettyFormat colored({.color = true, .utc = true});
  ship::Intake::Options options;
  options.keep_colors = (width & 1) != 0;
  ship::Intake intake(options,
                      [&](std::span<const ship::Record> records) {
                        for (const ship::Record& record : records) {
                          std::string text;
                          plain.append(record, text);
                          check_harmless(text);
                          text.clear();
                          colored.append(record, text);
                          check_harmless(without_colors(text));
                          text.clear();
                          ship::append_logfmt(record, text);
                          if (text.find('\n') != text.size() - 1) std::abort();
                        }
                      },
                      {});
  intake.feed({reinterpret_cast<const char*>(data) + 1, size - 1});
  intake.end_input();
  return 0;
}
