#include "stage/shape/member_names.hpp"

#include <algorithm>
#include <functional>

namespace ship {
namespace {

constexpr std::size_t kLeastTable = 64;

}  // namespace

void MemberNames::clear() {
  text_.clear();
  names_.clear();
  std::fill(table_.begin(), table_.end(), 0u);
}

std::string MemberNames::claim(std::string_view name) {
  if (add(name)) return {};
  for (unsigned number = 2;; ++number) {
    std::string suffix = "_" + std::to_string(number);
    wanted_.assign(name).append(suffix);
    if (add(wanted_)) return suffix;
  }
}

/// Returns whether the name was free.
bool MemberNames::add(std::string_view name) {
  if (2 * (names_.size() + 1) > table_.size()) grow();
  std::uint32_t& place = place_of(name);
  if (place != 0) return false;
  names_.push_back({text_.size(), name.size()});
  text_.append(name);
  place = static_cast<std::uint32_t>(names_.size());
  return true;
}

/// The slot that holds the name, or the free one where it belongs.
std::uint32_t& MemberNames::place_of(std::string_view name) {
  std::size_t slot = std::hash<std::string_view>{}(name);
  while (true) {
    std::uint32_t& place = table_[slot++ & (table_.size() - 1)];
    if (place == 0) return place;
    const Name& other = names_[place - 1];
    if (std::string_view(text_).substr(other.at, other.size) == name) return place;
  }
}

void MemberNames::grow() {
  table_.assign(std::max(kLeastTable, 2 * table_.size()), 0u);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    place_of(std::string_view(text_).substr(names_[i].at, names_[i].size)) =
        static_cast<std::uint32_t>(i + 1);
  }
}

}  // namespace ship
