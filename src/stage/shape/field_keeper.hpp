#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "record/json_cursor.hpp"
#include "stage/edits.hpp"
#include "stage/path_matcher.hpp"

namespace ship {

/// Removes every member of a record that is not asked for. An object or array stays if something in
/// it stays; what is asked for stays with everything in it.
class FieldKeeper {
 public:
  /// `patterns` as PathMatcher reads them. Errors: config.
  static Result<FieldKeeper> make(std::span<const std::string> patterns);

  ~FieldKeeper();
  FieldKeeper(FieldKeeper&&) noexcept;
  FieldKeeper& operator=(FieldKeeper&&) noexcept;

  /// Adds the removals to `edits`. False: the line could not be walked.
  bool keep(std::string_view line, Edits& edits);

 private:
  explicit FieldKeeper(PathMatcher paths) : paths_(std::move(paths)) {}
  bool object(JsonCursor& walk, PathMatcher::Scope scope, bool root, Edits& edits);
  bool value(JsonCursor& walk, PathMatcher::Scope scope, Edits& edits);

  PathMatcher paths_;
  std::string key_;
};

}  // namespace ship
