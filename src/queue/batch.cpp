#include "queue/batch.hpp"

#include "queue/reorder.hpp"

namespace ship {

void Batch::move_to_front(std::size_t begin, std::size_t end,
                          std::span<const std::uint32_t> front) {
  ship::move_to_front(std::span(records_).subspan(begin, end - begin), front);
  ship::move_to_front(std::span(pins_).subspan(begin, end - begin), front);
}

}  // namespace ship
