#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// Many of our own regular expressions, searched in one pass (vectorscan, a fork of Hyperscan).
/// Version 5.4.9 misses matches of some expressions on processors with AVX-512, and overflows its
/// scratch memory on others, such as `(a+)+b`: so the tests try each expression. A pattern of one
/// character is searched separately, which is faster. The compiled set is immutable and may be
/// shared; scanning needs a Scratch, one for each thread.
class PatternSet {
 public:
  struct Pattern {
    std::string regex;
    bool caseless = false;
    bool once = false;  ///< one hit is enough; where it ends does not matter
  };
  /// `pattern` matched and ended at each place from `first_end` to `end`.
  struct Hit {
    std::uint32_t pattern = 0;
    std::uint64_t first_end = 0;
    std::uint64_t end = 0;
  };

  /// Whether this build has vectorscan.
  static bool available();

  /// Errors: config, with vectorscan's message.
  static Result<std::shared_ptr<const PatternSet>> compile(const std::vector<Pattern>& patterns);
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
  /// Appends the hits in `text`, ordered by their first end; `too_many`: there are more than
  /// `most`.
  Scan scan(std::string_view text, Scratch& scratch, std::vector<Hit>& hits,
            std::size_t most) const;

 private:
  /// A pattern of one character.
  struct Character {
    char value = 0;
    std::uint32_t pattern = 0;
  };

  PatternSet() = default;
  Scan scan_characters(std::string_view text, std::vector<Hit>& hits, std::size_t most) const;

  void* database_ = nullptr;  ///< null if all patterns are characters
  std::vector<Character> characters_;
};

}  // namespace ship
