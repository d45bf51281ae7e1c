#include "base/host_name.hpp"

#include <array>
#include <unistd.h>

namespace ship {

std::string host_name() {
  std::array<char, 256> name{};
  const bool has_name = ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  return has_name ? name.data() : "unknown";
}

}  // namespace ship
