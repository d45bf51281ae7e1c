#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "record/record.hpp"

namespace ship {

/// The changes that a stage wants in a line: pieces of it, each replaced by other text. Everything
/// between the pieces stays byte for byte. Pieces do not overlap; they may be given in any order,
/// and at the same place are applied in the order given. Reused from record to record.
class Edits {
 public:
  void clear() {
    edits_.clear();
    text_.clear();
  }
  bool empty() const { return edits_.empty(); }
  std::size_t size() const { return edits_.size(); }

  /// Replaces the bytes [begin, end) of the line with `text`, which is copied.
  void replace(std::size_t begin, std::size_t end, std::string_view text);
  void insert(std::size_t at, std::string_view text) { replace(at, at, text); }
  /// Drops all but the first `count` edits.
  void truncate(std::size_t count) { edits_.resize(count); }
  /// Adds those edits of `others` that are outside the pieces already here.
  void add_around(Edits& others);

  /// Calls `see(begin, end, text)` for each edit, in line order.
  template <class See>
  void for_each(See see) {
    sort();
    for (const Edit& edit : edits_) {
      see(edit.begin, edit.end, std::string_view(text_).substr(edit.text_at, edit.text_size));
    }
  }

  /// The line with all edits, in the arena.
  std::string_view apply(std::string_view line, Arena& arena);
  /// The same for a record: its line, and the place of its level's text. If the level's text itself
  /// was edited, the record falls back to its level's canonical name.
  void apply(Record& record, Arena& arena);

 private:
  struct Edit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t text_at = 0;
    std::size_t text_size = 0;
  };
  void sort();

  std::vector<Edit> edits_;
  std::string text_;
};

}  // namespace ship
