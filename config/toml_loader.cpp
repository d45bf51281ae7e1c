#include "config/toml_loader.hpp"

#include <algorithm>
#include <toml++/toml.h>
#include <tuple>

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
             std::vector<RawEntry>& entries) {
  for (const auto& [key, node] : table) {
    path.emplace_back(key.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && !inner->empty()) {
      flatten(*inner, path, source, entries);
    } else {
      entries.push_back({path, inner != nullptr ? RawValue(RawTable{}) : raw_value(node),
                         at(source, key.source().begin), at(source, node.source().begin)});
    }
    path.pop_back();
  }
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
  try {
    const toml::table table = toml::parse(text);
    std::vector<std::string> path;
    flatten(table, path, source, entries);
  } catch (const toml::parse_error& error) {
    std::string message = "this is no TOML: " + std::string(error.description());
    problems.push_back({at(source, error.source().begin), "", std::move(message)});
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
