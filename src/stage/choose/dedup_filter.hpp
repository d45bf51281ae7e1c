#pragma once

#include <cstdint>
#include <string>

#include "base/arena.hpp"
#include "record/field.hpp"
#include "stage/choose/filter.hpp"
#include "stage/choose/filter_settings.hpp"
#include "stage/choose/key_table.hpp"
#include "stage/edits.hpp"

namespace ship {

/// Suppresses repeats. Of records with the same key fields the first one continues; those that
/// follow within the window become one record, the last of them, which continues when the window
/// ends. Its message ends with "(repeated N times)" and its root has `"_repeated":N`, where N
/// counts the records it stands for, including itself. AUDIT and SECURITY records, records without
/// any key field other than the level, and lines above kMaxLine are never suppressed. With more
/// than max_keys keys, or kMaxHeld bytes, the oldest window ends early.
class DedupFilter : public Filter {
 public:
  static constexpr std::size_t kMaxLine = std::size_t{64} << 10;
  static constexpr std::size_t kMaxHeld = std::size_t{4} << 20;

  DedupFilter(const DedupSettings& settings, std::uint64_t seed);

  std::string_view name() const override { return "dedup"; }
  std::size_t choose(std::span<Record> records, SteadyTime now) override;
  std::uint64_t held() const override { return held_; }
  std::optional<SteadyTime> release_at() const override;
  void release(SteadyTime now, bool end, std::vector<Record>& out) override;

 private:
  struct Window {
    SteadyTime started{};
    std::uint64_t repeats = 0;
    Record last;       ///< its line is `line`
    std::string line;  ///< of the last repeat
  };
  bool key_of(const Record& record, std::uint64_t& key);
  bool suppress(const Record& record, SteadyTime now);
  void end_front();
  Record told(const Window& window);

  std::chrono::milliseconds window_;
  std::uint64_t seed_;
  FieldFinder finder_;        ///< the key fields
  FieldFinder message_;       ///< where the message may be
  KeyTable<Window> windows_;  ///< in the order of their starts
  std::uint64_t held_ = 0;    ///< windows with at least one repeat
  std::size_t held_bytes_ = 0;
  std::vector<Record> ended_;  ///< windows that ended early, until the next release
  Arena filling_;              ///< the lines of `ended_`
  Arena handed_out_;           ///< the lines released last
  Edits edits_;
};

}  // namespace ship
