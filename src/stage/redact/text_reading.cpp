#include "stage/redact/text_reading.hpp"

#include <utility>

#include "record/json_unescape.hpp"

namespace ship {

void TextReading::start(std::string_view text) {
  reading_ = text;
  depth_ = 0;
}

bool TextReading::next() {
  if (reading_.find('\\') == std::string_view::npos) return false;
  const auto exchange = [this] {
    std::swap(undone_, former_);
    std::swap(origins_, former_origins_);
  };
  exchange();
  if (depth_ > 0) reading_ = former_;
  undone_.clear();
  origins_.clear();
  const auto origin = [&](std::size_t at) {
    return depth_ == 0 ? static_cast<std::uint32_t>(at) : former_origins_[at];
  };
  for (std::size_t at = 0; at < reading_.size();) {
    if (reading_[at] != '\\') {
      undone_ += reading_[at];
      origins_.push_back(origin(at++));
      continue;
    }
    const JsonCharacter character = read_json_escape(reading_.substr(at));
    undone_.append(character.text, character.size);
    origins_.insert(origins_.end(), character.size, origin(at));
    at += character.raw_size;
  }
  if (undone_.size() == reading_.size()) {
    exchange();
    if (depth_ > 0) reading_ = undone_;
    return false;
  }
  origins_.push_back(origin(reading_.size()));
  reading_ = undone_;
  ++depth_;
  return true;
}

std::size_t TextReading::end_of(std::size_t at) const {
  if (depth_ == 0 || at == 0) return at;
  while (at + 1 < origins_.size() && origins_[at] == origins_[at - 1]) ++at;
  return origins_[at];
}

std::string with_escapes_undone(std::string_view text, std::size_t times) {
  std::string undone(text);
  for (; times > 0 && undone.find('\\') != std::string::npos; --times) {
    std::string deeper;
    append_json_unescaped(deeper, undone);
    undone = std::move(deeper);
  }
  return undone;
}

}  // namespace ship
