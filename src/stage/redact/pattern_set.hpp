#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// Many regular expressions that are looked for in one pass, in time linear in the text whatever
/// they are (vectorscan, a fork of Hyperscan: no look-around, no back references). The compiled set
/// never changes and may be shared; scanning needs a Scratch, one for each thread.
class PatternSet {
 public:
  struct Pattern {
    std::string regex;
    bool caseless = false;
    bool utf8 = false;       ///< characters, not bytes; what is scanned must be UTF-8
    bool once = false;       ///< one hit is enough; where it ends does not matter
    bool positions = false;  ///< report where a match begins: costs more, needs simpler expressions
  };
  /// `pattern` matched and ended at `end`, from `begin` on where positions were asked for. Matches
  /// are reported for every end, so that several may overlap.
  struct Hit {
    std::uint32_t pattern = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  /// Whether this build has vectorscan.
  static bool available();
  /// Whether the library finds what it should on this processor: vectorscan 5.4.9 and others miss
  /// matches of some expressions with AVX-512. The bundled patterns are written and tested so that
  /// they are found all the same; of the user's nobody can know.
  static bool trusted();

  /// `message_of(i, reason)`-style errors: kind config; `Failure::pattern` says which one is to
  /// blame.
  struct Failure {
    std::size_t pattern = 0;  ///< its position; the size of the list where none is to blame
    Error error;
  };
  static std::shared_ptr<const PatternSet> compile(const std::vector<Pattern>& patterns,
                                                   Failure& failure);
  ~PatternSet();
  PatternSet(const PatternSet&) = delete;
  PatternSet& operator=(const PatternSet&) = delete;

  /// Working memory for one thread.
  class Scratch {
   public:
    explicit Scratch(const PatternSet& set);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

   private:
    friend class PatternSet;
    void* memory_ = nullptr;
  };

  enum class Scan : std::uint8_t { done, too_many, failed };
  /// Appends the hits in `text`, by their ends; `too_many`: there are more than `most`.
  Scan scan(std::string_view text, Scratch& scratch, std::vector<Hit>& hits,
            std::size_t most) const;

 private:
  PatternSet() = default;
  void* database_ = nullptr;
};

}  // namespace ship
