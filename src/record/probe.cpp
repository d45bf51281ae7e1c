#include "record/probe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <simdjson.h>
#include <vector>

#include "record/json_scalar.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

// The places where a level or a time may stand, in the order of preference.
enum Slot : std::uint32_t {
  kLogLevel,
  kLevel,
  kSeverity,
  kLevelname,
  kLvl,
  kLogUnderscoreLevel,
  kAtL,
  kLogTimestamp,
  kTimestamp,
  kTime,
  kTs,
  kAtTimestamp,
  kAtT,
  kMessage,  // tells Python's JSON from pino's
  kSlots,
  kLog,  // the object that is looked into
  kNone
};
constexpr std::uint32_t bit(std::uint32_t slot) { return 1u << slot; }
constexpr std::uint32_t kLevelBits = bit(kLogTimestamp) - 1;
constexpr std::uint32_t kTimeBits = (bit(kMessage) - 1) & ~kLevelBits;
constexpr std::uint32_t kLogBits = bit(kLogLevel) | bit(kLogTimestamp);

// For each first byte of a key, the lengths (as bits) of the keys that are looked for.
constexpr std::array<std::uint16_t, 256> kKeyLengths = [] {
  std::array<std::uint16_t, 256> lengths{};
  lengths['@'] = 1u << 2 | 1u << 10;
  lengths['l'] = 1u << 3 | 1u << 5 | 1u << 9;
  lengths['m'] = 1u << 7;
  lengths['s'] = 1u << 8;
  lengths['t'] = 1u << 2 | 1u << 4 | 1u << 9;
  return lengths;
}();

Slot root_slot(const char* key, std::uint32_t size) {
  const std::string_view text(key, size);
  switch (size) {
    case 2:
      return text == "ts" ? kTs : text == "@t" ? kAtT : text == "@l" ? kAtL : kNone;
    case 3:
      return text == "log" ? kLog : text == "lvl" ? kLvl : kNone;
    case 4:
      return text == "time" ? kTime : kNone;
    case 5:
      return text == "level" ? kLevel : kNone;
    case 7:
      return text == "message" ? kMessage : kNone;
    case 8:
      return text == "severity" ? kSeverity : kNone;
    case 9:
      return text == "timestamp"   ? kTimestamp
             : text == "levelname" ? kLevelname
             : text == "log_level" ? kLogUnderscoreLevel
                                   : kNone;
    case 10:
      return text == "@timestamp" ? kAtTimestamp : kNone;
    default:
      return kNone;
  }
}

Slot log_slot(const char* key, std::uint32_t size) {
  const std::string_view text(key, size);
  if (size == 5) return text == "level" ? kLogLevel : kNone;
  return size == 9 && text == "timestamp" ? kLogTimestamp : kNone;
}

// One pass over the structural characters of one line. Positions count from `base`; `at` points
// into simdjson's list of them, which ends with the position of a newline, a byte that no state
// accepts.
class Walk {
 public:
  Walk(const char* base, const std::uint32_t* at, std::uint32_t end)
      : base_(base), at_(at), end_(end) {}

  Fault line() {
    const char first = base_[*at_];
    if (*at_ >= end_ || first != '{') return Fault::not_an_object;
    if (!members(Members::root)) return fault_;
    // `at_` is behind the closing brace. Everything before it is as it must be, so one look tells
    // whether the object went on behind the end of the line.
    if (at_[-1] >= end_) return Fault::grammar;
    return *at_ < end_ ? Fault::trailing : Fault::none;
  }

  const std::uint32_t* at() const { return at_; }
  std::uint32_t present() const { return present_; }
  // From the first byte of the slot's value to its last: quotes included, white space behind it
  // not.
  std::string_view value_of(std::uint32_t slot) const {
    const auto [first, next] = values_[slot];
    std::uint32_t last = next - 1;
    while (ends_json_scalar(base_[last])) --last;
    return {base_ + first, last - first + 1};
  }

 private:
  enum class Members { root, log };

  bool fail(Fault fault) {
    fault_ = fault;
    return false;
  }

  // The members of the object whose brace is at `at_`, with their keys looked at.
  bool members(Members where) {
    ++at_;
    if (base_[*at_] == '}') {
      ++at_;
      return true;
    }
    while (true) {
      const std::uint32_t key = at_[0];
      const std::uint32_t colon = at_[1];
      if (base_[key] != '"' || base_[colon] != ':' || colon > end_) return fail(Fault::grammar);
      const Slot slot = slot_of(key, colon, where);
      at_ += 2;
      if (slot != kNone && !note(slot)) return false;
      if (slot != kLog && !value(where == Members::root ? 1 : 2)) return false;
      const char next = base_[*at_++];
      if (next == '}') return true;
      if (next != ',') return fail(Fault::grammar);
    }
  }

