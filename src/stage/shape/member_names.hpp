#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ship {

/// The names of the members of one object while it is reshaped, so that none is used twice. A
/// member that keeps its name has priority; one that gets a name already taken has "_2" appended,
/// or the first free one of "_3", "_4", …. Names are without JSON escapes. Reuses its memory: once
/// it has seen the largest object, it allocates nothing.
class MemberNames {
 public:
  void clear();

  /// A member keeps its name. All of these calls come before the first `claim`.
  void keep(std::string_view name) { add(name); }

  /// A member gets the name; returns the suffix that makes it unique, usually empty.
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
