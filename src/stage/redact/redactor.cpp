#include "stage/redact/redactor.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ascii.hpp"
#include "record/json_text.hpp"
#include "record/json_unescape.hpp"
#include "stage/member_removal.hpp"
#include "stage/redact/escape_map.hpp"
#include "stage/redact/secret_names.hpp"

namespace ship {

using Hit = PatternSet::Hit;
using Kind = RedactionPlan::Meaning::Kind;

namespace {

// The least length of a value that is a secret only if it looks random.
constexpr std::size_t kLeastRandom = 8;

bool may_be_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos &&
         (text[first] == '{' || text[first] == '[' || text[first] == '"');
}

bool is_name_of(const RedactionPlan::FieldMeaning& meaning, std::string_view name) {
  return meaning.last_word.empty() || is_last_word(name, meaning.last_word);
}

}  // namespace

Redactor::Redactor(std::shared_ptr<const RedactionPlan> plan)
    : plan_(std::move(plan)), finder_(plan_), paths_(plan_->fields) {
  if (plan_->scanner) scratch_ = std::make_unique<PatternSet::Scratch>(*plan_->scanner);
  counts_ = std::make_unique<std::atomic<std::uint64_t>[]>(plan_->rules.size());
}

std::vector<RuleCount> Redactor::rule_counts() const {
  std::vector<RuleCount> counts;
  for (std::size_t i = 0; i < plan_->rules.size(); ++i) {
    const std::uint64_t hits = counts_[i].load(std::memory_order_relaxed);
    if (hits > 0) counts.push_back({plan_->rules[i], hits});
  }
  return counts;
}

