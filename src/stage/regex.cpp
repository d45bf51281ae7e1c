#include "stage/regex.hpp"

#include <re2/re2.h>

namespace ship {

struct Regex::State {
  explicit State(std::string_view pattern)
      : expression(re2::StringPiece(pattern.data(), pattern.size()), options()) {}

  static RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(2 << 20);
    return options;
  }

  RE2 expression;
};

Result<Regex> Regex::compile(std::string_view pattern) {
  auto state = std::make_unique<State>(pattern);
  if (!state->expression.ok()) {
    return Error{ErrorKind::config, "the regular expression '" + std::string(pattern) +
                                        "' cannot be used: " + state->expression.error()};
  }
  return Regex(std::move(state));
}

Regex::Regex(std::unique_ptr<State> state) : state_(std::move(state)) {}
Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

bool Regex::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), state_->expression);
}

}  // namespace ship
