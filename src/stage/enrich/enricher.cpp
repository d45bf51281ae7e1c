#include "stage/enrich/enricher.hpp"

#include <algorithm>
#include <optional>

#include "record/json_text.hpp"
#include "record/json_unescape.hpp"

namespace ship {

Enricher::Enricher(const std::vector<EnrichmentField>& fields, bool overwrite)
    : overwrite_(overwrite) {
  for (const EnrichmentField& field : fields) {
    add(at_root_, field.path, field.json);
    std::vector<std::string> path = field.path;
    if (field.surroundings) path.insert(path.begin(), "diagnostics");
    add(below_diagnostics_, path, field.json);
  }
  render(at_root_);
  render(below_diagnostics_);
}

void Enricher::add(Node& root, const std::vector<std::string>& path, const std::string& json) {
  Node* node = &root;
  for (const std::string& name : path) {
    const auto known = std::find_if(node->children.begin(), node->children.end(),
                                    [&](const Node& child) { return child.name == name; });
    if (known != node->children.end()) {
      node = &*known;
    } else {
      node->children.push_back({name, {}, {}, {}});
      node = &node->children.back();
    }
  }
  node->json = json;
  node->children.clear();
}

void Enricher::render(Node& node) {
  node.member.clear();
  append_json_string(node.member, node.name);
  node.member += ':';
  if (node.children.empty()) {
    node.member += node.json;
    return;
  }
  char before = '{';
  for (Node& child : node.children) {
    render(child);
    node.member += before;
    node.member += child.member;
    before = ',';
  }
  node.member += '}';
}

Transform::Outcome Enricher::apply(Record& record, Arena& arena) {
  std::optional<std::size_t> envelope;
  bool diagnostics = false;
  JsonCursor look(record.line);
  JsonString key;
  for (bool more = look.first_member(key); more; more = look.next_member(key)) {
    const bool object = look.kind() == JsonKind::object;
    if (key.raw == "log" && object) envelope = look.at();
    if (key.raw == "diagnostics" && object) diagnostics = true;
    look.skip();
  }
  if (look.failed()) return Outcome::failed;

  edits_.clear();
  present_.clear();
  JsonCursor walk(record.line);
  if (envelope) walk.move_to(*envelope);
  object(walk, envelope || diagnostics ? below_diagnostics_ : at_root_);
  if (walk.failed()) return Outcome::failed;
  if (edits_.empty()) return Outcome::unchanged;
  edits_.apply(record, arena);
  return Outcome::changed;
}

void Enricher::object(JsonCursor& walk, const Node& node) {
  const std::size_t base = present_.size();
  present_.resize(base + node.children.size(), false);
  bool empty = true;
  JsonString key;
  for (bool more = walk.first_member(key); more; more = walk.next_member(key)) {
    empty = false;
    const std::string_view name = json_unescaped(key.raw, key.escaped, key_);
    const auto child = std::find_if(node.children.begin(), node.children.end(),
                                    [&](const Node& candidate) { return candidate.name == name; });
    if (child == node.children.end()) {
      walk.skip();
      continue;
    }
    present_[base + static_cast<std::size_t>(child - node.children.begin())] = true;
    const bool is_object = walk.kind() == JsonKind::object;
    if (!child->children.empty() && is_object) {
      object(walk, *child);
      continue;
    }
    const std::size_t at = walk.at();
    const std::string_view value = walk.skip();
    if (overwrite_ && child->children.empty() && value != child->json) {
      edits_.replace(at, at + value.size(), child->json);
    }
  }
  const std::size_t close = walk.at() - 1;
  for (std::size_t i = 0; i < node.children.size() && !walk.failed(); ++i) {
    if (present_[base + i]) continue;
    if (!empty) edits_.insert(close, ",");
    edits_.insert(close, node.children[i].member);
    empty = false;
  }
  present_.resize(base);
}

}  // namespace ship
