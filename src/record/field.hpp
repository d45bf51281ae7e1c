#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/json_cursor.hpp"

namespace ship {

/// What is at a path in a record.
struct Field {
  JsonKind kind = JsonKind::none;
  /// Found by its path from the root, not through one of the envelope's parts.
  bool from_root = false;
  /// The JSON as written in the line, including a text's quotes.
  std::string_view raw;
  /// A text without quotes and escapes (half a surrogate pair becomes U+FFFD); anything else as in
  /// `raw`.
  std::string_view text;

  bool is_scalar() const {
    return kind == JsonKind::string || kind == JsonKind::number || kind == JsonKind::boolean;
  }
};

/// Looks up the same fields in one record after another, all in one pass over the line. Belongs to
/// one thread.
///
/// A path is a key, or keys joined by dots ("diagnostics.exception.error.type"); a dot may also be
/// part of a key ("error.type" finds {"error.type":1} and {"error":{"type":1}}). Each path is
/// looked up in these places, and the first one that holds something wins: the root; inside "log";
/// inside "context", "diagnostics" and "data" of "log"; inside the same three of the root. So
/// "service" finds log.diagnostics.service of fapilog's envelope, wrapped or flat, unless a nearer
/// "service" is there. With duplicate keys the last one counts.
class FieldFinder {
 public:
  explicit FieldFinder(std::vector<std::string> paths);
  ~FieldFinder();
  FieldFinder(FieldFinder&&) noexcept;
  FieldFinder& operator=(FieldFinder&&) noexcept;

  const std::vector<std::string>& paths() const;

  /// One field for each path, in order; `line` is one JSON object. The results point into `line`
  /// and into the finder's memory, and live until the next call. A line that is not valid JSON
  /// yields the fields that were read before the fault.
  std::span<const Field> find(std::string_view line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Calls `element` with each element of `array`, a JSON array, in order, as written. False if the
/// text is not an array; elements before the fault are still reported.
bool for_each_element(std::string_view array, const std::function<void(std::string_view)>& element);

}  // namespace ship