// Only this thread adds.
void Redactor::note(std::uint32_t rule, std::string_view where) {
  counts_[rule].store(counts_[rule].load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (notes_ == nullptr) return;
  std::string text = plan_->rules[rule] + " at " + path_;
  text += where;
  notes_->push_back(std::move(text));
}

// Notes what the finder removed from `text`.
void Redactor::note_replaced(std::string_view text) {
  for (const SecretFinder::Secret& secret : finder_.replaced()) {
    std::string where;
    if (notes_ != nullptr && secret.end - secret.begin < text.size()) {
      where =
          ", characters " + std::to_string(secret.begin + 1) + " to " + std::to_string(secret.end);
    }
    note(secret.rule, where);
  }
}

Transform::Outcome Redactor::apply(Record& record, Arena& arena) {
  if (!scan(record.line)) return Outcome::failed;
  if (hits_.empty() && !fields_ && !users_ && !every_string_) return Outcome::unchanged;
  edits_.clear();
  failed_ = false;
  too_deep_ = false;
  path_.clear();
  layer_ = 0;
  depth_ = 0;
  JsonCursor walk(record.line);
  object(walk, paths_.enter_root(), true, edits_);
  if (hits_.capacity() > kUsualHits) hits_ = {};
  if (local_hits_.capacity() > kUsualHits) local_hits_ = {};
  if (failed_ || too_deep_ || walk.failed()) return Outcome::failed;
  if (edits_.empty()) return Outcome::unchanged;
  edits_.apply(record, arena);
  return Outcome::changed;
}

// Scans the line, and then the line with its escapes undone, repeatedly while there are any: JSON
// in the text of a string has its own escapes. Keeps the hits of bundled patterns, by where they
// end in the line.
bool Redactor::scan(std::string_view line) {
  hits_.clear();
  next_hit_ = 0;
  fields_ = plan_->look_at_fields_always;
  users_ = false;
  every_string_ = false;
  std::string_view text = line;
  for (std::size_t depth = 0;; ++depth) {
    const bool escaped = std::memchr(text.data(), '\\', text.size()) != nullptr;
    // In the line itself only strings count, whose escapes are undone.
    if (depth > 0 || !escaped) {
      if (!scan_reading(text, line, depth)) return false;
      if (every_string_) return true;
    }
    if (!escaped || depth == kMaxLayers) return true;
    std::string& undone = readings_[depth];
    undone.clear();
    append_json_unescaped(undone, text);
    if (depth > 0 && undone.size() == text.size()) return true;
    text = undone;
  }
}

bool Redactor::scan_reading(std::string_view text, std::string_view line, std::size_t depth) {
  users_ = users_ || plan_->users.may_match(text);
  if (!plan_->scanner) return plan_->patterns.empty();
  local_hits_.clear();
  switch (plan_->scanner->scan(text, *scratch_, local_hits_, kMostHits)) {
    case PatternSet::Scan::failed:
      return false;
    case PatternSet::Scan::too_many:
      every_string_ = fields_ = users_ = true;
      hits_.clear();
      return true;
    case PatternSet::Scan::done:
      break;
  }
  std::erase_if(local_hits_, [this](const Hit& hit) {
    const Kind kind = plan_->meanings[hit.pattern].kind;
    fields_ = fields_ || kind == Kind::field;
    return kind != Kind::secret;
  });
  for (std::size_t layer = depth; layer > 0; --layer)
    place_hits(layer > 1 ? std::string_view(readings_[layer - 2]) : line);
  const auto known = static_cast<std::ptrdiff_t>(hits_.size());
  hits_.insert(hits_.end(), local_hits_.begin(), local_hits_.end());
  std::inplace_merge(hits_.begin(), hits_.begin() + known, hits_.end(),
                     [](const Hit& a, const Hit& b) { return a.first_end < b.first_end; });
  return true;
}

// Maps local_hits_ from positions in the text that `raw` represents to positions in `raw`.
void Redactor::place_hits(std::string_view raw) {
  EscapeMap map(raw);
  // A string with escapes is scanned again; in one without, a run is as long as in the text.
  for (Hit& hit : local_hits_) {
    const std::uint64_t size = hit.end - hit.first_end;
    hit.first_end = map.end_of(hit.first_end);
    hit.end = hit.first_end + size;
  }
}

// Collects in local_hits_ the hits that end in [begin, end) of the line, counted from `begin`.
bool Redactor::take_hits(std::size_t begin, std::size_t end) {
  while (next_hit_ < hits_.size() && hits_[next_hit_].end <= begin) ++next_hit_;
  local_hits_.clear();
  for (std::size_t i = next_hit_; i < hits_.size() && hits_[i].first_end <= end; ++i) {
    const Hit& hit = hits_[i];
    if (hit.end <= begin) continue;
    local_hits_.push_back({hit.pattern, std::max<std::uint64_t>(hit.first_end, begin + 1) - begin,
                           std::min<std::uint64_t>(hit.end, end) - begin});
  }
  return !local_hits_.empty();
}

void Redactor::value(JsonCursor& walk, PathMatcher::Scope scope, Edits& edits) {
  const JsonKind kind = walk.kind();
  const std::size_t at = walk.at();
  if (kind == JsonKind::string) {
    const JsonString text = walk.string();
    if (!walk.failed()) string(text, at + 1, &scope, edits);
  } else if (kind == JsonKind::number) {
    number(walk.skip(), at, edits);
  } else if (kind == JsonKind::boolean || kind == JsonKind::null || kind == JsonKind::none) {
    walk.skip();
  } else if (depth_ == kMaxDepth) {
    too_deep_ = true;
    walk.skip();
  } else if (kind == JsonKind::object) {
    object(walk, scope, false, edits);
  } else {
    ++depth_;
    const std::size_t path_size = path_.size();
    std::size_t index = 0;
    for (bool more = walk.first_element(); more; more = walk.next_element()) {
      if (notes_ != nullptr) path_ += "[" + std::to_string(index++) + "]";
      value(walk, scope, edits);
      path_.resize(path_size);
    }
    --depth_;
  }
}

void Redactor::object(JsonCursor& walk, PathMatcher::Scope scope, bool root, Edits& edits) {
  ++depth_;
  walk.kind();
  MemberRemoval removal(walk.at());
  Pair pair{walk, scope};
  JsonString key;
  const std::size_t path_size = path_.size();
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::size_t key_at = walk.key_at();
    PathMatcher::Match match{std::nullopt, scope};
    if (fields_) {
      const std::string_view name = json_unescaped(key.raw, key.escaped, key_);
      match = paths_.enter(name, scope, root && name == "log" && walk.kind() == JsonKind::object);
    }
    const RedactionPlan::FieldMeaning* meaning =
        match.pattern ? &plan_->field_meanings[*match.pattern] : nullptr;
    if (notes_ != nullptr || meaning != nullptr) {
      const std::string_view name = json_unescaped(key.raw, key.escaped, key_);
      if (meaning != nullptr && !(is_name_of(*meaning, name) && is_secret(*meaning, walk))) {
        meaning = nullptr;
      }
      if (notes_ != nullptr) path_.append(path_.empty() ? "" : ".").append(name);
    }
    if (meaning == nullptr && fields_ && depth_ <= kMaxPairDepth && is_key(key, "value")) {
      meaning = named_by(pair);
      if (meaning != nullptr && !is_secret(*meaning, walk)) meaning = nullptr;
    }
    if (meaning != nullptr && meaning->action == RedactAction::remove) {
      walk.skip();
      removal.remove(key_at, walk.at());
      note(meaning->rule, "");
    } else {
      removal.keep(key_at, edits);
      string(key, key_at + 1, nullptr, edits);
      if (meaning != nullptr) {
        field(walk, *meaning, edits);
      } else {
        value(walk, match.inside, edits);
      }
      removal.kept(walk.at());
    }
    path_.resize(path_size);
    if (fields_) paths_.leave(match);
  }
  if (!walk.failed()) removal.end(edits);
  --depth_;
}