  Slot slot_of(std::uint32_t key, std::uint32_t colon, Members where) const {
    const char* text = base_ + key + 1;
    std::uint32_t size = colon - key - 2;
    if (base_[colon - 1] != '"') {
      const void* quote = std::memchr(text, '"', colon - key - 1);
      size = static_cast<std::uint32_t>(static_cast<const char*>(quote) - text);
    }
    if (size > 10 || !(kKeyLengths[static_cast<unsigned char>(*text)] >> size & 1)) return kNone;
    return where == Members::root ? root_slot(text, size) : log_slot(text, size);
  }

  // For kLog the value is consumed too.
  bool note(Slot slot) {
    if (slot == kLog) {
      present_ &= ~kLogBits;
      return base_[*at_] == '{' ? members(Members::log) : value(1);
    }
    present_ |= bit(slot);
    values_[slot] = {at_[0], at_[1]};
    return true;
  }

  bool value(std::size_t depth) {
    const char* p = base_ + *at_;
    if (*p == '"') {
      ++at_;
      return true;
    }
    if (*p == '{' || *p == '[') return container(depth);
    ++at_;
    return is_json_number_or_literal(p) || fail(Fault::grammar);
  }

  // The object or array at `at_`, which stands inside of `outer` others.
  bool container(std::size_t outer) {
    std::array<char, Probe::kMaxDepth> open;
    std::size_t depth = outer;
    const char* const base = base_;
    const std::uint32_t* at = at_;
    const char* p = nullptr;

  open_container:
    if (depth == Probe::kMaxDepth) return fail(Fault::too_deep);
    // Keeps a line that opens and never closes from walking over all the lines behind it.
    if (*at >= end_) return fail(Fault::grammar);
    open[depth++] = base[*at];
    if (base[*at++] == '[') goto array_start;

    if (base[*at] == '}') goto close_container;
  object_key:
    if (base[at[0]] != '"' || base[at[1]] != ':') return fail(Fault::grammar);
    at += 2;
    p = base + *at;
    if (*p == '"') {
      ++at;
    } else if (*p == '{' || *p == '[') {
      goto open_container;
    } else {
      ++at;
      if (!is_json_number_or_literal(p)) return fail(Fault::grammar);
    }
  object_next:
    if (base[*at] == ',') {
      ++at;
      goto object_key;
    }
    if (base[*at] != '}') return fail(Fault::grammar);
  close_container:
    ++at;
    if (--depth == outer) {
      at_ = at;
      return true;
    }
    if (open[depth - 1] == '{') goto object_next;
    goto array_next;

  array_start:
    if (base[*at] == ']') goto close_container;
  array_value:
    p = base + *at;
    if (*p == '"') {
      ++at;
    } else if (*p == '{' || *p == '[') {
      goto open_container;
    } else {
      ++at;
      if (!is_json_number_or_literal(p)) return fail(Fault::grammar);
    }
  array_next:
    if (base[*at] == ',') {
      ++at;
      goto array_value;
    }
    if (base[*at] == ']') goto close_container;
    return fail(Fault::grammar);
  }

  const char* base_;
  const std::uint32_t* at_;
  std::uint32_t end_;
  Fault fault_ = Fault::none;
  std::uint32_t present_ = 0;
  struct Extent {
    std::uint32_t first;
    std::uint32_t next;  // where the next structural character stands
  };
  std::array<Extent, kSlots> values_;
};

bool is_string(std::string_view value) { return value.front() == '"'; }

bool is_number(std::string_view value) {
  return value.front() == '-' || is_json_digit(value.front());
}

std::string_view without_quotes(std::string_view string) {
  return string.substr(1, string.size() - 2);
}

std::optional<double> to_double(std::string_view text) {
  double number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (end != last || error == std::errc::invalid_argument) return std::nullopt;
  if (error != std::errc{}) return text.front() == '-' ? -1e300 : 1e300;
  return number;
}

// Fills in the level from the first place that holds a text or a number.
void find_level(const Walk& walk, const char* line, Finding& finding) {
  for (std::uint32_t left = walk.present() & kLevelBits; left != 0; left &= left - 1) {
    const auto slot = static_cast<std::uint32_t>(std::countr_zero(left));
    const std::string_view value = walk.value_of(slot);
    const std::string_view text = is_string(value) ? without_quotes(value) : value;
    if (text.empty() || !(is_string(value) || is_number(value))) continue;
    finding.has_level = true;
    if (is_number(text)) {
      if (const auto number = to_double(text)) {
        const bool pino = slot == kLevel && !(walk.present() & bit(kMessage));
        finding.level = pino ? level_from_pino_number(*number) : level_from_python_number(*number);
        return;
      }
    }
    finding.level = parse_level(text).value_or(Level{LevelName::other, 20});
    if (text.size() > 255 || text.find('\\') != std::string_view::npos) return;
    finding.level_size = static_cast<std::uint8_t>(text.size());
    finding.level_at = static_cast<std::uint32_t>(text.data() - line);
    return;
  }
}

