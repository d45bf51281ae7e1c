// Whatever a packed file holds, and in whatever pieces it is read: the text is the same, up to the
// same damage.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "input/decompressor.hpp"

namespace {

constexpr std::size_t kMostText = 4u << 20;

std::string unpack(ship::Packing packing, std::string_view bytes, std::size_t piece,
                   std::size_t room_size) {
  ship::Decompressor decompressor(packing);
  const auto source = [&](std::span<char> room) -> ship::Result<std::size_t> {
    const std::size_t size = std::min({bytes.size(), room.size(), piece});
    std::copy_n(bytes.data(), size, room.data());
    bytes.remove_prefix(size);
    return size;
  };
  std::string room(room_size, '\0');
  std::string text;
  while (text.size() < kMostText) {
    auto got = decompressor.read(room, source);
    if (!got) return text + "!";
    if (got.value() == 0) return text;
    text.append(room, 0, got.value());
  }
  text.resize(kMostText);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto packing = ship::packing_of(bytes.substr(0, ship::kPackingHead), "file.gz");
  if (!packing || packing.value() == ship::Packing::none) return 0;
  const std::string text = unpack(packing.value(), bytes, SIZE_MAX, 256u << 10);
  if (text != unpack(packing.value(), bytes, 7, 1000)) std::abort();
  return 0;
}
