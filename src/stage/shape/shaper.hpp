#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "record/json_cursor.hpp"
#include "stage/edits.hpp"
#include "stage/path_matcher.hpp"
#include "stage/shape/field_keeper.hpp"
#include "stage/shape/member_names.hpp"
#include "stage/shape/shape_settings.hpp"
#include "stage/transform.hpp"

namespace ship {

/// Reshapes records, in this order: keeps, removes and renames fields; rewrites the level's name
/// and the timestamp in place; removes the envelope.
///   unwrap   what is inside `log` moves to the root; schema_version is dropped, others go to
///            the end
///   flatten  the same, and nested objects become names with dots: `context.user_id`; arrays stay
///
/// No object gets two members of one name: see MemberNames. Duplicate names in the input stay.
class Shaper : public Transform {
 public:
  /// Errors: config, with the key.
  static Result<std::unique_ptr<Shaper>> make(const ShapeSettings& settings);

  std::string_view name() const override { return "shape"; }
  Outcome apply(Record& record, Arena& arena) override;

 private:
  explicit Shaper(const ShapeSettings& settings) : settings_(settings) {}

  bool commit(Record& record, Arena& arena);
  void rename(JsonCursor& walk, PathMatcher::Scope scope, bool root);
  void rename_value(JsonCursor& walk, PathMatcher::Scope scope);
  void rewrite_level(const Record& record);
  void rewrite_time(const Record& record);
  bool rewrite_time_in(std::string_view line, std::string_view object);
  void name_members(std::size_t base);
  void unwrap(std::string_view line);
  static bool is_taken_apart(JsonCursor walk);
  bool flatten(std::string_view line);
  void flatten(JsonCursor& walk, const std::string& prefix);
  const std::string* level_name_of(const Record& record) const;

  ShapeSettings settings_;
  std::optional<FieldKeeper> keeper_;
  PathMatcher paths_;                                  ///< paths to remove, then paths to rename
  std::vector<std::pair<Level, std::string>> levels_;  ///< the new name as JSON, without quotes
  /// A member that stays, and its new name; null: unchanged.
  struct Member {
    JsonString key;
    std::size_t key_at = 0;
    const std::string* name = nullptr;
  };
  std::vector<Member> members_;  ///< of the objects that `rename` is in, outermost first
  MemberNames names_;
  Edits edits_;
  std::string key_;
  std::string text_;
};

}  // namespace ship
