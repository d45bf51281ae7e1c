#include "stage/shape/shaper.hpp"

#include <array>
#include <strings.h>

#include "record/json_text.hpp"
#include "record/json_unescape.hpp"
#include "record/timestamp.hpp"
#include "stage/member_removal.hpp"

namespace ship {
namespace {

// Where the probe finds them; FieldFinder also looks inside `log`.
constexpr std::array<const char*, 6> kLevelNames = {"level", "severity",  "levelname",
                                                    "lvl",   "log_level", "@l"};
constexpr std::array<const char*, 5> kTimeNames = {"timestamp", "time", "ts", "@timestamp", "@t"};

std::size_t place_in(std::string_view line, std::string_view part) {
  return static_cast<std::size_t>(part.data() - line.data());
}

// The first of `names` that the object has, as written; with duplicate keys the last one counts.
template <class Names>
std::string_view first_member(std::string_view object, const Names& names) {
  std::string_view found;
  std::size_t best = names.size();
  JsonCursor walk(object);
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::string_view value = walk.skip();
    for (std::size_t i = 0; i <= best && i < names.size(); ++i) {
      if (key.raw != names[i]) continue;
      best = i;
      found = value;
    }
  }
  return found;
}

std::string_view envelope_of(std::string_view line) {
  constexpr std::array<const char*, 1> kLog = {"log"};
  const std::string_view log = first_member(line, kLog);
  return log.starts_with('{') ? log : std::string_view();
}

}  // namespace

Result<std::unique_ptr<Shaper>> Shaper::make(const ShapeSettings& settings) {
  std::unique_ptr<Shaper> shaper(new Shaper(settings));
  if (!settings.keep.empty()) {
    auto keeper = FieldKeeper::make(settings.keep);
    if (!keeper) return std::move(keeper).error().in("shape.keep");
    shaper->keeper_ = std::move(keeper).value();
  }
  std::vector<std::string> patterns = settings.remove;
  if (auto removed = PathMatcher::compile(patterns); !removed) {
    return std::move(removed).error().in("shape.remove");
  }
  for (const auto& [path, name] : settings.rename) patterns.push_back(path);
  auto paths = PathMatcher::compile(patterns);
  if (!paths) return std::move(paths).error().in("shape.rename");
  shaper->paths_ = std::move(paths).value();
  for (const auto& [level, name] : settings.levels) {
    const auto known = parse_level(level);
    if (!known) {
      return Error{ErrorKind::config,
                   "shape.levels: found \"" + level + "\", expected a level such as WARNING"};
    }
    std::string json;
    append_json_text(json, name);
    shaper->levels_.emplace_back(*known, std::move(json));
  }
  return shaper;
}

Transform::Outcome Shaper::apply(Record& record, Arena& arena) {
  bool changed = false;
  const Record before = record;
  const auto failed = [&] {
    record = before;
    return Outcome::failed;
  };
  edits_.clear();
  if (keeper_) {
    if (!keeper_->keep(record.line, edits_)) return failed();
    changed = commit(record, arena) || changed;
  }
  if (!paths_.empty()) {
    JsonCursor walk(record.line);
    rename(walk, paths_.enter_root(), true);
    if (walk.failed()) return failed();
    changed = commit(record, arena) || changed;
  }
  if (!levels_.empty()) rewrite_level(record);
  if (settings_.timestamp != ShapeSettings::Timestamp::keep) rewrite_time(record);
  changed = commit(record, arena) || changed;
  if (settings_.envelope != ShapeSettings::Envelope::keep) {
    unwrap(record.line);
    changed = commit(record, arena) || changed;
  }
  if (settings_.envelope == ShapeSettings::Envelope::flatten) {
    if (!flatten(record.line)) return failed();
    changed = commit(record, arena) || changed;
  }
  return changed ? Outcome::changed : Outcome::unchanged;
}

bool Shaper::commit(Record& record, Arena& arena) {
  if (edits_.empty()) return false;
  edits_.apply(record, arena);
  edits_.clear();
  return true;
}

void Shaper::rename(JsonCursor& walk, PathMatcher::Scope scope, bool root) {
  walk.kind();
  MemberRemoval removal(walk.at());
  const std::size_t base = members_.size();
  bool renamed = false;
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    const std::string_view name = json_unescaped(key.raw, key.escaped, key_);
    const bool envelope = root && name == "log" && walk.kind() == JsonKind::object;
    const PathMatcher::Match match = paths_.enter(name, scope, envelope);
    if (match.pattern && *match.pattern < settings_.remove.size()) {
      walk.skip();
      removal.remove(key_at, walk.at());
    } else {
      removal.keep(key_at, edits_);
      members_.push_back({key, key_at, nullptr});
      if (match.pattern) {
        members_.back().name = &settings_.rename[*match.pattern - settings_.remove.size()].second;
        renamed = true;
      }
      rename_value(walk, match.inside);
      removal.kept(walk.at());
    }
    paths_.leave(match);
  }
  if (!walk.failed()) removal.end(edits_);
  if (renamed) name_members(base);
  members_.resize(base);
}

// Gives new names to the members from `base` on, which are those of one object.
void Shaper::name_members(std::size_t base) {
  names_.clear();
  const std::span<const Member> members = std::span(members_).subspan(base);
  for (const Member& member : members) {
    if (member.name) continue;
    names_.keep(json_unescaped(member.key.raw, member.key.escaped, key_));
  }
  for (const Member& member : members) {
    if (!member.name) continue;
    text_.clear();
    append_json_text(text_, *member.name);
    text_ += names_.claim(*member.name);
    const std::size_t at = member.key_at + 1;
    if (text_ != member.key.raw) edits_.replace(at, at + member.key.raw.size(), text_);
  }
}