// Decides what the member's name alone does not.
bool Redactor::is_secret(const RedactionPlan::FieldMeaning& meaning, JsonCursor walk) {
  if (!meaning.only_random) return true;
  if (walk.kind() != JsonKind::string) return false;
  const std::string_view raw = walk.string().raw;
  return !walk.failed() && looks_random(raw, kLeastRandom);
}

// The meaning of the name next to a value: {"name":"DB_PASSWORD","value":"x"}. Looked up once,
// however many values there are.
const RedactionPlan::FieldMeaning* Redactor::named_by(Pair& pair) {
  if (std::exchange(pair.known, true)) return pair.meaning;
  JsonString key;
  JsonCursor& walk = pair.object;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const bool names = is_key(key, "name") || is_key(key, "key");
    if (!names || walk.kind() != JsonKind::string) {
      walk.skip();
      continue;
    }
    const JsonString text = walk.string();
    if (walk.failed()) break;
    const std::string_view name = json_unescaped(text.raw, text.escaped, key_);
    const PathMatcher::Match match = paths_.enter(name, pair.scope, false);
    paths_.leave(match);
    if (!match.pattern) continue;
    const RedactionPlan::FieldMeaning& meaning = plan_->field_meanings[*match.pattern];
    if (is_name_of(meaning, name)) return pair.meaning = &meaning;
  }
  return nullptr;
}

bool Redactor::is_key(const JsonString& key, std::string_view word) {
  return equal_in_any_case(json_unescaped(key.raw, key.escaped, key_), word);
}

// Redacts a member because of its name.
void Redactor::field(JsonCursor& walk, const RedactionPlan::FieldMeaning& meaning, Edits& edits) {
  const JsonKind kind = walk.kind();
  const std::size_t at = walk.at();
  const std::string_view text = walk.skip();
  if (walk.failed() || text == "null" || text == "\"\"") return;
  if ((kind == JsonKind::boolean || kind == JsonKind::null) && meaning.bundled) return;
  RedactAction action = meaning.action;
  std::string_view secret = text;
  if (kind == JsonKind::string) {
    const std::string_view raw = text.substr(1, text.size() - 2);
    secret = json_unescaped(raw, raw.find('\\') != std::string_view::npos, key_);
    if (plan_->mask.is_masked(secret, meaning.shown)) return;
  } else if (action == RedactAction::partial && kind != JsonKind::number) {
    action = RedactAction::mask;
  }
  note(meaning.rule, "");
  replacement_.clear();
  plan_->mask.append(replacement_, action, secret, meaning.shown);
  escaped_.clear();
  append_json_string(escaped_, replacement_);
  edits.replace(at, at + text.size(), escaped_);
}

