#include "record/probe.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>
#include <simdjson.h>
#include <vector>

#include "record/dialect_keys.hpp"
#include "record/json_scalar.hpp"
#include "record/json_unescape.hpp"
#include "record/placed_values.hpp"
#include "record/text_line.hpp"
#include "record/timestamp.hpp"
#include "record/walk.hpp"

namespace ship {

std::string_view fault_text(Fault fault) {
  static constexpr std::array<std::string_view, 6> kTexts = {
      "is one JSON object", "is not a JSON object",   "is not valid JSON",
      "is not valid UTF-8", "nests deeper than 1024", "has something after the JSON object"};
  return kTexts[static_cast<std::size_t>(fault)];
}

struct Probe::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::string_view block;
  const char* base = nullptr;         // the indexes are relative to this
  const std::uint32_t* at = nullptr;  // the next of them
  const char* backslash = nullptr;  // the first in the lines not yet asked for, or the block's end
  bool whole = false;               // the indexes cover the whole block
  std::vector<char> copy;           // copies lines that are not in a block
  const DialectKeys& keys = DialectKeys::instance();
  Options options;
  bool configured = false;  // the user's paths come first
  TimeParser times;
  LevelMemo levels;
  DialectKeys::Marks::Mask marks{};  // of the last line walked
  std::unique_ptr<Probe> inner;      // for JSON inside a text; made when needed
  std::string unescaped;

  Fault index(std::string_view text);
  Finding walk(std::string_view line);
  void find(const Walk& walk, std::string_view line, Finding& finding);
  void look_inside(std::string_view string, Finding& finding);
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
    // The list ends at a newline (or a line's carriage return), which no state accepts.
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
  Walk walk(keys, base, at, end);
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
  find(walk, line, finding);
  return finding;
}

void Probe::State::find(const Walk& walk, std::string_view line, Finding& finding) {
  marks = walk.marks();
  levels.find_level(walk, keys, line.data(), finding);
  find_time(walk, keys, times, finding);
  if (walk.has_inner()) {
    if (const auto string = inner_text(walk, keys, finding)) look_inside(*string, finding);
  }
  if (configured) {
    find_configured(line, options, times, finding);
  }
}

// The content of an envelope says more than the envelope: it is itself a record, or a line of text.
void Probe::State::look_inside(std::string_view string, Finding& finding) {
  std::string_view text = json_unescaped(string, string.find('\\') != string.npos, unescaped);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  Finding found;
  if (!text.empty() && text.front() == '{' && text.find('\n') == text.npos) {
    if (!inner) {
      Options own = options;
      own.block_bytes = 4096;
      inner = std::make_unique<Probe>(own);
    }
    found = inner->probe(text);
    if (found.fault != Fault::none) return;
  } else if (options.level_from_text) {
    const TextFinding told = read_text_line(text, times);
    found.has_level = told.has_level;
    found.level = told.level;
    found.has_time = told.has_time;
    found.time = told.time;
  }
  if (found.has_level) {
    finding.has_level = true;
    finding.level = found.level;
    finding.level_size = 0;
    finding.level_place = Finding::kInside;
  }
  if (found.has_time) {
    finding.has_time = true;
    finding.time = found.time;
    finding.time_place = Finding::kInside;
  }
}

// Keeps `text`, followed by `behind` and padding, and returns text and `behind`.
std::string_view Probe::State::keep(std::string_view text, std::string_view behind) {
  copy.assign(text.begin(), text.end());
  copy.insert(copy.end(), behind.begin(), behind.end());
  copy.resize(copy.size() + kPadding);
  return {copy.data(), text.size() + behind.size()};
}

Probe::Probe() : Probe(Options()) {}

Probe::Probe(const Options& options) : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->configured = !options.level_fields.empty() || !options.time_fields.empty();
  state_->times = TimeParser(options.zone);
  const std::size_t first_capacity = options.block_bytes + kPadding;
  const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
      first_capacity, 1, state_->parser);
  if (error != simdjson::SUCCESS) throw std::bad_alloc();
}

Probe::~Probe() = default;
Probe::Probe(Probe&&) noexcept = default;
Probe& Probe::operator=(Probe&&) noexcept = default;

void Probe::set_now(WallNanos now) {
  state_->times.set_now(now);
  if (state_->inner) state_->inner->set_now(now);
}

std::size_t Probe::dialect() const { return state_->keys.recognise(state_->marks); }

void Probe::begin(std::string_view block) {
  state_->block = block;
  state_->find_backslash(block.data());
  state_->whole = !block.empty() && state_->index(block) == Fault::none;
}

Finding Probe::next(std::string_view line) {
  State& state = *state_;
  if (!state.whole) {
    // Something in the block is wrong and may extend across line ends: probe each line separately.
    Finding finding;
    const bool starts_as_text = line.empty() || (line.front() != '{' && line.front() > ' ');
    finding.fault = !starts_as_text                                     ? state.index(line)
                    : simdjson::validate_utf8(line.data(), line.size()) ? Fault::not_an_object
                                                                        : Fault::encoding;
    if (finding.fault != Fault::none) return finding;
  }
  return state.walk(line);
}

Finding Probe::probe(std::string_view line) {
  begin(state_->keep(line, "\n"));
  return next(state_->block.substr(0, line.size()));
}

Finding Probe::probe_beginning(std::string_view beginning) {
  state_->whole = false;  // the list of the block in progress is lost
  // Close a string that was cut; a backslash at its end must not escape the quote.
  for (const std::string_view behind : {"\n", "\"\n", "\\\"\n"}) {
    if (state_->index(state_->keep(beginning, behind)) != Fault::none) continue;
    Finding finding;
    Walk walk(state_->keys, state_->base, state_->at, static_cast<std::uint32_t>(beginning.size()));
    finding.fault = walk.line();
    walk.forget_last_value();
    find_level(walk, state_->keys, state_->base, finding);
    find_time(walk, state_->keys, state_->times, finding);
    return finding;
  }
  Finding nothing;
  nothing.fault = Fault::grammar;
  return nothing;
}

}  // namespace ship
