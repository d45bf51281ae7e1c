#include "stage/edits.hpp"

#include <algorithm>
#include <cstring>

namespace ship {

void Edits::replace(std::size_t begin, std::size_t end, std::string_view text) {
  edits_.push_back({begin, end, text_.size(), text.size()});
  text_.append(text);
}

void Edits::add_around(Edits& others) {
  sort();
  const std::size_t own = edits_.size();
  others.for_each([&](std::size_t begin, std::size_t end, std::string_view text) {
    for (std::size_t i = 0; i < own; ++i) {
      const Edit& edit = edits_[i];
      if (edit.end <= begin) continue;
      if (edit.begin >= end) break;
      if (edit.begin > begin) {
        end = edit.begin;
        break;
      }
      begin = edit.end;
    }
    if (begin < end) replace(begin, end, text);
  });
}

void Edits::sort() {
  const auto before = [](const Edit& a, const Edit& b) { return a.begin < b.begin; };
  if (!std::is_sorted(edits_.begin(), edits_.end(), before)) {
    std::stable_sort(edits_.begin(), edits_.end(), before);
  }
}

std::string_view Edits::apply(std::string_view line, Arena& arena) {
  sort();
  std::size_t size = line.size();
  for (const Edit& edit : edits_) size += edit.text_size - (edit.end - edit.begin);
  char* const out = arena.allocate(size);
  char* p = out;
  const auto put = [&p](const char* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(p, from, bytes);
    p += bytes;
  };
  std::size_t done = 0;
  for (const Edit& edit : edits_) {
    put(line.data() + done, edit.begin - done);
    put(text_.data() + edit.text_at, edit.text_size);
    done = edit.end;
  }
  put(line.data() + done, line.size() - done);
  return {out, size};
}

void Edits::apply(Record& record, Arena& arena) {
  record.line = apply(record.line, arena);
  std::size_t at = record.level_at;
  const std::size_t end = at + record.level_size;
  for (const Edit& edit : edits_) {
    if (edit.begin >= end) break;
    if (edit.end > record.level_at) {
      // A new name in place of the old one; any other edit leaves the level without a name.
      const bool renamed =
          edit.begin == record.level_at && edit.end == end && edit.text_size <= 255;
      record.level_size = renamed ? static_cast<std::uint8_t>(edit.text_size) : 0;
      break;
    }
    at += edit.text_size - (edit.end - edit.begin);
  }
  record.level_at = static_cast<std::uint32_t>(at);
}

}  // namespace ship
