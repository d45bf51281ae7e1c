#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace ship {

/// Reorders `items`: those at the indexes in `front` (ascending) come first, then the rest; each
/// group keeps its order. If records are kept in parallel vectors, call it once for each vector.
template <class T>
void move_to_front(std::span<T> items, std::span<const std::uint32_t> front) {
  std::vector<T> others;
  others.reserve(items.size() - front.size());
  auto next = front.begin();
  auto out = items.begin();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (next != front.end() && *next == i) {
      *out++ = items[i];
      ++next;
    } else {
      others.push_back(items[i]);
    }
  }
  std::copy(others.begin(), others.end(), out);
}

}  // namespace ship
