// A time at the start of a text: it takes no more than is there, the calendar holds, what is read
// is read again alone, and a moment that was written in RFC 3339 comes back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/timestamp.hpp"
#include "record/written_time.hpp"

namespace {

void check(const std::string& text, const ship::WrittenTime& time) {
  constexpr std::int64_t kDay = 86'400;
  if (time.size == 0 || time.size > text.size()) std::abort();
  if (time.nanos < 0 || time.nanos > 999'999'999) std::abort();
  if (time.offset <= -kDay || time.offset >= kDay) std::abort();
  if (!time.has_date && (time.seconds < 0 || time.seconds > kDay)) std::abort();
  const auto alone = ship::read_written_time(text.substr(0, time.size));
  if (!alone || alone->size != time.size || alone->seconds != time.seconds ||
      alone->nanos != time.nanos || alone->offset != time.offset) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto time = ship::read_written_time(text)) check(text, *time);
  if (const auto time = ship::read_klog_time(text); time && time->size > text.size()) std::abort();
  if (ship::short_clock_size(text) > text.size()) std::abort();
  static ship::TimeParser used;
  const auto moment = used.parse(text);
  ship::TimeParser fresh;
  if (fresh.parse(text) != moment) std::abort();
  if (ship::parse_epoch(text) && *ship::parse_epoch(text) < 0) std::abort();
  if (moment && *moment >= 0) {
    if (ship::parse_time(ship::format_rfc3339(*moment, 9)) != moment) std::abort();
  }
  return 0;
}
