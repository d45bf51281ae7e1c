#include "config/toml_loader.hpp"

#include <algorithm>
#include <optional>
#include <toml++/toml.h>
#include <tuple>

#include "config/toml_advice.hpp"

namespace ship {
namespace {

Origin at(const Origin& source, const toml::source_position& position) {
  Origin origin = source;
  origin.line = position.line;
  origin.column = position.column;
  return origin;
}

const char* kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
    case toml::node_type::date_time:
      return "a date";
    case toml::node_type::time:
      return "a time";
    default:
      return "nothing";
  }
}

/// The byte after the text that begins at `at`, whatever its quotes; the end of the input if the
/// text does not end.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool escapes = quote == '"';
  const std::string three(3, quote);
  const bool long_text = text.substr(at).starts_with(three);
  for (at += long_text ? 3 : 1; at < text.size(); ++at) {
    if (escapes && text[at] == '\\') {
      ++at;
    } else if (long_text && text.substr(at).starts_with(three)) {
      at += 3;
      // One or two more quotes belong to the text.
      while (at < text.size() && text[at] == quote) ++at;
      return at;
    } else if (!long_text && (text[at] == quote || text[at] == '\n')) {
      return at + 1;
    }
  }
  return text.size();
}

RawValue raw_array(const toml::array& array) {
  std::vector<std::string> items;
  for (const toml::node& item : array) {
    if (const auto* number = item.as_integer()) {
      items.push_back(std::to_string(number->get()));
      continue;
    }
    const auto* text = item.as_string();
    if (text == nullptr) return RawOther{std::string("an array with ") + kind_of(item) + " in it"};
    items.push_back(text->get());
  }
  return items;
}

RawValue raw_value(const toml::node& node) {
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* number = node.as_integer()) {
    return RawInteger{number->get(), number->flags() == toml::value_flags::format_as_octal};
  }
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) return raw_array(*array);
  return RawOther{kind_of(node)};
}

void flatten(const toml::table& table, std::vector<std::string>& path, const Origin& source,
             const Origin& head, std::vector<RawEntry>& entries) {
  for (const auto& [key, node] : table) {
    path.emplace_back(key.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && !inner->empty()) {
      flatten(*inner, path, source, at(source, inner->source().begin), entries);
    } else {
      entries.push_back({path, inner != nullptr ? RawValue(RawTable{}) : raw_value(node),
                         at(source, key.source().begin), at(source, node.source().begin), head});
    }
    path.pop_back();
  }
}

/// Tables in tables would be read, and freed again, by calls as deep as they are.
constexpr std::size_t kMostParts = 32;

/// Where the key with more than `kMostParts` parts begins; none: there is no such key. Outside
/// texts and comments no value has more than one dot, so dots show the depth.
std::optional<std::size_t> too_deep(std::string_view text) {
  std::size_t parts = 1;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = end_of_text(text, at);
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (std::string_view("=[]{},\n").find(c) != std::string_view::npos) {
      parts = 1;
      start = ++at;
    } else {
      if (c == '.' && ++parts > kMostParts) return start;
      ++at;
    }
  }
  return std::nullopt;
}

/// Line and column of a byte, both from 1, the column in code points.
Origin at_byte(const Origin& source, std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  Origin origin = source;
  origin.line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;
  origin.column = static_cast<std::uint32_t>(
      1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(),
                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  return origin;
}

}  // namespace

std::string RawEntry::key() const {
  std::string text;
  for (const std::string& part : path) {
    if (!text.empty()) text += '.';
    text += part;
  }
  return text;
}

std::vector<RawEntry> load_toml(std::string_view text, const Origin& source,
                                std::vector<Problem>& problems) {
  std::vector<RawEntry> entries;
  if (const std::optional<std::size_t> deep = too_deep(text)) {
    problems.push_back({at_byte(source, text, *deep), "",
                        "a key is nested more than " + std::to_string(kMostParts) + " deep"});
    return {};
  }
  try {
    const toml::table table = toml::parse(text);
    std::vector<std::string> path;
    flatten(table, path, source, source, entries);
  } catch (const toml::parse_error& error) {
    const toml::source_position& place = error.source().begin;
    problems.push_back(
        {at(source, place), "",
         "not valid TOML: " + toml_advice(text, error.description(), place.line, place.column)});
    return {};
  } catch (const std::exception& error) {
    problems.push_back({source, "", std::string("cannot read this as TOML: ") + error.what()});
    return {};
  }
  std::stable_sort(entries.begin(), entries.end(), [](const RawEntry& a, const RawEntry& b) {
    return std::tie(a.key_origin.line, a.key_origin.column) <
           std::tie(b.key_origin.line, b.key_origin.column);
  });
  return entries;
}

}  // namespace ship
