#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/time_zone.hpp"
#include "record/level.hpp"

namespace ship {

/// Why a line is not one JSON object. `none`: it is one.
enum class Fault : std::uint8_t {
  none,
  not_an_object,  ///< starts with something other than a brace
  grammar,        ///< RFC 8259 does not allow it: an unclosed string, NaN, a control character …
  encoding,       ///< not UTF-8
  too_deep,       ///< nested deeper than Probe::kMaxDepth
  trailing,       ///< a valid object, and something after it
};

/// A plain English clause for a dead letter: "is not a JSON object", "nests deeper than 1024".
/// Lives as long as the program.
std::string_view fault_text(Fault fault);

/// What a line says about itself. The members other than `fault` are meaningful only with
/// Fault::none.
struct Finding {
  Fault fault = Fault::none;
  bool has_level = false;
  bool has_time = false;
  Level level;                  ///< INFO if the line has none
  std::uint8_t level_size = 0;  ///< as in Record
  std::uint32_t level_at = 0;   ///< from the start of the line
  WallNanos time = 0;
  /// Where level and time came from: a slot of DialectKeys, or one of these.
  static constexpr std::uint8_t kNowhere = 255;
  static constexpr std::uint8_t kConfigured = 254;  ///< one of the user's paths
  static constexpr std::uint8_t kInside = 253;      ///< the text or record inside it
  std::uint8_t level_place = kNowhere;
  std::uint8_t time_place = kNowhere;
};

/// Decides for each line of a block whether it is exactly one JSON object (RFC 8259, UTF-8, at most
/// kMaxDepth deep), and finds its level and time at the places that the table of dialects names,
/// or, if the line is a platform's envelope, in the text inside it. With duplicate keys the last
/// one counts. Valid JSON that a tree parser may refuse for other reasons (numbers of any size,
/// lone surrogate escapes) is valid here. Keys are compared as written: one spelled with escapes is
/// not found.
///
/// Uses simdjson's first stage over the whole block (Langdale and Lemire, "Parsing Gigabytes of
/// JSON per Second", 2019) and its own grammar check, line by line. A bad line never changes the
/// finding of another. Allocates only when a block is larger than any before. Not thread-safe.
class Probe {
 public:
  /// Bytes after a block that must be readable; their content does not matter.
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kMaxDepth = 1024;

  struct Options {
    TimeZone zone = TimeZone::local();      ///< of times that name none
    std::vector<std::string> level_fields;  ///< dotted paths that are tried before the table's
    std::vector<std::string> time_fields;
    bool level_from_text = true;           ///< also look into the text of an envelope
    std::size_t block_bytes = 256u << 10;  ///< of the blocks to come; larger ones are accepted too
  };

  Probe();
  explicit Probe(const Options& options);
  ~Probe();
  Probe(Probe&&) noexcept;
  Probe& operator=(Probe&&) noexcept;

  /// Sets the time of arrival, for times without a year.
  void set_now(WallNanos now);

  /// Starts on `block`: whole lines, each ended by a newline, below 4 GB, with kPadding readable
  /// bytes after it. The block must stay unchanged until the last `next` on it.
  void begin(std::string_view block);

  /// The finding for `line`, a view into the block: what is between two newlines, with or without a
  /// carriage return at its end. Ask for lines in the order of the block; any may be skipped.
  Finding next(std::string_view line);

  /// Both steps for one line anywhere in memory, which is copied. For tests and rare lines.
  Finding probe(std::string_view line);
  /// The row of the table of dialects that the last probed line was recognised as;
  /// dialects().size() if its marks match no row.
  std::size_t dialect() const;

  /// The level and time in the beginning of a line whose rest is lost, if they are complete.
  /// `fault` and the place of the level are meaningless. Copies; for rare lines. May be called
  /// between two calls of `next`.
  Finding probe_beginning(std::string_view beginning);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ship
