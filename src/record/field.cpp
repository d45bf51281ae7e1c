#include "record/field.hpp"

#include <cstring>
#include <deque>
#include <simdjson.h>

#include "record/json_unescape.hpp"

namespace ship {
namespace {

namespace od = simdjson::ondemand;

/// A parser for longer lines is not kept: it takes several times the memory of the longest line it
/// read.
constexpr std::size_t kMaxKeptLineBytes = 1 << 20;

/// Where an object stands in the envelope; the members of `log` and `root` are also looked at by
/// name.
enum class Place : std::uint8_t { root, log, section, other };

/// How near to the root a path was found; smaller is nearer.
using Rank = std::uint8_t;
constexpr Rank kNotFound = 255;
constexpr Rank kNull = 254;
constexpr Rank kInLog = 1;
constexpr Rank kInLogSection = 2;
constexpr Rank kInRootSection = 5;
constexpr std::string_view kSections[] = {"context", "diagnostics", "data"};

/// A path, or what is left of it, that is looked for in the object at hand.
struct Wanted {
  std::uint32_t path;
  Rank rank;
  std::string_view rest;
};

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

}  // namespace

struct FieldFinder::State {
  std::vector<std::string> paths;
  std::vector<Field> fields;
  std::vector<Rank> ranks;
  /// A stack: each object that is entered pushes what is wanted in it.
  std::vector<Wanted> wanted;
  /// Texts that simdjson does not decode: with half a surrogate pair.
  std::deque<std::string> replaced;
  od::parser parser;
  std::unique_ptr<char[]> copy;
  std::size_t capacity = 0;
  std::string_view line;

  void search(od::object object, std::size_t first, Place place);
  void want_all(Rank rank) {
    for (std::uint32_t i = 0; i < paths.size(); ++i) wanted.push_back({i, rank, paths[i]});
  }
  Place want_members(std::string_view key, Place place);
  Field read(od::value value, od::object& object);
  void take(const Field& field, const Wanted& found);
  /// The same bytes in the caller's line.
  std::string_view in_line(std::string_view token) const {
    return line.substr(static_cast<std::size_t>(token.data() - copy.get()), token.size());
  }
};

/// Pushes what is wanted in the object under `key` because of where that stands in the envelope.
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

/// The value as a field; `none` for what cannot be read. An object is left at its
/// start.
Field FieldFinder::State::read(od::value value, od::object& object) {
  Field field;
  od::json_type type;
  std::string_view raw;
  if (value.type().get(type)) return field;
  switch (type) {
    case od::json_type::string:
      raw = trimmed(value.raw_json_token());
      if (raw.size() < 2) return field;
      field.kind = Field::Kind::text;
      field.raw = in_line(raw);
      if (value.get_string().get(field.text)) {
        append_json_unescaped(replaced.emplace_back(), field.raw.substr(1, raw.size() - 2));
        field.text = replaced.back();
      }
      return field;
    case od::json_type::number:
    case od::json_type::boolean:
      field.kind = type == od::json_type::number ? Field::Kind::number : Field::Kind::boolean;
      raw = trimmed(value.raw_json_token());
      break;
    case od::json_type::object: {
      bool empty = false;
      if (value.get_object().get(object) || object.raw_json().get(raw) ||
          object.reset().get(empty)) {
        return field;
      }
      field.kind = Field::Kind::object;
      break;
    }
    case od::json_type::array: {
      od::array array;
      if (value.get_array().get(array) || array.raw_json().get(raw)) return field;
      field.kind = Field::Kind::array;
      break;
    }
    case od::json_type::null:
      field.kind = Field::Kind::null;
      field.raw = in_line(trimmed(value.raw_json_token()));
      return field;
  }
  field.raw = field.text = in_line(trimmed(raw));
  return field;
}

void FieldFinder::State::take(const Field& field, const Wanted& found) {
  const Rank rank = field.kind == Field::Kind::null ? kNull : found.rank;
  if (field.kind == Field::Kind::none || rank > ranks[found.path]) return;
  ranks[found.path] = rank;
  fields[found.path] = field;
  fields[found.path].from_root = found.rank == 0;
}

void FieldFinder::State::search(od::object object, std::size_t first, Place place) {
  const std::size_t last = wanted.size();
  for (auto member : object) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return;
    const Place inner = want_members(key, place);
    bool here = false;
    for (std::size_t i = first; i < last; ++i) {
      const Wanted want = wanted[i];
      if (!want.rest.starts_with(key)) continue;
      if (want.rest.size() == key.size()) {
        here = true;
      } else if (want.rest[key.size()] == '.') {
        wanted.push_back({want.path, want.rank, want.rest.substr(key.size() + 1)});
      }
    }
    const bool inside = wanted.size() > last;
    od::object members;
    if (here) {
      const Field field = read(value, members);
      for (std::size_t i = first; i < last; ++i) {
        if (wanted[i].rest == key) take(field, wanted[i]);
      }
      if (inside && field.kind == Field::Kind::object) search(members, last, inner);
    } else if (inside && !value.get_object().get(members)) {
      search(members, last, inner);
    }
    wanted.resize(last);
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
  state.replaced.clear();
  state.line = line;
  const std::size_t bytes = line.size() + simdjson::SIMDJSON_PADDING;
  if (state.capacity < bytes || state.capacity > 2 * kMaxKeptLineBytes) {
    state.parser = od::parser();
    state.copy.reset(new char[bytes]);
    state.capacity = bytes;
  }
  std::memcpy(state.copy.get(), line.data(), line.size());
  std::memset(state.copy.get() + line.size(), ' ', simdjson::SIMDJSON_PADDING);

  od::document document;
  od::object root;
  if (state.parser.iterate(state.copy.get(), line.size(), state.capacity).get(document) ||
      document.get_object().get(root)) {
    return state.fields;
  }
  state.want_all(0);
  state.search(root, 0, Place::root);
  return state.fields;
}

bool for_each_element(std::string_view array,
                      const std::function<void(std::string_view)>& element) {
  od::parser parser;
  const simdjson::padded_string copy(array);
  od::document document;
  od::array elements;
  if (parser.iterate(copy).get(document) || document.get_array().get(elements)) return false;
  for (auto read : elements) {
    od::value value;
    od::json_type type;
    std::string_view raw;
    if (read.get(value) || value.type().get(type)) return false;
    if (type == od::json_type::object) {
      od::object object;
      if (value.get_object().get(object) || object.raw_json().get(raw)) return false;
    } else if (type == od::json_type::array) {
      od::array inner;
      if (value.get_array().get(inner) || inner.raw_json().get(raw)) return false;
    } else {
      raw = value.raw_json_token();
    }
    element(trimmed(raw));
  }
  return true;
}

}  // namespace ship
