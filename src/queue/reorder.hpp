#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace ship {

/// Reorders `items`: first those at the indexes in `front` (ascending), then the others; both in
/// their old order. Records that are kept as several parallel vectors are reordered by one call for
/// each.
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
