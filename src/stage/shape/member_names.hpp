#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace ship {

/// The names of the members of one object while it gets another shape, so that none is given twice.
/// A member that keeps its name has it; one that comes to a name that is taken gets "_2" behind it,
/// or the first of "_3", "_4", … that is free. Names are without JSON's escapes.
class MemberNames {
 public:
  void clear() { taken_.clear(); }

  /// A member keeps the name that it has. All of these go before the first `claim`.
  void keep(std::string_view name) { taken_.emplace(name); }

  /// A member gets the name: what stands behind it so that nobody else has it, mostly nothing.
  std::string claim(std::string_view name);

 private:
  std::unordered_set<std::string> taken_;
};

}  // namespace ship
