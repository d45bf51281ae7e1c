#include "base/signal_name.hpp"

#include <charconv>
#include <csignal>
#include <cstring>

namespace ship {
namespace {

bool is_signal(int number) {
  return (number >= 1 && number <= 31) || (number >= SIGRTMIN && number <= SIGRTMAX);
}

std::optional<int> parse_number(std::string_view text) {
  if (text.empty() || text.front() == '-') return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> number_of(std::string_view name) {
  if (const auto number = parse_number(name)) return number;
  for (int number = 1; number <= 31; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  if (name == "IOT") return SIGABRT;
  if (name == "CLD") return SIGCHLD;
  if (name == "IO") return SIGPOLL;
  if (name == "RTMIN") return SIGRTMIN;
  if (name == "RTMAX") return SIGRTMAX;
  if (name.starts_with("RTMIN+")) {
    if (const auto above = parse_number(name.substr(6))) return SIGRTMIN + *above;
  }
  if (name.starts_with("RTMAX-")) {
    if (const auto below = parse_number(name.substr(6))) return SIGRTMAX - *below;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::string name;
  for (const char c : text) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (name.starts_with("SIG")) name.erase(0, 3);
  const auto number = number_of(name);
  if (!number || !is_signal(*number)) return std::nullopt;
  return number;
}

std::string signal_name(int number) {
  if (number >= SIGRTMIN && number <= SIGRTMAX) {
    return number == SIGRTMIN ? "RTMIN" : "RTMIN+" + std::to_string(number - SIGRTMIN);
  }
  const char* name = sigabbrev_np(number);
  return name != nullptr ? name : std::to_string(number);
}

}  // namespace ship