// Redacts the inside of a string that begins at `at`; `scope` is none for keys.
void Redactor::string(const JsonString& string, std::size_t at, const PathMatcher::Scope* scope,
                      Edits& edits) {
  const bool by_hits = layer_ == 0 && !every_string_;
  const bool has_hits = by_hits && take_hits(at, at + string.raw.size());
  const bool scans = has_hits || users_ || !by_hits;
  const bool may_hold_fields = fields_ && scope != nullptr && string.escaped;
  if (!scans && !may_hold_fields) return;

  Layer& layer = layers_[layer_];
  layer.plain.clear();
  append_json_unescaped(layer.plain, string.raw);
  layer.edits.clear();
  const bool is_json = scope != nullptr && string.escaped && layer_ + 1 < kMaxLayers &&
                       may_be_json(layer.plain) && inner_json(layer.plain, *scope, layer.edits);
  if (!is_json && scans) {
    layer.patterns.clear();
    find_secrets(layer.plain, has_hits && !string.escaped, layer.patterns);
    layer.edits.add_around(layer.patterns);
  }
  if (layer.edits.empty()) return;
  EscapeMap map(string.raw);
  layer.edits.for_each([&](std::size_t begin, std::size_t end, std::string_view text) {
    const std::size_t raw_begin = map.begin_of(begin);
    const std::size_t raw_end = std::max(raw_begin, map.end_of(end));
    escaped_.clear();
    append_json_text(escaped_, text);
    edits.replace(at + raw_begin, at + raw_end, escaped_);
  });
}

// Whether `text` is one JSON value; if so, its fields and strings are redacted.
bool Redactor::inner_json(std::string_view text, PathMatcher::Scope scope, Edits& edits) {
  ++layer_;
  const bool outer_too_deep = std::exchange(too_deep_, false);
  JsonCursor walk(text);
  value(walk, scope, edits);
  const bool ended = !walk.failed() && walk.kind() == JsonKind::none && walk.at() == text.size();
  --layer_;
  // If it is nested too deep to walk, it is also treated as text.
  return !std::exchange(too_deep_, outer_too_deep) && ended;
}

void Redactor::number(std::string_view number, std::size_t at, Edits& edits) {
  const bool by_hits = layer_ == 0 && !every_string_;
  const bool has_hits = by_hits && take_hits(at, at + number.size());
  constexpr std::size_t kLeastSecret = 7;
  if (!has_hits && !users_ && (by_hits || number.size() < kLeastSecret)) return;
  Edits& found = layers_[layer_].patterns;
  found.clear();
  find_secrets(number, has_hits, found);
  if (found.empty()) return;
  replacement_.clear();
  std::size_t done = 0;
  found.for_each([&](std::size_t begin, std::size_t end, std::string_view text) {
    replacement_.append(number, done, begin - done);
    replacement_.append(text);
    done = end;
  });
  replacement_.append(number, done);
  escaped_.clear();
  append_json_string(escaped_, replacement_);
  edits.replace(at, at + number.size(), escaped_);
}

void Redactor::find_secrets(std::string_view text, bool has_hits, Edits& edits) {
  bool done = true;
  if (has_hits) {
    done = finder_.find(text, local_hits_, users_, edits);
  } else if (layer_ == 0 && !every_string_ && local_hits_.empty() &&
             text.find('\\') == std::string_view::npos) {
    done = finder_.find(text, {}, users_, edits);
  } else {
    done = finder_.scan_and_find(text, kMaxLayers - 1 - layer_, edits);
  }
  if (!done) failed_ = true;
  note_replaced(text);
}

}  // namespace ship
