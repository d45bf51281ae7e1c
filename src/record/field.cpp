#include "record/field.hpp"

#include <cstdint>
#include <utility>

#include "record/json_unescape.hpp"

namespace ship {
namespace {

/// Memory for the texts of a longer line is not kept.
constexpr std::size_t kMaxKeptLineBytes = 1 << 20;

/// Where an object is in the envelope; the members of `log` and `root` are also matched by name.
enum class Place : std::uint8_t { root, log, section, other };

/// How near to the root a path was found; smaller is nearer.
using Rank = std::uint8_t;
constexpr Rank kNotFound = 255;
constexpr Rank kNull = 254;
constexpr Rank kInLog = 1;
constexpr Rank kInLogSection = 2;
constexpr Rank kInRootSection = 5;
constexpr std::string_view kSections[] = {"context", "diagnostics", "data"};

/// A path, or the rest of one, that is wanted in the current object.
struct Wanted {
  std::uint32_t path;
  Rank rank;
  std::string_view rest;
};

}  // namespace

struct FieldFinder::State {
  std::vector<std::string> paths;
  std::vector<Field> fields;
  std::vector<Rank> ranks;
  /// A stack: entering an object pushes what is wanted in it.
  std::vector<Wanted> wanted;
  std::string unescaped;
  /// Texts that had escapes. The first one reserves room for a whole line, so that none moves.
  std::string texts;
  std::string_view line;

  void search(JsonCursor& walk, std::size_t first, Place place);
  void want_all(Rank rank) {
    for (std::uint32_t i = 0; i < paths.size(); ++i) wanted.push_back({i, rank, paths[i]});
  }
  Place want_members(std::string_view key, Place place);
  Field field(JsonKind kind, std::string_view raw);
  void take(const Field& field, const Wanted& found);
};

/// Pushes what is wanted in the object under `key` because of that object's place in the envelope.
Place FieldFinder::State::want_members(std::string_view key, Place place) {
  if (place == Place::root && key == "log") {
    want_all(kInLog);
    return Place::log;
  }
  if (place == Place::root || place == Place::log) {
    for (std::size_t i = 0; i < std::size(kSections); ++i) {
      if (key != kSections[i]) continue;
      want_all(static_cast<Rank>((place == Place::log ? kInLogSection : kInRootSection) + i));
      return Place::section;
    }
  }
  return Place::other;
}

Field FieldFinder::State::field(JsonKind kind, std::string_view raw) {
  Field field{.kind = kind, .raw = raw, .text = raw};
  if (kind == JsonKind::null) field.text = {};
  if (kind != JsonKind::string) return field;
  field.text = raw.substr(1, raw.size() - 2);
  if (field.text.find('\\') == std::string_view::npos) return field;
  if (texts.capacity() < line.size()) texts.reserve(line.size());
  const std::size_t begin = texts.size();
  append_json_unescaped(texts, field.text);
  field.text = std::string_view(texts).substr(begin);
  return field;
}

void FieldFinder::State::take(const Field& field, const Wanted& found) {
  const Rank rank = field.kind == JsonKind::null ? kNull : found.rank;
  if (field.kind == JsonKind::none || rank > ranks[found.path]) return;
  ranks[found.path] = rank;
  fields[found.path] = field;
  fields[found.path].from_root = found.rank == 0;
}

/// Searches the object that `walk` is at, and stops where the text is malformed.
void FieldFinder::State::search(JsonCursor& walk, std::size_t first, Place place) {
  const std::size_t last = wanted.size();
  JsonString written;
  for (bool more = walk.first_member(written); more; more = walk.next_member(written)) {
    const std::string_view name = json_unescaped(written.raw, written.escaped, unescaped);
    const Place inner = want_members(name, place);
    std::size_t here = 0;
    for (std::size_t i = first; i < last; ++i) {
      const Wanted want = wanted[i];
      if (!want.rest.starts_with(name)) continue;
      if (want.rest.size() == name.size()) {
        std::swap(wanted[i], wanted[first + here++]);
      } else if (want.rest[name.size()] == '.') {
        wanted.push_back({want.path, want.rank, want.rest.substr(name.size() + 1)});
      }
    }
    const JsonKind kind = walk.kind();
    const std::size_t begin = walk.at();
    if (wanted.size() > last && kind == JsonKind::object) {
      search(walk, last, inner);
    } else {
      walk.skip();
    }
    if (walk.failed()) return;
    wanted.resize(last);
    if (here == 0) continue;
    const Field found = field(kind, line.substr(begin, walk.at() - begin));
    for (std::size_t i = first; i < first + here; ++i) take(found, wanted[i]);
  }
}

FieldFinder::FieldFinder(std::vector<std::string> paths) : state_(std::make_unique<State>()) {
  state_->paths = std::move(paths);
}

FieldFinder::~FieldFinder() = default;
FieldFinder::FieldFinder(FieldFinder&&) noexcept = default;
FieldFinder& FieldFinder::operator=(FieldFinder&&) noexcept = default;

const std::vector<std::string>& FieldFinder::paths() const { return state_->paths; }

std::span<const Field> FieldFinder::find(std::string_view line) {
  State& state = *state_;
  state.fields.assign(state.paths.size(), Field{});
  if (state.paths.empty()) return state.fields;
  state.ranks.assign(state.paths.size(), kNotFound);
  state.wanted.clear();
  state.texts.clear();
  if (state.texts.capacity() > kMaxKeptLineBytes) state.texts = {};
  state.line = line;
  state.want_all(0);
  JsonCursor walk(line);
  if (walk.kind() == JsonKind::object) state.search(walk, 0, Place::root);
  return state.fields;
}

bool for_each_element(std::string_view array,
                      const std::function<void(std::string_view)>& element) {
  JsonCursor walk(array);
  for (bool more = walk.first_element(); more; more = walk.next_element()) {
    const std::string_view value = walk.skip();
    if (walk.failed()) break;
    element(value);
  }
  return !walk.failed();
}

}  // namespace ship
