#include "record/known_places.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "record/dialect_keys.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

/// For one list in three rows; more than there are.
constexpr std::size_t kMostPaths = 64;
constexpr WallNanos kSecond = 1'000'000'000;
constexpr WallNanos kMillisecond = 1'000'000;

/// The row of what many loggers have in common; tried after the first row, fapilog's, whose
/// envelope may lack its marks.
const Dialect& common_row() {
  static const Dialect& row = *std::find_if(dialects().begin(), dialects().end(),
                                            [](const Dialect& one) { return one.marks.empty(); });
  return row;
}

const Dialect* recognise(std::string_view line) {
  const DialectKeys& keys = DialectKeys::instance();
  DialectKeys::Marks::Mask present{};
  std::array<char, 72> padded{};  // lookups read eight bytes of a key, however short it is
  for (JsonWalk walk(line); walk.next();) {
    const std::string_view key = walk.key();
    if (key.empty() || key.size() > 63) continue;
    std::memcpy(padded.data(), key.data(), key.size());
    const DialectKeys::Key* known = keys.find(0, padded.data(), key.size());
    if (known == nullptr || known->mark == DialectKeys::kNoMark) continue;
    present[known->mark / 64] |= std::uint64_t{1} << known->mark % 64;
  }
  const std::size_t row = keys.recognise(present);
  return row < dialects().size() ? &dialects()[row] : nullptr;
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Whether it is a text or a number, and not empty.
bool is_scalar(const JsonValue& value) {
  return value.kind() == JsonKind::number || (value.is_text() && value.raw.size() > 2);
}

}  // namespace

KnownPlaces::KnownPlaces(std::string_view line, std::span<const std::string> message_fields)
    : line_(line), message_fields_(message_fields), dialect_(recognise(line)) {}

KnownPlaces::Place KnownPlaces::message() const {
  for (const std::string& path : message_fields_) {
    const auto value = json_value_at(line_, path);
    if (value && is_scalar(*value)) return {path, *value};
  }
  return find(&Dialect::message, Kind::scalar);
}

template <class Use>
void KnownPlaces::for_each_listed(std::string_view Dialect::*list, Use use) const {
  for (const Dialect* row : {dialect_, &dialects().front(), &common_row()}) {
    if (row != nullptr) for_each_path(row->*list, use);
  }
}

KnownPlaces::Place KnownPlaces::find(std::string_view Dialect::*list, Kind kind) const {
  struct Candidate {
    std::string_view path;
    std::optional<JsonValue> value;
  };
  std::array<Candidate, kMostPaths> candidates;
  std::size_t size = 0;
  for_each_listed(list, [&](std::string_view path) {
    assert(size < candidates.size());
    candidates[size++].path = path;
  });
  const std::span<Candidate> wanted(candidates.data(), size);
  for (JsonWalk walk(line_); walk.next();) {
    for (Candidate& candidate : wanted) {
      if (const auto value = json_value_below(walk, candidate.path)) candidate.value = value;
    }
  }
  for (const auto& [path, value] : wanted) {
    if (!value) continue;
    const bool holds_members =
        (value->is_object() || value->kind() == JsonKind::array) && value->raw.size() > 2;
    const bool fits = kind == Kind::scalar
                          ? is_scalar(*value)
                          : holds_members || (value->is_text() && is_scalar(*value));
    if (fits) return {path, *value};
  }
  return {};
}

bool KnownPlaces::lists(std::string_view Dialect::*list, std::string_view path) const {
  bool found = false;
  for_each_listed(list, [&](std::string_view entry) {
    if (entry.ends_with('?')) entry.remove_suffix(1);
    const std::size_t plus = std::min(entry.find('+'), entry.size());
    found = found || path == entry.substr(0, plus) ||
            (plus < entry.size() && path == entry.substr(plus + 1));
  });
  return found;
}

bool KnownPlaces::says_level(std::string_view path, const JsonValue& value, Level level) const {
  if (!lists(&Dialect::level, path)) return false;
  if (value.is_text()) {
    const std::string text = value.text();
    if (const auto number = number_of(text); number && dialect_ != nullptr) {
      return level_from_number(*number, dialect_->scale).severity == level.severity;
    }
    const auto told = read_level(text);
    return told ? told->severity == level.severity : level.name == LevelName::other;
  }
  if (value.kind() != JsonKind::number) return false;
  const auto number = number_of(value.raw);
  const LevelScale scale = dialect_ != nullptr ? dialect_->scale : LevelScale::unknown;
  return number && level_from_number(*number, scale).severity == level.severity;
}

bool KnownPlaces::says_time(std::string_view path, const JsonValue& value, WallNanos time) const {
  if (!lists(&Dialect::time, path)) return false;
  if (const auto number = number_of(value.raw); number && *number >= 0 && *number < kSecond) {
    if (static_cast<WallNanos>(*number) == time % kSecond) return true;  // the nanoseconds' place
  }
  static thread_local TimeParser times(TimeZone::local());
  const auto told = value.is_text() ? times.parse(value.text()) : parse_epoch(value.raw);
  if (!told) return false;
  // Whole seconds have their fraction in a separate place.
  return *told / kMillisecond == time / kMillisecond ||
         (*told % kSecond == 0 && *told == time - time % kSecond);
}

}  // namespace ship