// Fills in the time from the first place that holds one that can be read.
void find_time(const Walk& walk, Finding& finding) {
  for (std::uint32_t left = walk.present() & kTimeBits; left != 0; left &= left - 1) {
    const std::string_view value =
        walk.value_of(static_cast<std::uint32_t>(std::countr_zero(left)));
    std::optional<WallNanos> time;
    if (is_string(value)) {
      time = parse_time(without_quotes(value));
    } else if (is_number(value)) {
      time = parse_epoch(value);
    }
    if (!time) continue;
    finding.has_time = true;
    finding.time = *time;
    return;
  }
}

}  // namespace

std::string_view fault_text(Fault fault) {
  static constexpr std::array<std::string_view, 6> kTexts = {
      "is one JSON object", "is no JSON object",      "is not valid JSON",
      "is not valid UTF-8", "nests deeper than 1024", "has something behind the JSON object"};
  return kTexts[static_cast<std::size_t>(fault)];
}

struct Probe::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::string_view block;
  const char* base = nullptr;         // what the indexes count from
  const std::uint32_t* at = nullptr;  // the next of them
  const char* backslash = nullptr;  // the first in the lines not asked for yet, or the block's end
  bool whole = false;               // the indexes are those of the whole block
  std::vector<char> copy;           // for probe()

  Fault index(std::string_view text);
  Finding walk(std::string_view line);
  void find_backslash(const char* from);
};

// Lists the structural characters of `text`.
Fault Probe::State::index(std::string_view text) {
  if (text.size() > parser->capacity()) {
    const std::size_t capacity = std::bit_ceil(text.size());
    if (parser->allocate(capacity, parser->max_depth()) != simdjson::SUCCESS) return Fault::grammar;
  }
  base = text.data();
  at = parser->structural_indexes.get();
  const auto error = parser->stage1(reinterpret_cast<const std::uint8_t*>(base), text.size(),
                                    simdjson::stage1_mode::regular);
  if (error == simdjson::SUCCESS) {
    // The list ends where a newline (or a line's carriage return) stands, which no state accepts.
    const std::size_t last = text.back() == '\n' ? text.size() - 1 : text.size();
    std::uint32_t* const behind = parser->structural_indexes.get() + parser->n_structural_indexes;
    std::fill_n(behind, 3, static_cast<std::uint32_t>(last));
    return Fault::none;
  }
  return error == simdjson::UTF8_ERROR ? Fault::encoding : Fault::grammar;
}

void Probe::State::find_backslash(const char* from) {
  const char* const end = block.data() + block.size();
  const void* found = std::memchr(from, '\\', static_cast<std::size_t>(end - from));
  backslash = found ? static_cast<const char*>(found) : end;
}

Finding Probe::State::walk(std::string_view line) {
  const auto begin = static_cast<std::uint32_t>(line.data() - base);
  const auto end = static_cast<std::uint32_t>(begin + line.size());
  while (*at < begin) ++at;
  Finding finding;
  Walk walk(base, at, end);
  finding.fault = walk.line();
  if (finding.fault != Fault::none) return finding;
  at = walk.at();

  const char* const line_end = line.data() + line.size();
  if (backslash < line_end) {
    if (backslash < line.data()) find_backslash(line.data());
    if (backslash < line_end) {
      const bool good = are_json_escapes(backslash, line_end);
      find_backslash(line_end);
      if (!good) {
        finding.fault = Fault::grammar;
        return finding;
      }
    }
  }
  find_level(walk, line.data(), finding);
  find_time(walk, finding);
  return finding;
}

Probe::Probe() : state_(std::make_unique<State>()) {
  constexpr std::size_t kFirstCapacity = 256u << 10;
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kFirstCapacity, 1, state_->parser);
  static_cast<void>(error);
}

Probe::~Probe() = default;
Probe::Probe(Probe&&) noexcept = default;
Probe& Probe::operator=(Probe&&) noexcept = default;

void Probe::begin(std::string_view block) {
  state_->block = block;
  state_->find_backslash(block.data());
  state_->whole = !block.empty() && state_->index(block) == Fault::none;
}

Finding Probe::next(std::string_view line) {
  State& state = *state_;
  if (!state.whole) {
    // Something in the block is wrong and may reach over line ends: each line for itself.
    Finding finding;
    finding.fault = line.empty() ? Fault::not_an_object : state.index(line);
    if (finding.fault != Fault::none) return finding;
  }
  return state.walk(line);
}

Finding Probe::probe(std::string_view line) {
  std::vector<char>& copy = state_->copy;
  copy.assign(line.begin(), line.end());
  copy.push_back('\n');
  copy.resize(copy.size() + kPadding);
  begin({copy.data(), line.size() + 1});
  return next({copy.data(), line.size()});
}

}  // namespace ship
