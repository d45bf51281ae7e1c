#include "config/environment.hpp"

#include <cctype>
#include <unistd.h>

namespace ship {
namespace {

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front()))) return false;
  for (const char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  }
  return true;
}

Error wrong(std::string message) { return {ErrorKind::config, std::move(message)}; }

}  // namespace

Environment process_environment() {
  Environment result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

Result<std::string> expand(std::string_view text, const Environment& environment) {
  std::string result;
  while (true) {
    const std::size_t dollar = text.find("${");
    result += text.substr(0, dollar);
    if (dollar == std::string_view::npos) return result;
    if (dollar > 0 && text[dollar - 1] == '$') {
      result.back() = '$';
      result += '{';
      text.remove_prefix(dollar + 2);
      continue;
    }
    const std::size_t end = text.find('}', dollar);
    if (end == std::string_view::npos) {
      return wrong("\"${\" without its \"}\"; write \"$${\" for the characters themselves");
    }
    const std::string_view inner = text.substr(dollar + 2, end - dollar - 2);
    const std::size_t colon = inner.find(":-");
    const std::string_view name = inner.substr(0, colon);
    if (!is_name(name)) {
      return wrong(
          "what stands between \"${\" and \"}\" is not the name of an environment variable; write "
          "\"$${\" for the characters themselves");
    }
    const auto found = environment.find(name);
    if (found != environment.end() && (colon == std::string_view::npos || !found->second.empty())) {
      result += found->second;
    } else if (colon != std::string_view::npos) {
      result += inner.substr(colon + 2);
    } else {
      return wrong("the environment variable " + std::string(name) +
                   " is not set; set it, or write ${" + std::string(name) + ":-default}");
    }
    text.remove_prefix(end + 1);
  }
}

}  // namespace ship
