#pragma once

#include <cstddef>

#include "stage/edits.hpp"

namespace ship {

/// Removes members from one object, each with its comma. Must be told of every member in order.
///
///   MemberRemoval removal(at of the brace);
///   … removal.keep(key_at, edits); …take the value…; removal.kept(walk.at()); …
///   … removal.remove(key_at, walk.at()); …
///   removal.end(edits);
class MemberRemoval {
 public:
  explicit MemberRemoval(std::size_t brace_at) : kept_end_(brace_at + 1) {}

  /// The member whose key begins at `key_at` stays.
  void keep(std::size_t key_at, Edits& edits) {
    if (removed_from_ != removed_end_) edits.replace(removed_from_, key_at, {});
    removed_from_ = removed_end_ = 0;
  }
  /// Its value ends at `end`.
  void kept(std::size_t end) { kept_end_ = end; }

  /// Removes the member from its key at `key_at` to the end of its value.
  void remove(std::size_t key_at, std::size_t end) {
    if (removed_from_ == removed_end_) removed_from_ = key_at;
    removed_end_ = end;
  }

  /// Call after the last member.
  void end(Edits& edits) {
    if (removed_from_ != removed_end_) edits.replace(kept_end_, removed_end_, {});
  }

 private:
  std::size_t kept_end_;          ///< end of the last member that stays, or of the brace
  std::size_t removed_from_ = 0;  ///< the run being removed; none: equal
  std::size_t removed_end_ = 0;
};

}  // namespace ship
