// Whatever a packed file holds, and in whatever pieces it is read: the text is the same, or it is
// damaged each time, and only how much comes out of the damaged block depends on the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "input/decompressor.hpp"

namespace {

constexpr std::size_t kMostText = 4u << 20;

struct Unpacked {
  std::string text;
  bool damaged = false;
};

Unpacked unpack(ship::Packing packing, std::string_view bytes, std::size_t piece,
                std::size_t room_size) {
  ship::Decompressor decompressor(packing);
  const auto source = [&](std::span<char> room) -> ship::Result<std::size_t> {
    const std::size_t size = std::min({bytes.size(), room.size(), piece});
    std::copy_n(bytes.data(), size, room.data());
    bytes.remove_prefix(size);
    return size;
  };
  std::string room(room_size, '\0');
  Unpacked got;
  while (got.text.size() < kMostText) {
    auto size = decompressor.read(room, source);
    got.damaged = !size;
    if (!size || size.value() == 0) return got;
    got.text.append(room, 0, size.value());
  }
  got.text.resize(kMostText);
  return got;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto packing = ship::packing_of(bytes.substr(0, ship::kPackingHead), "file.gz");
  if (!packing || packing.value() == ship::Packing::none) return 0;
  const Unpacked whole = unpack(packing.value(), bytes, SIZE_MAX, 256u << 10);
  const Unpacked pieces = unpack(packing.value(), bytes, 7, 1000);
  const auto [shorter, longer] = std::minmax({whole.text.size(), pieces.text.size()});
  if (whole.text.compare(0, shorter, pieces.text, 0, shorter) != 0) std::abort();
  if (longer < kMostText && whole.damaged != pieces.damaged) std::abort();
  if (!whole.damaged && !pieces.damaged && shorter != longer) std::abort();
  return 0;
}
