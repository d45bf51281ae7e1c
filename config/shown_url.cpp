#include "config/shown_url.hpp"

#include <algorithm>
#include <cctype>

#include "base/percent.hpp"
#include "config/sink_url.hpp"

namespace ship {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::size_t kShortestKey = 20;

/// Whether a part looks like no ordinary path component, so it may be a key.
bool looks_like_key(std::string_view part) {
  const auto any = [part](auto&& is) {
    return std::any_of(part.begin(), part.end(),
                       [&](char c) { return is(static_cast<unsigned char>(c)) != 0; });
  };
  if (part.size() < kShortestKey) return false;
  if (any([](int c) { return std::isalnum(c) == 0 && c != '-' && c != '_'; })) return false;
  return any([](int c) { return std::isdigit(c); }) ||
         (any([](int c) { return std::isupper(c); }) && any([](int c) { return std::islower(c); }));
}

/// `text` cut at each `separator`, each part converted by `show`.
template <class Show>
std::string each_part(std::string_view text, char separator, Show&& show) {
  std::string result;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    result += show(text.substr(0, end));
    if (end == text.size()) return result;
    result += separator;
    text.remove_prefix(end + 1);
  }
}

std::string path_text(std::string_view path) {
  return each_part(path, '/',
                   [](std::string_view part) { return looks_like_key(part) ? kMask : part; });
}

std::string query_text(std::string_view query) {
  return each_part(query, '&', [](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) return std::string(pair.empty() ? pair : kMask);
    return std::string(pair.substr(0, equals + 1)).append(kMask);
  });
}

std::string encode_path(std::string_view path) {
  std::string result;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || c == '%' || c == '?' || c == '#') {
      append_percent(result, byte);
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string shown_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::string(url);
  std::string result(url.substr(0, scheme + 3));
  url.remove_prefix(scheme + 3);
  const std::size_t question = std::min(url.find('?'), url.size());
  std::string_view place = url.substr(0, question);
  const std::size_t slash = std::min(place.find('/'), place.size());
  if (const std::size_t at = place.substr(0, slash).rfind('@'); at != place.npos) {
    result.append(kMask).append("@").append(place.substr(at + 1, slash - at - 1));
  } else {
    result.append(place.substr(0, slash));
  }
  result += path_text(place.substr(slash));
  if (question < url.size()) result += "?" + query_text(url.substr(question + 1));
  return result;
}

std::string SinkUrl::shown() const {
  const auto front = [this] {
    return std::string(type->schemes.substr(0, type->schemes.find('+') + 1));
  };
  switch (type->form) {
    case UrlForm::nothing:
      return std::string(type->name) + ":";
    case UrlForm::path:
      return (address.starts_with('/') ? "file://" : "file:") + encode_path(address);
    case UrlForm::log_group:
    case UrlForm::name:
    case UrlForm::hosts:
    case UrlForm::database:
      return std::string(type->name) + "://" + address;
    case UrlForm::peer:
      if (address.starts_with("unix:")) return front() + "unix:" + encode_path(address.substr(5));
      return front() + shown_url(address);
    case UrlForm::http:
      return front() + shown_url(address);
  }
  return address;
}

}  // namespace ship
