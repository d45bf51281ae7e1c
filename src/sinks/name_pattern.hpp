#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "record/field.hpp"

namespace ship {

/// The name of an index or a stream as an operator writes it: text, strftime(3) conversions of the
/// event's time in UTC ("%Y.%m.%d"), and fields of the record in braces ("{service}", looked up as
/// FieldFinder does). "%%" is a percent sign, "{{" and "}}" are braces. Belongs to one thread.
class NamePattern {
 public:
  /// Errors: config, for a brace without its counterpart, an empty field name, a lone percent sign
  /// at the end.
  static Result<NamePattern> parse(std::string_view text);

  /// The paths of the fields, in the order in which `render` expects them.
  const std::vector<std::string>& fields() const { return fields_; }

  /// Writes the name for one record into `out`, replacing its content. A field that is missing or
  /// not a scalar becomes "unknown". Dots that begin its text, or follow a dot or a slash, become
  /// "-": data never names what belongs to the system.
  void render(WallNanos time, std::span<const Field> fields, std::string& out);

 private:
  struct Piece {
    enum class Kind : std::uint8_t { text, time, field };
    Kind kind = Kind::text;
    std::string text;       ///< text: itself; time: the format
    std::size_t field = 0;  ///< index in fields_
    std::string made;       ///< time: the text for the second made_for_
  };

  void make_times(std::int64_t second);
  static void append_field(std::string& out, std::string_view text);

  std::vector<Piece> pieces_;
  std::vector<std::string> fields_;
  std::int64_t made_for_ = INT64_MIN;
};

}  // namespace ship
