#include "record/json_walk.hpp"

#include <utility>

#include "record/json_unescape.hpp"

namespace ship {

void JsonValue::append_text(std::string& out) const {
  if (is_text()) {
    append_json_unescaped(out, raw.substr(1, raw.size() - 2));
  } else {
    out.append(raw);
  }
}

std::string JsonValue::text() const {
  std::string out;
  append_text(out);
  return out;
}

JsonWalk::JsonWalk(std::string_view container) : cursor_(container), container_(cursor_.kind()) {}

bool JsonWalk::enter_next() {
  const bool entered = std::exchange(entered_, true);
  if (container_ == JsonKind::array) {
    return entered ? cursor_.next_element() : cursor_.first_element();
  }
  if (container_ != JsonKind::object) return false;
  return entered ? cursor_.next_member(written_) : cursor_.first_member(written_);
}

bool JsonWalk::next() {
  if (!enter_next()) {
    container_ = JsonKind::none;
    return false;
  }
  key_ = json_unescaped(written_.raw, written_.escaped, unescaped_);
  value_ = JsonValue(cursor_.skip());
  return !cursor_.failed();
}

std::optional<JsonValue> json_value_below(const JsonWalk& walk, std::string_view path) {
  const std::string_view key = walk.key();
  if (!path.starts_with(key)) return std::nullopt;
  if (path.size() == key.size()) return walk.value();
  if (path[key.size()] != '.' || !walk.value().is_object()) return std::nullopt;
  return json_value_at(walk.value().raw, path.substr(key.size() + 1));
}

std::optional<JsonValue> json_value_at(std::string_view object, std::string_view path) {
  std::optional<JsonValue> found;
  if (JsonValue(object).kind() == JsonKind::array) return found;
  for (JsonWalk walk(object); walk.next();) {
    if (const auto value = json_value_below(walk, path)) found = value;
  }
  return found;
}

}  // namespace ship
