#include "input/line_pattern.hpp"

#include <re2/re2.h>

namespace ship {
namespace {

constexpr std::int64_t kMaxMemory = 1 << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  return options;
}

}  // namespace

struct LinePattern::State {
  explicit State(const std::string& expression) : regex(expression, options()) {}
  RE2 regex;
};

LinePattern::LinePattern(std::unique_ptr<State> state) : state_(std::move(state)) {}
LinePattern::~LinePattern() = default;
LinePattern::LinePattern(LinePattern&&) noexcept = default;
LinePattern& LinePattern::operator=(LinePattern&&) noexcept = default;

Result<LinePattern> LinePattern::compile(const std::string& expression) {
  auto state = std::make_unique<State>(expression);
  if (!state->regex.ok()) {
    return Error{ErrorKind::config,
                 "'" + expression + "' is no regular expression: " + state->regex.error()};
  }
  return LinePattern(std::move(state));
}

bool LinePattern::matches(std::string_view line) const {
  return RE2::PartialMatch({line.data(), line.size()}, state_->regex);
}

}  // namespace ship
