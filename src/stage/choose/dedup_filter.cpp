#include "stage/choose/dedup_filter.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"

namespace ship {

DedupFilter::DedupFilter(const DedupSettings& settings, std::uint64_t seed)
    : window_(settings.window),
      seed_(seed),
      finder_(settings.key_fields),
      message_({"message", "msg", "event"}),
      windows_(settings.max_keys) {}

std::size_t DedupFilter::choose(std::span<Record> records, SteadyTime now) {
  const auto end = std::remove_if(records.begin(), records.end(),
                                  [&](const Record& record) { return suppress(record, now); });
  return static_cast<std::size_t>(end - records.begin());
}

bool DedupFilter::key_of(const Record& record, std::uint64_t& key) {
  key = seed_;
  bool any = false;
  const auto fields = finder_.find(record.line);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == JsonKind::none || fields[i].kind == JsonKind::null) continue;
    any = any || finder_.paths()[i] != "level";
    key = hash_bytes(fields[i].text, key ^ mix_bits(i + 1));
  }
  return any;
}

bool DedupFilter::suppress(const Record& record, SteadyTime now) {
  if (record.level.name == LevelName::audit || record.level.name == LevelName::security)
    return false;
  std::uint64_t key = 0;
  if (record.line.size() > kMaxLine || !key_of(record, key)) return false;
  Window* window = windows_.find(key);
  if (window == nullptr) {
    if (windows_.full()) end_front();
    Window& added = windows_.add(key);
    added.started = now;
    added.repeats = 0;
    return false;
  }
  while (held_bytes_ + record.line.size() > kMaxHeld && &windows_.front() != window) end_front();
  if (window->repeats++ == 0) {
    ++held_;
  } else {
    held_bytes_ -= window->line.size();
  }
  window->line.assign(record.line);
  window->last = record;
  held_bytes_ += window->line.size();
  return true;
}

std::optional<SteadyTime> DedupFilter::release_at() const {
  if (held_ == 0) return std::nullopt;
  return windows_.front().started + window_;
}

void DedupFilter::release(SteadyTime now, bool end, std::vector<Record>& out) {
  while (!windows_.empty() && (end || windows_.front().started + window_ <= now)) end_front();
  out.insert(out.end(), ended_.begin(), ended_.end());
  ended_.clear();
  // Lines released last time are no longer needed; those released now stay until the next time.
  std::swap(filling_, handed_out_);
  filling_.reset();
}

void DedupFilter::end_front() {
  Window& window = windows_.front();
  if (window.repeats > 0) {
    ended_.push_back(told(window));
    --held_;
    held_bytes_ -= window.line.size();
    constexpr std::size_t kKeptCapacity = 1024;
    if (window.line.capacity() > kKeptCapacity) std::string().swap(window.line);
  }
  windows_.pop_front();
}

Record DedupFilter::told(const Window& window) {
  Record record = window.last;
  record.line = window.line;
  const std::string count = std::to_string(window.repeats);
  edits_.clear();
  for (const Field& field : message_.find(record.line)) {
    if (field.kind != JsonKind::string) continue;
    const auto end =
        static_cast<std::size_t>(field.raw.data() + field.raw.size() - record.line.data());
    edits_.insert(end - 1,
                  window.repeats == 1 ? " (repeated once)" : " (repeated " + count + " times)");
    break;
  }
  const std::size_t close = record.line.rfind('}');
  const std::size_t before = record.line.find_last_not_of(" \t", close - 1);
  edits_.insert(close, (record.line[before] == '{' ? "\"_repeated\":" : ",\"_repeated\":") + count);
  edits_.apply(record, filling_);
  return record;
}

}  // namespace ship
