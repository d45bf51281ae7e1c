#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "spool/spool.hpp"

namespace ship {

/// Records that own their lines, and can be told from each other by their sequence.
class SpoolRecords {
 public:
  /// A record whose line follows from its sequence and size alone, so that any change in it shows.
  static std::string line(std::uint64_t sequence, std::size_t size) {
    std::string text = "{\"n\":" + std::to_string(sequence) + ",\"level\":\"x\",\"m\":\"";
    std::uint64_t state = sequence * 0x9E3779B97F4A7C15u + 1;
    while (text.size() + 2 < size) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      text += static_cast<char>('a' + state % 26);
    }
    return text + "\"}";
  }

  /// An identity that follows from the sequence, too.
  static RecordId id(std::uint64_t sequence) {
    return {{sequence * 0x9E3779B97F4A7C15u, ~sequence}, sequence + 1000};
  }

  void add(std::uint64_t sequence, SpoolClass kind, std::size_t size = 60) {
    lines_.push_back(line(sequence, size));
    SpoolRecord record;
    record.record.line = lines_.back();
    record.record.time = static_cast<WallNanos>(sequence * 1000) - 5;
    record.record.level = {LevelName::other, kind.severity};
    record.record.level_at = static_cast<std::uint32_t>(lines_.back().find("\"x\"") + 1);
    record.record.level_size = 1;
    record.record.id = id(sequence);
    record.sequence = sequence;
    record.is_protected = kind.is_protected;
    records_.push_back(record);
  }

  operator std::span<const SpoolRecord>() const { return records_; }  // NOLINT: for append
  const std::vector<SpoolRecord>& all() const { return records_; }

 private:
  std::deque<std::string> lines_;
  std::vector<SpoolRecord> records_;
};

/// What a record that was taken must look like, if nothing about it changed.
inline bool is_intact(const SpoolBatch& batch, std::size_t index) {
  const Record& record = batch.records(index, index + 1)[0];
  const std::uint64_t sequence = batch.sequence(index);
  return record.line == SpoolRecords::line(sequence, record.line.size()) &&
         record.id == SpoolRecords::id(sequence) &&
         record.time == static_cast<WallNanos>(sequence * 1000) - 5 &&
         record.line.substr(record.level_at, record.level_size) == "x" &&
         record.level.name == LevelName::other;
}

/// Takes and releases everything that is there now; the sequences in the order in which they came.
struct SpoolDrain {
  std::vector<std::uint64_t> sequences;
  std::vector<SpoolLoss> lost;
  std::vector<std::string> messages;
  std::uint64_t changed = 0;  ///< records that are not what was stored
  std::uint64_t lost_records() const {
    std::uint64_t n = 0;
    for (const SpoolLoss& loss : lost) n += loss.records;
    return n;
  }
};

inline SpoolDrain drain(Spool& spool, SpoolTakeLimits limits = {}, bool release = true) {
  SpoolDrain drained;
  for (;;) {
    SpoolBatch batch;
    SpoolEvents events = spool.take(limits, batch);
    for (auto& message : events.messages) drained.messages.push_back(std::move(message));
    for (const SpoolLoss& loss : events.lost) drained.lost.push_back(loss);
    if (batch.empty()) return drained;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      drained.sequences.push_back(batch.sequence(i));
      if (!is_intact(batch, i)) ++drained.changed;
    }
    if (release) spool.release(batch);
  }
}

inline constexpr SpoolClass kSpoolDebug{false, 10};
inline constexpr SpoolClass kSpoolInfo{false, 20};
inline constexpr SpoolClass kSpoolError{true, 40};
inline constexpr SpoolClass kSpoolAudit{true, 60};

}  // namespace ship
