#include "record/dialect_keys.hpp"

#include <algorithm>
#include <cassert>
#include <random>

namespace ship {

const DialectKeys& DialectKeys::instance() {
  static const DialectKeys keys;
  return keys;
}

DialectKeys::DialectKeys() {
  keys_.reserve(255);
  keys_.emplace_back();  // stands for a key that is not found
  add_rows();
  add_inner("log", kLog);
  add_inner("MESSAGE", kMessage);
  add_inner("record", kRecord);
  add_inner("textPayload", kTextPayload);
  seal();
}

/// The node in which the last step of `path` is a key; creates missing nodes on the way.
std::uint8_t DialectKeys::node_of(std::string_view path, std::string_view& last) {
  std::uint8_t node = 0;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    Key& step = key(node, path.substr(0, dot));
    if (step.child == 0) {
      assert(nodes_ < kMostNodes);
      parents_[nodes_] = node;
      step.child = nodes_++;
    }
    node = step.child;
    path.remove_prefix(dot + 1);
  }
  last = path;
  return node;
}

DialectKeys::Key& DialectKeys::key(std::uint8_t node, std::string_view text) {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& known) {
    return known.node == node && known.text == text;
  });
  if (found != keys_.end()) return *found;
  assert(keys_.size() < 255 && text.size() < 64);
  keys_.emplace_back();
  std::string padded(text);
  padded.append(8, '\0');  // lookups read eight bytes
  keys_.back().text = text;
  keys_.back().head = head_of(padded.data(), text.size());
  keys_.back().tail = tail_of(padded.data(), text.size());
  keys_.back().tag = tag_of(node, text.size());
  keys_.back().node = node;
  return keys_.back();
}

/// The slot of a path in the group that starts at `first`.
std::uint8_t DialectKeys::add_slot(std::string_view path, std::uint8_t first, std::size_t row) {
  std::string_view last;
  const std::uint8_t node = node_of(path, last);
  Key& leaf = key(node, last);
  std::uint8_t& next = next_slot_[first / 64];
  if (leaf.slot == kNoSlot) {
    assert(next % 64 < 63);
    leaf.slot = next++;
    slots_[leaf.slot].path = path;
    // The whole path may be one key, next to an object with the first step's name.
    if (node != 0 && path.find('.') == path.rfind('.')) {
      key(0, path).slot = next++;
      slots_[next - 1].path = path;
    }
  }
  assert(leaf.slot / 64 == first / 64);
  slots_[leaf.slot].rows |= std::uint64_t{1} << row;
  if (slots_[leaf.slot + 1].path == path) slots_[leaf.slot + 1].rows |= std::uint64_t{1} << row;
  return leaf.slot;
}

std::uint8_t DialectKeys::add_mark(std::string_view text) {
  Key& mark = key(0, text);
  if (mark.mark == kNoMark) {
    assert(next_mark_ < kNoMark);
    mark.mark = next_mark_++;
  }
  return mark.mark;
}

void DialectKeys::add_rows() {
  const auto rows = dialects();
  assert(rows.size() <= 64);
  std::vector<std::pair<std::string_view, std::size_t>> weak;
  const auto add_level = [this](std::string_view path, std::size_t row) {
    const std::uint8_t slot = add_slot(path, 0, row);
    // A place that the common row lacks means the same to all.
    Slot& known = slots_[slot];
    if (known.scale == LevelScale::unknown && (known.rows & 2) == 0) {
      known.scale = dialects()[row].scale;
    }
    return slot;
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const Dialect& dialect = rows[row];
    Marks marks;
    for_each_path(dialect.marks, [&](std::string_view any) {
      Marks::Mask group{};
      while (!any.empty()) {
        const std::size_t size = std::min(any.find('|'), any.size());
        const std::uint8_t mark = add_mark(any.substr(0, size));
        group[mark / 64] |= std::uint64_t{1} << mark % 64;
        any.remove_prefix(std::min(size + 1, any.size()));
      }
      marks.groups.push_back(group);
    });
    marks_.push_back(std::move(marks));
    error_marks_.push_back(dialect.error_key.empty() ? kNoMark : add_mark(dialect.error_key));
    for_each_path(dialect.level, [&](std::string_view path) {
      if (path.ends_with('?')) {
        weak.emplace_back(path.substr(0, path.size() - 1), row);
      } else {
        add_level(path, row);
      }
    });
    for_each_path(dialect.time, [&](std::string_view path) {
      const std::size_t plus = path.find('+');
      const std::uint8_t slot = add_slot(path.substr(0, plus), kTimes, row);
      if (plus != std::string_view::npos) {
        slots_[slot].companion = add_slot(path.substr(plus + 1), kOthers, row);
      }
    });
  }
  for (const auto& [path, row] : weak) {
    const std::uint8_t slot = add_level(path, row);
    slots_[slot].weak_row = static_cast<std::uint8_t>(row);
    weak_levels_ |= std::uint64_t{1} << slot;
  }
}

void DialectKeys::add_inner(std::string_view path, std::uint8_t inner) {
  key(0, path).inner = inner;
  slots_[inner].path = path;
}

/// All keys are known: looks for a multiplier that gives each key its own place.
void DialectKeys::seal() {
  for (std::uint8_t node = nodes_; node-- > 1;) {
    for (std::size_t group = 0; group < 3; ++group) {
      for (const Key& leaf : keys_) {
        if (leaf.node == node && leaf.slot / 64 == group && leaf.slot != kNoSlot) {
          below_[node][group] |= std::uint64_t{1} << leaf.slot % 64;
        }
      }
      if (parents_[node] != 0) below_[parents_[node]][group] |= below_[node][group];
    }
  }
  for (const Key& one : keys_) {
    if (one.node == 255) continue;
    sizes_[one.node][static_cast<unsigned char>(one.text.front())] |= std::uint64_t{1}
                                                                      << one.text.size();
  }
  std::mt19937_64 random(20260102);
  // About one in eighty multipliers does; two keys that no multiplier separates are a mistake in
  // the table.
  constexpr int kMostTries = 100'000;
  [[maybe_unused]] int tries = 0;
  for (bool sealed = false; !sealed && tries < kMostTries; ++tries) {
    multiplier_ = random() | 1;
    index_.fill(0);
    sealed = true;
    for (std::size_t i = 1; i < keys_.size() && sealed; ++i) {
      std::uint8_t& place = index_[hash(keys_[i].head, keys_[i].tail, keys_[i].tag)];
      sealed = place == 0;
      place = static_cast<std::uint8_t>(i);
    }
  }
  assert(tries < kMostTries);
}

std::size_t DialectKeys::recognise(const Marks::Mask& present) const {
  for (std::size_t row = 0; row < marks_.size(); ++row) {
    if (marks_[row].match(present)) return row;
  }
  return marks_.size();
}

}  // namespace ship
