// Level and time at the front of a line of plain text: the same whatever stands behind the bytes
// that are looked at, and again with the same parser; a time is in the range of the clock.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/text_line.hpp"

namespace {

bool same(const ship::TextFinding& a, const ship::TextFinding& b) {
  return a.head == b.head && a.has_level == b.has_level && a.has_time == b.has_time &&
         a.level.severity == b.level.severity && a.level.name == b.level.name && a.time == b.time;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ship::TimeParser used;
  used.set_now(1'795'338'549'000'000'000);
  // On the heap and of its very size, so that a byte read behind it is seen.
  const std::string owned(reinterpret_cast<const char*>(data), size);
  const ship::TextFinding found = ship::read_text_line(owned, used);
  ship::TimeParser fresh;
  fresh.set_now(1'795'338'549'000'000'000);
  if (!same(found, ship::read_text_line(owned, fresh))) std::abort();
  if (found.has_level && (found.level.severity == 0 || found.level.severity > 70)) std::abort();
  if (found.head == ship::TextFinding::Head::none && (found.has_level || found.has_time)) {
    std::abort();
  }
  // Of a long line only the front counts.
  if (owned.size() >= 256 && owned.find('\n') == std::string::npos) {
    if (!same(found, ship::read_text_line(owned + " ERROR 2020-01-01", fresh))) std::abort();
  }
  return 0;
}
