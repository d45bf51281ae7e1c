#pragma once

#include <array>
#include <string>
#include <unistd.h>

namespace ship {

/// The machine's own name, as gethostname(2) tells it; "-" where it tells none.
inline std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "-";
  return name.data();
}

}  // namespace ship
