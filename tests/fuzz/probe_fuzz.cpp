// The lines of any block are found to be what a slow reader of each line for itself finds, and what
// simdjson's DOM parser says. The two differ where the DOM parser refuses valid JSON: numbers that
// fit no 64-bit type, lone surrogate escapes, and how it counts depth.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

#include "record/probe.hpp"
#include "tests/models/probe_model.hpp"

namespace {

void compare_with_dom(std::string_view line, bool valid) {
  static simdjson::dom::parser parser;
  const simdjson::padded_string padded(line);
  simdjson::dom::element element;
  const auto error = parser.parse(padded).get(element);
  if (error == simdjson::SUCCESS) {
    if (valid != element.is_object()) std::abort();
  } else if (valid && error != simdjson::NUMBER_ERROR && error != simdjson::STRING_ERROR &&
             error != simdjson::DEPTH_ERROR) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ship::Probe probe;
  static ship::Probe beginnings;
  std::string block(reinterpret_cast<const char*>(data), size);
  if (block.empty() || block.back() != '\n') block += '\n';
  const std::size_t block_size = block.size();
  block.resize(block_size + ship::Probe::kPadding, block.front());
  std::string_view rest(block.data(), block_size);
  probe.begin(rest);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const ship::Finding finding = probe.next(line);
    const ship::Finding expected = ship::model::find(line);
    if ((finding.fault == ship::Fault::none) != (expected.fault == ship::Fault::none)) std::abort();
    if (ship::model::covers(line, expected) && !ship::model::same(finding, expected)) {
      std::fprintf(stderr, "probe and model differ on: %s\n", std::string(line).c_str());
      std::abort();
    }
    beginnings.probe_beginning(line.substr(0, line.size() - line.size() / 4));
    compare_with_dom(line, finding.fault == ship::Fault::none);
  }
  return 0;
}
