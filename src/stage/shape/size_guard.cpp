#include "stage/shape/size_guard.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.hpp"
#include "record/json_text.hpp"
#include "record/json_unescape.hpp"

namespace ship {
namespace {

constexpr std::string_view kCutMark = "...[truncated]";
constexpr std::size_t kLeastText = 48;  // texts up to here are left alone
constexpr std::size_t kLeastMessage = 128;
constexpr std::size_t kLongestIdentity = 256;

// What stays of a record that is too long whatever is cut.
FieldKeeper essentials() {
  const std::vector<std::string> kept = {
      ".level",     ".severity", ".levelname",  ".lvl", ".log_level", ".@l",      ".timestamp",
      ".time",      ".ts",       ".@timestamp", ".@t",  ".logger",    ".message", ".msg",
      ".event",     ".@m",       "*_id",        ".id",  ".service",   ".host",    ".schema_version",
      "._truncated"};
  return std::move(FieldKeeper::make(kept)).value();
}

bool is_one_of(std::string_view name, const auto& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_message(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kNames = {"message", "msg", "event", "@m"};
  return is_one_of(name, kNames);
}

bool is_identity(std::string_view name) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "level", "severity",   "levelname", "lvl",    "log_level", "@l",   "timestamp",     "time",
      "ts",    "@timestamp", "@t",        "logger", "id",        "host", "schema_version"};
  return is_one_of(name, kNames) || name.ends_with("_id") || name.ends_with("Id");
}

// The longest prefix of at most `bytes` of the inside of a JSON string that ends between two
// characters.
std::size_t whole_characters(std::string_view raw, std::size_t bytes) {
  if (raw.size() <= bytes) return raw.size();
  std::size_t at = 0;
  while (true) {
    const std::size_t escape = std::min(raw.find('\\', at), raw.size());
    if (escape >= bytes) break;
    const std::size_t end = escape + read_json_escape(raw.substr(escape)).raw_size;
    if (end > bytes) return escape;
    at = end;
  }
  return at + utf8_prefix(raw.substr(at), bytes - at).size();
}

}  // namespace

SizeGuard::SizeGuard(const SizeGuardSettings& settings)
    : max_bytes_(static_cast<std::size_t>(settings.max_bytes)),
      action_(settings.action),
      essentials_(essentials()) {}

Transform::Outcome SizeGuard::apply(Record& record, Arena& arena) {
  const std::uint64_t size = record.line.size();
  if (size <= max_bytes_) return Outcome::unchanged;
  if (action_ == SizeGuardSettings::Action::drop) return Outcome::drop;
  Record cut_record = record;
  if (!cut(cut_record, size, false, arena)) {
    cut_record = record;
    edits_.clear();
    if (!essentials_.keep(cut_record.line, edits_)) return Outcome::failed;
    edits_.apply(cut_record, arena);
    if (!cut(cut_record, size, true, arena)) return Outcome::failed;
  }
  record = cut_record;
  return Outcome::changed;
}

// The members that mark a line as cut, each with a comma before it. A mark that the line already
// has stays unchanged: the input cut it before.
std::string SizeGuard::marks(std::string_view line, std::uint64_t original_size, bool heavily) {
  std::array<std::pair<std::string, bool>, 3> marks = {
      {{"_truncated", true}, {"_original_size", true}, {"_heavily_truncated", heavily}}};
  JsonCursor walk(line);
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::string_view name = json_unescaped(key.raw, key.escaped, key_);
    for (auto& [mark, missing] : marks) missing = missing && mark != name;
    walk.skip();
  }
  std::string text;
  for (const auto& [mark, missing] : marks) {
    if (!missing) continue;
    text += ",\"" + mark + "\":";
    text += mark == "_original_size" ? std::to_string(original_size) : "true";
  }
  // In an empty object nothing precedes the first mark.
  return key.raw.data() == nullptr && !text.empty() ? text.substr(1) : text;
}

// Marks the line and cuts its texts. False if it is still too long or cannot be walked.
bool SizeGuard::cut(Record& record, std::uint64_t original_size, bool heavily, Arena& arena) {
  const std::string mark = marks(record.line, original_size, heavily);
  texts_.clear();
  messages_.clear();
  JsonCursor walk(record.line);
  collect(walk, Role::data, 0);
  if (walk.failed()) return false;
  const std::size_t size = record.line.size() + mark.size();
  std::size_t excess = size > max_bytes_ ? size - max_bytes_ : 0;
  edits_.clear();
  excess -= std::min(excess, cut_texts(texts_, kLeastText, excess));
  if (excess > 0)
    excess -= std::min(excess, cut_texts(messages_, heavily ? 0 : kLeastMessage, excess));
  if (excess > 0) return false;
  edits_.insert(record.line.rfind('}'), mark);
  edits_.apply(record, arena);
  return true;
}

// Collects the texts that may be cut. The message is the record's own, not one deeper in its data.
void SizeGuard::collect(JsonCursor& walk, Role role, int depth) {
  const JsonKind kind = walk.kind();
  const std::size_t at = walk.at();
  if (kind == JsonKind::string) {
    const JsonString text = walk.string();
    if (role == Role::message) {
      messages_.push_back({at + 1, text.raw});
    } else if (role == Role::data || text.raw.size() > kLongestIdentity) {
      texts_.push_back({at + 1, text.raw});
    }
  } else if (kind == JsonKind::array) {
    for (bool more = walk.first_element(); more; more = walk.next_element()) {
      collect(walk, Role::data, depth + 1);
    }
  } else if (kind == JsonKind::object) {
    JsonString key;
    for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
      const bool envelope = depth == 0 && key.raw == "log";
      Role inside = Role::data;
      if (is_identity(key.raw)) inside = Role::identity;
      if (depth == 0 && is_message(key.raw)) inside = Role::message;
      collect(walk, inside, envelope ? 0 : depth + 1);
    }
  } else {
    walk.skip();
  }
}

// Cuts the longest texts to a common length, `least` or more, and returns how many bytes that
// saved.
std::size_t SizeGuard::cut_texts(std::vector<Text>& texts, std::size_t least, std::size_t excess) {
  if (excess == 0) return 0;
  const auto saved_at = [&](std::size_t length) {
    std::size_t saved = 0;
    for (const Text& text : texts) {
      if (text.raw.size() > length + kCutMark.size())
        saved += text.raw.size() - length - kCutMark.size();
    }
    return saved;
  };
  std::size_t low = least, high = least;
  for (const Text& text : texts) high = std::max(high, text.raw.size());
  while (low < high) {
    const std::size_t middle = low + (high - low + 1) / 2;
    if (saved_at(middle) >= excess) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  std::size_t saved = 0;
  for (const Text& text : texts) {
    if (text.raw.size() <= low + kCutMark.size()) continue;
    const std::size_t kept = whole_characters(text.raw, low);
    edits_.replace(text.at + kept, text.at + text.raw.size(), kCutMark);
    saved += text.raw.size() - kept - kCutMark.size();
  }
  return saved;
}

}  // namespace ship
