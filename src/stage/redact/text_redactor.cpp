#include "stage/redact/text_redactor.hpp"

#include <utility>

#include "record/json_cursor.hpp"
#include "record/json_text.hpp"
#include "record/json_unescape.hpp"

namespace ship {

std::optional<std::string> TextRedactor::redacted(std::string_view text) {
  std::string line = "{\"message\":";
  append_json_string(line, text);
  line += '}';
  Record record;
  record.line = line;
  arena_.reset();
  switch (redactor_.apply(record, arena_)) {
    case Transform::Outcome::unchanged:
      return std::string(text);
    case Transform::Outcome::changed:
      break;
    default:
      if (on_error_ == RedactSettings::OnError::drop) return std::nullopt;
      return std::string(text);
  }
  std::string result;
  JsonCursor walk(record.line);
  JsonString key;
  if (walk.first_member(key) && walk.kind() == JsonKind::string) {
    append_json_unescaped(result, walk.string().raw);
  }
  return result;
}

std::function<std::optional<std::string>(std::string_view)> text_redaction(FuturePlan plan) {
  return [plan = std::move(plan), redactor = std::shared_ptr<TextRedactor>()](
             std::string_view text) mutable -> std::optional<std::string> {
    if (!plan.get()->redaction) return std::string(text);
    if (!redactor) redactor = std::make_shared<TextRedactor>(*plan.get());
    return redactor->redacted(text);
  };
}

}  // namespace ship
