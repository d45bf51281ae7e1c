#include "record/probe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <new>
#include <optional>
#include <simdjson.h>
#include <vector>

#include "record/json_scalar.hpp"
#include "record/timestamp.hpp"
#include "record/walk.hpp"

namespace ship {
namespace {

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
  for (std::uint32_t left = walk.present() & Walk::kLevelBits; left != 0; left &= left - 1) {
    const auto slot = static_cast<std::uint32_t>(std::countr_zero(left));
    const std::string_view value = walk.value_of(slot);
    const std::string_view text = is_string(value) ? without_quotes(value) : value;
    if (text.empty() || !(is_string(value) || is_number(value))) continue;
    finding.has_level = true;
    if (is_number(text)) {
      if (const auto number = to_double(text)) {
        const bool pino = slot == Walk::kLevel && !(walk.present() & Walk::bit(Walk::kMessage));
        finding.level = pino ? level_from_pino_number(*number) : level_from_python_number(*number);
        return;
      }
    }
    const auto level = parse_level(text);
    finding.level = level.value_or(Level{LevelName::other, 20});
    // A name that is known holds no escapes.
    if (text.size() > 255 || (!level && text.find('\\') != std::string_view::npos)) return;
    finding.level_size = static_cast<std::uint8_t>(text.size());
    finding.level_at = static_cast<std::uint32_t>(text.data() - line);
    return;
  }
}

// Fills in the time from the first place that holds one that can be read.
void find_time(const Walk& walk, TimeParser& times, Finding& finding) {
  for (std::uint32_t left = walk.present() & Walk::kTimeBits; left != 0; left &= left - 1) {
    const std::string_view value =
        walk.value_of(static_cast<std::uint32_t>(std::countr_zero(left)));
    std::optional<WallNanos> time;
    if (is_string(value)) {
      time = times.parse(without_quotes(value));
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
  std::vector<char> copy;           // of lines that stand in no block
  TimeParser times;

  Fault index(std::string_view text);
  Finding walk(std::string_view line);
  void find_backslash(const char* from);
  std::string_view keep(std::string_view text, std::string_view behind);
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
  find_time(walk, times, finding);
  return finding;
}

// Keeps `text` with `behind` and padding at its end, and returns both.
std::string_view Probe::State::keep(std::string_view text, std::string_view behind) {
  copy.assign(text.begin(), text.end());
  copy.insert(copy.end(), behind.begin(), behind.end());
  copy.resize(copy.size() + kPadding);
  return {copy.data(), text.size() + behind.size()};
}

Probe::Probe() : state_(std::make_unique<State>()) {
  constexpr std::size_t kFirstCapacity = (256u << 10) + kPadding;
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      kFirstCapacity, 1, state_->parser);
  if (error != simdjson::SUCCESS) throw std::bad_alloc();
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
  begin(state_->keep(line, "\n"));
  return next(state_->block.substr(0, line.size()));
}

Finding Probe::probe_beginning(std::string_view beginning) {
  state_->whole = false;  // the list of a block that is being gone through is lost
  // A string that was cut is closed; a backslash at its end must not escape the quote.
  for (const std::string_view behind : {"\n", "\"\n", "\\\"\n"}) {
    if (state_->index(state_->keep(beginning, behind)) != Fault::none) continue;
    Finding finding;
    Walk walk(state_->base, state_->at, static_cast<std::uint32_t>(beginning.size()));
    finding.fault = walk.line();
    walk.forget_last_value();
    find_level(walk, state_->base, finding);
    find_time(walk, state_->times, finding);
    return finding;
  }
  return {Fault::grammar, false, false, {}, 0, 0, 0};
}

}  // namespace ship