void Shaper::rename_value(JsonCursor& walk, PathMatcher::Scope scope) {
  const JsonKind kind = walk.kind();
  if (kind == JsonKind::object) {
    rename(walk, scope, false);
  } else if (kind == JsonKind::array) {
    for (bool more = walk.first_element(); more; more = walk.next_element())
      rename_value(walk, scope);
  } else {
    walk.skip();
  }
}

// Names are compared by their canonical level, so "warn" is WARNING; a level with any other name is
// not mapped.
const std::string* Shaper::level_name_of(const Record& record) const {
  if (record.level.name == LevelName::other) return nullptr;
  for (const auto& [level, name] : levels_) {
    if (level.name == record.level.name) return &name;
  }
  return nullptr;
}

void Shaper::rewrite_level(const Record& record) {
  const std::string* name = level_name_of(record);
  if (name == nullptr) return;
  if (record.level_size > 0) {
    const std::string_view old = record.line.substr(record.level_at, record.level_size);
    if (old != *name) edits_.replace(record.level_at, record.level_at + record.level_size, *name);
    return;
  }
  std::string_view value = first_member(envelope_of(record.line), kLevelNames);
  if (value.empty()) value = first_member(record.line, kLevelNames);
  if (value.empty() || value.front() == '"' || value.front() == '{' || value.front() == '[') return;
  const std::size_t at = place_in(record.line, value);
  edits_.replace(at, at + value.size(), '"' + *name + '"');
}

void Shaper::rewrite_time(const Record& record) {
  const std::string_view envelope = envelope_of(record.line);
  if (!envelope.empty() && rewrite_time_in(record.line, envelope)) return;
  rewrite_time_in(record.line, record.line);
}

// Whether `object`, a part of the line, has a time.
bool Shaper::rewrite_time_in(std::string_view line, std::string_view object) {
  using Timestamp = ShapeSettings::Timestamp;
  const std::string_view value = first_member(object, kTimeNames);
  if (value.empty()) return false;
  const std::optional<WallNanos> time =
      value.front() == '"' ? parse_time(value.substr(1, value.size() - 2)) : parse_epoch(value);
  if (!time) return false;
  switch (settings_.timestamp) {
    case Timestamp::rfc3339:
      text_ = '"' + format_rfc3339(*time, *time % 1'000'000 == 0 ? 3 : 9) + '"';
      break;
    case Timestamp::epoch_s:
      text_ = std::to_string(*time / 1'000'000'000);
      break;
    case Timestamp::epoch_ms:
      text_ = std::to_string(*time / 1'000'000);
      break;
    case Timestamp::epoch_us:
      text_ = std::to_string(*time / 1'000);
      break;
    case Timestamp::epoch_ns:
      text_ = std::to_string(*time);
      break;
    case Timestamp::keep:
      return true;
  }
  const std::size_t at = place_in(line, value);
  if (value != text_) edits_.replace(at, at + value.size(), text_);
  return true;
}

// Replaces the record with the inside of `log`.
void Shaper::unwrap(std::string_view line) {
  const std::string_view log = envelope_of(line);
  if (log.empty()) return;
  const std::size_t log_begin = place_in(line, log), log_end = log_begin + log.size();
  names_.clear();
  JsonCursor inside(log);
  JsonString key;
  for (bool more = inside.first_member(key); more; more = inside.next_member(key)) {
    names_.keep(json_unescaped(key.raw, key.escaped, key_));
    inside.skip();
  }
  const bool log_is_empty = key.raw.data() == nullptr;
  std::string others;
  JsonCursor walk(line);
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    walk.kind();
    const std::size_t at = walk.at();
    walk.skip();
    if (at == log_begin || key.raw == "schema_version") continue;
    const std::size_t key_end = key_at + 1 + key.raw.size();
    others += ',';
    others += line.substr(key_at, key_end - key_at);
    others += names_.claim(json_unescaped(key.raw, key.escaped, key_));
    others += line.substr(key_end, walk.at() - key_end);
  }
  if (inside.failed() || walk.failed()) return;
  edits_.replace(0, log_begin, {});
  if (!others.empty()) edits_.insert(log_end - 1, log_is_empty ? others.substr(1) : others);
  edits_.replace(log_end, line.size(), {});
}

// Whether the walk is at an object with members, which flattening takes apart.
bool Shaper::is_taken_apart(JsonCursor walk) {
  JsonString first;
  return walk.kind() == JsonKind::object && walk.first_member(first);
}

bool Shaper::flatten(std::string_view line) {
  names_.clear();
  JsonCursor root(line);
  JsonString key;
  for (bool more = root.first_member(key); more; more = root.next_member(key)) {
    if (!is_taken_apart(root)) names_.keep(json_unescaped(key.raw, key.escaped, key_));
    root.skip();
  }
  JsonCursor walk(line);
  if (!root.failed()) flatten(walk, {});
  return !root.failed() && !walk.failed();
}

// `prefix`: what precedes the names of this object, including its dot, as JSON.
void Shaper::flatten(JsonCursor& walk, const std::string& prefix) {
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    if (is_taken_apart(walk)) {
      walk.kind();
      edits_.replace(key_at, walk.at() + 1, {});
      flatten(walk, prefix + std::string(key.raw) + ".");
      if (walk.failed()) return;
      edits_.replace(walk.at() - 1, walk.at(), {});
      continue;
    }
    if (!prefix.empty()) {
      edits_.insert(key_at + 1, prefix);
      text_ = prefix;
      text_ += key.raw;
      const std::string suffix = names_.claim(json_unescaped(text_, true, key_));
      if (!suffix.empty()) edits_.insert(key_at + 1 + key.raw.size(), suffix);
    }
    walk.skip();
  }
}

}  // namespace ship
