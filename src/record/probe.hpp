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
  not_an_object,  ///< starts with something else than a brace
  grammar,        ///< RFC 8259 does not allow it: an unclosed string, NaN, a control character …
  encoding,       ///< not UTF-8
  too_deep,       ///< nested deeper than Probe::kMaxDepth
  trailing,       ///< a valid object, and something behind it
};

/// A plain English clause for a dead letter: "is not a JSON object", "nests deeper than 1024".
/// Lives as long as the program.
std::string_view fault_text(Fault fault);

/// What a line says of itself. The members beside `fault` mean something for Fault::none only.
struct Finding {
  Fault fault = Fault::none;
  bool has_level = false;
  bool has_time = false;
  Level level;                  ///< INFO where the line has none
  std::uint8_t level_size = 0;  ///< as in Record
  std::uint32_t level_at = 0;   ///< from the start of the line
  WallNanos time = 0;
  /// Where level and time came from: a slot of DialectKeys, or one of these.
  static constexpr std::uint8_t kNowhere = 255;
  static constexpr std::uint8_t kConfigured = 254;  ///< a path of the user's
  static constexpr std::uint8_t kInside = 253;      ///< the text or the record that it holds
  std::uint8_t level_place = kNowhere;
  std::uint8_t time_place = kNowhere;
};

/// Tells for each line of a block whether it is exactly one JSON object (RFC 8259, UTF-8, at most
/// kMaxDepth deep), and finds its level and time at the places that the table of dialects names;
/// where the line is a platform's envelope, in the text that it holds. With duplicate keys the last
/// one counts. Valid JSON that a tree parser may refuse for other reasons (numbers of any size,
/// lone surrogate escapes) is valid here. Keys are compared as they are written: one that is
/// spelled with escapes is not found.
///
/// Uses simdjson's first stage over the whole block (Langdale and Lemire, "Parsing Gigabytes of
/// JSON per Second", 2019) and a grammar check of its own, line by line. A bad line never changes
/// the finding of another. Allocates when a block is larger than any before it, else never. Not
/// thread-safe.
class Probe {
 public:
  /// Bytes behind a block that must be readable; what they hold does not matter.
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kMaxDepth = 1024;

  struct Options {
    TimeZone zone = TimeZone::local();      ///< of times that name none
    std::vector<std::string> level_fields;  ///< dotted paths that are tried before the table's
    std::vector<std::string> time_fields;
    bool level_from_text = true;           ///< look into the text of an envelope, too
    std::size_t block_bytes = 256u << 10;  ///< of the blocks to come; larger ones are taken, too
  };

  Probe();
  explicit Probe(const Options& options);
  ~Probe();
  Probe(Probe&&) noexcept;
  Probe& operator=(Probe&&) noexcept;

  /// The moment of arrival, for times without a year.
  void set_now(WallNanos now);

  /// Starts on `block`: whole lines, each ended by a newline, below 4 GB, with kPadding readable
  /// bytes behind it. The block must stay unchanged until the last `next` on it.
  void begin(std::string_view block);

  /// The finding for `line`, a view into the block: what stands between two newlines, a carriage
  /// return at its end in it or not. Lines are asked for in their order in the block; any may be
  /// left out.
  Finding next(std::string_view line);

  /// Both steps for one line in any memory, which is copied. For tests and rare lines.
  Finding probe(std::string_view line);
  /// The row of the table of dialects that the line probed last was taken for; dialects().size()
  /// where its marks are none's.
  std::size_t dialect() const;

  /// The level and the time that stand in the beginning of a line whose rest is lost, as far as
  /// they are whole. `fault` and the place of the level tell nothing. Copies; for rare lines. May
  /// be called between two `next`.
  Finding probe_beginning(std::string_view beginning);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ship
