#include "input/line_pattern.hpp"

#include <re2/re2.h>

namespace ship {
namespace {

constexpr std::int64_t kMaxMemory = 1 << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  options.set_longest_match(true);
  return options;
}

// RE2's message, and the position of the piece that it blames, if known.
std::string reason(const RE2& regex) {
  std::string reason = regex.error();
  const std::string& text = regex.pattern();
  const std::string& piece = regex.error_arg();
  const std::size_t at = text.find(piece);
  if (piece.empty() || piece == text || at == std::string::npos || text.rfind(piece) != at)
    return reason;
  return reason + ", at character " + std::to_string(at + 1);
}

}  // namespace

struct LinePattern::State {
  explicit State(const std::string& expression) : regex(expression, options()) {}
  RE2 regex;
};

LinePattern::LinePattern(std::shared_ptr<const State> state) : state_(std::move(state)) {}
LinePattern::~LinePattern() = default;
LinePattern::LinePattern(const LinePattern&) = default;
LinePattern& LinePattern::operator=(const LinePattern&) = default;
LinePattern::LinePattern(LinePattern&&) noexcept = default;
LinePattern& LinePattern::operator=(LinePattern&&) noexcept = default;

Result<LinePattern> LinePattern::compile(const std::string& expression) {
  auto state = std::make_shared<const State>(expression);
  if (!state->regex.ok()) {
    return Error{ErrorKind::config,
                 "'" + expression + "' is not a regular expression: " + reason(state->regex)};
  }
  return LinePattern(std::move(state));
}

bool LinePattern::matches(std::string_view line) const {
  return RE2::PartialMatch({line.data(), line.size()}, state_->regex);
}

std::optional<LinePattern::Match> LinePattern::find(std::string_view text, std::size_t begin,
                                                    std::size_t end) const {
  re2::StringPiece found;
  if (!state_->regex.Match({text.data(), text.size()}, begin, end, RE2::UNANCHORED, &found, 1))
    return std::nullopt;
  const auto at = static_cast<std::size_t>(found.data() - text.data());
  return Match{at, at + found.size()};
}

}  // namespace ship
