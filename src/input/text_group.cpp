#include "input/text_group.hpp"

namespace ship {

TextFinding Around::complete(TextFinding told) const {
  if (!told.has_time && time) {
    told.has_time = true;
    told.time = *time;
  }
  if (!told.has_level && level) {
    told.has_level = true;
    told.level = *level;
  }
  return told;
}

bool TextGroup::add(const Line& line) {
  if (!multiline_.add(line.kept, line.bare, line.told.head)) return false;
  if (multiline_.lines() == 1) first_ = {{}, line.told, line.around, line.fault, line.at};
  return true;
}

TextGroup::Message TextGroup::message(TimeParser& times) const {
  Message message = first_;
  message.text = multiline_.text();
  TextFinding& told = message.told;
  if (told.has_level || multiline_.lines() < 2) return message;
  // java.util.logging's level is on the second line.
  const TextFinding first = std::exchange(told, read_text_line(message.text, times));
  if (first.has_time) told = Around{first.time, {}}.complete(told);
  if (!told.has_level && multiline_.failed()) {
    told.has_level = true;
    told.level = {LevelName::error, 40};
  }
  return message;
}

}  // namespace ship
