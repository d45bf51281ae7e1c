#include "stage/field_finder.hpp"

#include <algorithm>

#include "record/json_unescape.hpp"

namespace ship {

FieldFinder::FieldFinder() : nodes_(1) {}

std::size_t FieldFinder::add(std::span<const std::string> names) {
  std::uint32_t node = 0;
  for (const std::string& name : names) {
    const auto& children = nodes_[node].children;
    const auto known = std::find_if(children.begin(), children.end(), [&](std::uint32_t child) {
      return nodes_[child].name == name;
    });
    if (known != children.end()) {
      node = *known;
      continue;
    }
    const auto added = static_cast<std::uint32_t>(nodes_.size());
    nodes_[node].children.push_back(added);
    nodes_.push_back({name, kNothing, {}});
    node = added;
  }
  if (nodes_[node].slot == kNothing) {
    nodes_[node].slot = static_cast<std::uint32_t>(fields_.size());
    fields_.emplace_back();
    from_root_.push_back(false);
  }
  return nodes_[node].slot;
}

std::span<const Field> FieldFinder::find(std::string_view line) {
  std::fill(fields_.begin(), fields_.end(), Field{});
  std::fill(from_root_.begin(), from_root_.end(), false);
  JsonWalk walk(line);
  members(walk, 0, Place::root);
  return fields_;
}

void FieldFinder::members(JsonWalk& walk, std::uint32_t node, Place place) {
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    const std::string_view name = json_unescaped(key.raw, key.escaped, key_scratch_);
    if (place == Place::root && name == "log" && walk.kind() == JsonKind::object) {
      if (match(0, "log") != kNothing) {
        JsonWalk named = walk;
        member(named, 0, "log", false);
      }
      members(walk, 0, Place::log);
      continue;
    }
    member(walk, node, name, place == Place::log);
  }
}

// Takes what `key` of the object at `node` holds.
void FieldFinder::member(JsonWalk& walk, std::uint32_t node, std::string_view key, bool in_log) {
  const std::uint32_t found = match(node, key);
  if (found == kNothing) {
    walk.skip();
    return;
  }
  const bool enters = !nodes_[found].children.empty() && walk.kind() == JsonKind::object;
  const std::uint32_t slot = nodes_[found].slot;
  if (slot != kNothing) {
    JsonWalk copy = walk;
    take(enters ? copy : walk, slot, in_log);
    if (!enters) return;
  }
  if (enters) {
    members(walk, found, in_log ? Place::log : Place::inside);
  } else {
    walk.skip();
  }
}

std::uint32_t FieldFinder::match(std::uint32_t node, std::string_view key) const {
  for (const std::uint32_t child : nodes_[node].children) {
    const std::string& name = nodes_[child].name;
    if (!key.starts_with(name)) continue;
    if (key.size() == name.size()) return child;
    if (key[name.size()] != '.') continue;
    const std::uint32_t found = match(child, key.substr(name.size() + 1));
    if (found != kNothing) return found;
  }
  return kNothing;
}

void FieldFinder::take(JsonWalk& walk, std::uint32_t slot, bool in_log) {
  Field field;
  field.kind = walk.kind();
  if (field.kind == JsonKind::string) {
    const JsonString text = walk.string();
    field.text = text.raw;
    field.escaped = text.escaped;
  } else {
    field.text = walk.skip();
  }
  if (in_log && from_root_[slot]) return;
  fields_[slot] = field;
  from_root_[slot] = !in_log;
}

}  // namespace ship
