#include "spool/spool_segment.hpp"

#include <algorithm>
#include <cerrno>

namespace ship {

SpoolCursor::Found SpoolSegment::peek() {
  position = skip_settled(position);
  return cursor.read(*file, position, settled_after(position));
}

std::uint32_t SpoolSegment::skip_settled(std::uint32_t at) const {
  for (;;) {
    const std::uint32_t to = taken.skip(acknowledged.skip(at));
    if (to == at) return at;
    at = to;
  }
}

std::uint32_t SpoolSegment::settled_after(std::uint32_t at) const {
  const std::uint32_t limit = std::max(at, visible_end);
  return taken.next_start(at, acknowledged.next_start(at, limit));
}

SpoolState SpoolSegment::next_state() {
  SpoolState state;
  state.generation = ++generation;
  state.damaged = damaged;
  state.acknowledged = acknowledged.ranges();
  return state;
}

Result<void> write_fully(File& file, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = file.write_at(offset, bytes);
    if (!n) return std::move(n).error();
    if (n.value() == 0) return system_error("nothing was written", ENOSPC);
    offset += n.value();
    bytes.remove_prefix(n.value());
  }
  return {};
}

Result<void> write_spool_state(File& file, const SpoolState& state, std::uint32_t salt) {
  return write_fully(file, kSpoolSlot * (1 + state.generation % 2),
                     encode_spool_state(state, salt));
}

}  // namespace ship
