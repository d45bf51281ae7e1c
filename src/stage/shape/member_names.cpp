#include "stage/shape/member_names.hpp"

namespace ship {

std::string MemberNames::claim(std::string_view name) {
  std::string wanted(name);
  if (taken_.insert(wanted).second) return {};
  for (unsigned number = 2;; ++number) {
    std::string suffix = "_" + std::to_string(number);
    if (taken_.insert(wanted + suffix).second) return suffix;
  }
}

}  // namespace ship
