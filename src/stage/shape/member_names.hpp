#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// The names of the members of one object while it gets another shape, so that none is given twice.
/// A member that keeps its name has it; one that comes to a name that is taken gets "_2" behind it,
/// or the first of "_3", "_4", … that is free. Names are without JSON's escapes. Keeps its memory:
/// once it has seen the largest object, it allocates nothing.
class MemberNames {
 public:
  void clear();

  /// A member keeps the name that it has. All of these go before the first `claim`.
  void keep(std::string_view name) { add(name); }

  /// A member gets the name: what stands behind it so that nobody else has it, mostly nothing.
  std::string claim(std::string_view name);

 private:
  struct Name {
    std::size_t at = 0;  ///< in `text_`
    std::size_t size = 0;
  };
  bool add(std::string_view name);
  std::uint32_t& place_of(std::string_view name);
  void grow();

  std::string text_;
  std::string wanted_;
  std::vector<Name> names_;
  /// Open addressing by the hash of the name: its position in `names_` + 1; 0: free. The size is a
  /// power of two, and at most half is in use.
  std::vector<std::uint32_t> table_;
};

}  // namespace ship
