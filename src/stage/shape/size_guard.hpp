#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "record/json_cursor.hpp"
#include "stage/edits.hpp"
#include "stage/shape/field_keeper.hpp"
#include "stage/shape/shape_settings.hpp"
#include "stage/transform.hpp"

namespace ship {

/// Keeps lines at or below a number of bytes. Cuts the longest strings first, all to the same
/// length; level, time, logger and ids stay whole, and the message is cut only if the rest is
/// already short. If that is not enough, only level, time, logger, message and ids stay. Marks the
/// root with `"_truncated":true,"_original_size":N`, as fapilog's size_guard does, unless the input
/// was cut before and is already marked.
class SizeGuard : public Transform {
 public:
  static constexpr std::uint64_t kLeastBytes = 512;

  explicit SizeGuard(const SizeGuardSettings& settings);

  std::string_view name() const override { return "size_guard"; }
  Outcome apply(Record& record, Arena& arena) override;

 private:
  enum class Role : std::uint8_t { data, message, identity };
  struct Text {
    std::size_t at = 0;  ///< start of the string's inside
    std::string_view raw;
  };

  void collect(JsonCursor& walk, Role role, int depth);
  std::string marks(std::string_view line, std::uint64_t original_size, bool heavily);
  bool cut(Record& record, std::uint64_t original_size, bool heavily, Arena& arena);
  std::size_t cut_texts(std::vector<Text>& texts, std::size_t least, std::size_t excess);

  std::size_t max_bytes_;
  SizeGuardSettings::Action action_;
  FieldKeeper essentials_;
  Edits edits_;
  std::vector<Text> texts_;
  std::vector<Text> messages_;
  std::string key_;
};

}  // namespace ship
