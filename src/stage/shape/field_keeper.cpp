#include "stage/shape/field_keeper.hpp"

#include <utility>

#include "record/json_unescape.hpp"
#include "stage/member_removal.hpp"

namespace ship {

Result<FieldKeeper> FieldKeeper::make(std::span<const std::string> patterns) {
  auto paths = PathMatcher::compile(patterns);
  if (!paths) return std::move(paths).error();
  return FieldKeeper(std::move(paths).value());
}

FieldKeeper::~FieldKeeper() = default;
FieldKeeper::FieldKeeper(FieldKeeper&&) noexcept = default;
FieldKeeper& FieldKeeper::operator=(FieldKeeper&&) noexcept = default;

bool FieldKeeper::keep(std::string_view line, Edits& edits) {
  JsonCursor walk(line);
  object(walk, paths_.enter_root(), true, edits);
  return !walk.failed();
}

// Whether something in the object stays.
bool FieldKeeper::object(JsonCursor& walk, PathMatcher::Scope scope, bool root, Edits& edits) {
  bool any = false;
  walk.kind();
  MemberRemoval removal(walk.at());
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    const std::size_t before = edits.size();
    const std::string_view name = json_unescaped(key.raw, key.escaped, key_);
    const bool envelope = root && name == "log" && walk.kind() == JsonKind::object;
    const PathMatcher::Match match = paths_.enter(name, scope, envelope);
    bool stays = match.pattern.has_value();
    if (stays) {
      walk.skip();
    } else {
      stays = value(walk, match.inside, edits);
    }
    paths_.leave(match);
    if (stays) {
      removal.keep(key_at, edits);
      removal.kept(walk.at());
      any = true;
    } else {
      edits.truncate(before);
      removal.remove(key_at, walk.at());
    }
  }
  if (!walk.failed()) removal.end(edits);
  return any;
}

bool FieldKeeper::value(JsonCursor& walk, PathMatcher::Scope scope, Edits& edits) {
  const JsonKind kind = walk.kind();
  if (kind == JsonKind::object) return object(walk, scope, false, edits);
  if (kind != JsonKind::array) {
    walk.skip();
    return false;
  }
  bool any = false;
  for (bool more = walk.first_element(); more; more = walk.next_element()) {
    any = value(walk, scope, edits) || any;
  }
  return any;
}

}  // namespace ship
