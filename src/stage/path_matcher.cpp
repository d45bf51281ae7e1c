#include "stage/path_matcher.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "stage/field_path.hpp"

namespace ship {
namespace {

bool is_separator(char c) { return c == '_' || c == '-' || c == ' '; }

constexpr std::size_t kMaxName = 63;

}  // namespace

Result<PathMatcher> PathMatcher::compile(std::span<const std::string> patterns) {
  PathMatcher matcher;
  for (const std::string& pattern : patterns) {
    const std::uint32_t index = matcher.count_++;
    std::string_view text = pattern;
    const bool anchored = text.starts_with('.');
    if (anchored) text.remove_prefix(1);
    auto names = parse_field_path(text);
    if (!names) return std::move(names).error();
    std::vector<Name> read;
    for (const std::string& name : names.value()) {
      auto one = read_name(pattern, name);
      if (!one) return std::move(one).error();
      read.push_back(std::move(one).value());
    }
    if (read.back().several) {
      return Error{ErrorKind::config,
                   "field path '" + pattern + "': '**' is at the end; expected a name after it"};
    }
    const std::string& last = names.value().back();
    matcher.hints_.push_back(last == "*" ? std::nullopt : std::optional(hint_of(last)));
    if (read.size() == 1 && !anchored) {
      matcher.add_any_depth(std::move(read.front()), index);
      continue;
    }
    matcher.starts_.push_back(static_cast<std::uint32_t>(matcher.steps_.size()));
    for (Name& name : read) matcher.steps_.push_back({std::move(name), index, false});
    matcher.steps_.back().last = true;
  }
  return matcher;
}

Result<PathMatcher::Name> PathMatcher::read_name(std::string_view pattern, std::string_view text) {
  Name name;
  if (text == "**") {
    name.several = true;
    return name;
  }
  if (text.starts_with('*')) {
    name.open_start = true;
    text.remove_prefix(1);
  }
  if (text.ends_with('*')) {
    name.open_end = true;
    text.remove_suffix(1);
  }
  if (text.find('*') != std::string_view::npos) {
    return Error{ErrorKind::config, "field path '" + std::string(pattern) +
                                        "': '*' may stand at the start or the end of a name only"};
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool camel = i > 0 && is_upper(text[i]) && is_lower(text[i - 1]);
    if (is_separator(text[i]) || camel) name.boundaries |= std::uint64_t{1} << name.text.size();
    if (!is_separator(text[i])) name.text += to_lower(text[i]);
    if (name.text.size() > kMaxName) {
      return Error{ErrorKind::config, "field path '" + std::string(pattern) +
                                          "': a name is longer than 63 characters"};
    }
  }
  return name;
}

// The name in all its spellings, up to what ends a key: a quote, escaped or not, or a dot.
std::string PathMatcher::hint_of(std::string_view name) {
  std::string hint;
  const bool open_end = name.ends_with('*');
  if (name.starts_with('*')) name.remove_prefix(1);
  if (open_end && !name.empty()) name.remove_suffix(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool camel = i > 0 && is_upper(c) && is_lower(name[i - 1]);
    if (is_separator(c) || camel) hint += "[_ -]?";
    if (is_separator(c)) continue;
    const bool plain = is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (!plain) hint += '\\';
    hint += c;
  }
  // Separators at the end of a key do not count.
  if (!open_end) hint += "[_ -]*[\"\\\\.]";
  return hint;
}

// The list of any_depth_tails_ for a name of two characters or more.
std::size_t PathMatcher::tail_of(std::string_view text) {
  const auto last = static_cast<unsigned char>(text[text.size() - 1]);
  const auto before = static_cast<unsigned char>(text[text.size() - 2]);
  return (last + 31u * before) % 256;
}

void PathMatcher::add_any_depth(Name name, std::uint32_t pattern) {
  if (name.open_start && !name.open_end && name.text.size() > 1) {
    any_depth_tails_[tail_of(name.text)].push_back({std::move(name), pattern, true});
    return;
  }
  if (name.open_start || name.open_end) {
    any_depth_open_.push_back({std::move(name), pattern, true});
    return;
  }
  const auto [place, added] = any_depth_.try_emplace(name.text, AnyDepth{name.boundaries, pattern});
  if (!added) place->second.boundaries |= name.boundaries;
}

PathMatcher::Key PathMatcher::read_key(std::string_view key) {
  Key read;
  for (const char c : key) {
    if (is_separator(c)) {
      read.separators |= std::uint64_t{1} << read.size;
      continue;
    }
    if (read.size == kMaxName) {
      read.too_long = true;
      break;
    }
    read.text[read.size++] = to_lower(c);
  }
  // Separators at the start and the end do not count.
  read.separators &= ~(std::uint64_t{1} | std::uint64_t{1} << read.size);
  return read;
}

bool PathMatcher::matches(const Name& name, const Key& key) {
  if (name.text.empty()) return true;
  if (key.too_long) return false;
  const std::string_view text(key.text, key.size);
  std::size_t at = 0;
  if (name.open_start && name.open_end) {
    at = text.find(name.text);
    if (at == std::string_view::npos) return false;
  } else if (name.open_start) {
    if (!text.ends_with(name.text)) return false;
    at = text.size() - name.text.size();
  } else if (name.open_end) {
    if (!text.starts_with(name.text)) return false;
  } else if (text != name.text) {
    return false;
  }
  // Only separators inside the name itself matter.
  std::uint64_t inside = key.separators >> at;
  inside &= (std::uint64_t{1} << name.text.size()) - 1;
  inside &= ~std::uint64_t{1};
  return (inside & ~name.boundaries) == 0;
}

PathMatcher::Scope PathMatcher::enter_root() {
  states_.clear();
  for (const std::uint32_t start : starts_) push(start);
  return {0, static_cast<std::uint32_t>(states_.size())};
}

void PathMatcher::push(std::uint32_t step) {
  states_.push_back(step);
  if (steps_[step].name.several) push(step + 1);
}

void PathMatcher::any_depth(const Key& key, std::optional<std::uint32_t>& found) const {
  const auto note = [&found](std::uint32_t pattern) {
    found = std::min(found.value_or(pattern), pattern);
  };
  if (!key.too_long) {
    const auto place = any_depth_.find(std::string_view(key.text, key.size));
    if (place != any_depth_.end() && (key.separators & ~place->second.boundaries) == 0) {
      note(place->second.pattern);
    }
  }
  if (!key.too_long && key.size > 1) {
    for (const Step& tail : any_depth_tails_[tail_of({key.text, key.size})]) {
      if (matches(tail.name, key)) note(tail.pattern);
    }
  }
  for (const Step& open : any_depth_open_) {
    if (matches(open.name, key)) note(open.pattern);
  }
}

// Pushes the steps that follow the ones in `scope` that `key` matches.
void PathMatcher::step(std::string_view text, Scope scope, std::optional<std::uint32_t>& found) {
  const Key key = read_key(text);
  any_depth(key, found);
  for (std::uint32_t i = scope.begin; i < scope.end; ++i) {
    const std::uint32_t at = states_[i];
    const Step& step = steps_[at];
    if (step.name.several) {
      states_.push_back(at);
      // The step after it is in the scope anyway.
      states_.push_back(at + 1);
    } else if (matches(step.name, key)) {
      if (step.last) {
        found = std::min(found.value_or(step.pattern), step.pattern);
      } else {
        push(at + 1);
      }
    }
  }
}

PathMatcher::Match PathMatcher::enter(std::string_view key, Scope scope, bool envelope) {
  Match match;
  match.inside.begin = static_cast<std::uint32_t>(states_.size());
  if (key.find('.') != std::string_view::npos) {
    // Name by name; a match before the last name is not this member.
    Scope names = scope;
    std::string_view left = key;
    for (std::size_t dot = left.find('.'); dot != std::string_view::npos; dot = left.find('.')) {
      std::optional<std::uint32_t> ignored;
      const auto begin = static_cast<std::uint32_t>(states_.size());
      step(left.substr(0, dot), names, ignored);
      names = {begin, static_cast<std::uint32_t>(states_.size())};
      left.remove_prefix(dot + 1);
    }
    const auto begin = static_cast<std::uint32_t>(states_.size());
    step(left, names, match.pattern);
    states_.erase(states_.begin() + match.inside.begin, states_.begin() + begin);
  }
  step(key, scope, match.pattern);
  if (envelope) {
    for (const std::uint32_t start : starts_) push(start);
  }
  match.inside.end = static_cast<std::uint32_t>(states_.size());
  return match;
}

}  // namespace ship
