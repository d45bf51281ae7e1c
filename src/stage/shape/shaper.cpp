#include "stage/shape/shaper.hpp"

#include <array>
#include <strings.h>

#include "record/json_text.hpp"
#include "record/json_unescape.hpp"
#include "record/timestamp.hpp"
#include "stage/member_removal.hpp"

namespace ship {
namespace {

// Where the probe finds them; FieldFinder looks inside of `log`, too.
constexpr std::array<const char*, 6> kLevelNames = {"level", "severity",  "levelname",
                                                    "lvl",   "log_level", "@l"};
constexpr std::array<const char*, 5> kTimeNames = {"timestamp", "time", "ts", "@timestamp", "@t"};

std::size_t place_in(std::string_view line, std::string_view part) {
  return static_cast<std::size_t>(part.data() - line.data());
}

// The first of `names` that the object has, as it is written; with duplicate keys the last one
// counts.
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
    JsonCursor walk(record.line);
    flatten(walk, {});
    if (walk.failed()) return failed();
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
      if (match.pattern) {
        text_.clear();
        append_json_text(text_, settings_.rename[*match.pattern - settings_.remove.size()].second);
        if (text_ != key.raw) edits_.replace(key_at + 1, key_at + 1 + key.raw.size(), text_);
      }
      rename_value(walk, match.inside);
      removal.kept(walk.at());
    }
    paths_.leave(match);
  }
  if (!walk.failed()) removal.end(edits_);
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

// Names count by their canonical level, so that "warn" is WARNING; a level of another name is not
// mapped.
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

// The inside of `log` becomes the whole.
void Shaper::unwrap(std::string_view line) {
  std::size_t log_begin = 0, log_end = 0;
  bool log_is_empty = true;
  std::string others;
  JsonCursor walk(line);
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    const bool object = walk.kind() == JsonKind::object;
    const std::size_t at = walk.at();
    const std::string_view value = walk.skip();
    if (key.raw == "log" && object) {
      log_begin = at;
      log_end = walk.at();
      log_is_empty = value.find('"') == std::string_view::npos;
    } else if (key.raw != "schema_version") {
      others += ',';
      others += line.substr(key_at, walk.at() - key_at);
    }
  }
  if (walk.failed() || log_end == 0) return;
  edits_.replace(0, log_begin, {});
  if (!others.empty()) edits_.insert(log_end - 1, log_is_empty ? others.substr(1) : others);
  edits_.replace(log_end, line.size(), {});
}

// `prefix`: what stands before the names of this object, with its dot, as JSON.
void Shaper::flatten(JsonCursor& walk, const std::string& prefix) {
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    const bool object = walk.kind() == JsonKind::object;
    const std::size_t brace = walk.at();
    JsonCursor inside = walk;
    JsonString first;
    const bool has_members = object && inside.first_member(first);
    if (!has_members) {
      if (!prefix.empty()) edits_.insert(key_at + 1, prefix);
      walk.skip();
      continue;
    }
    const std::size_t from = key_at;
    edits_.replace(from, brace + 1, {});
    flatten(walk, prefix + std::string(key.raw) + ".");
    if (walk.failed()) return;
    edits_.replace(walk.at() - 1, walk.at(), {});
  }
}

}  // namespace ship
