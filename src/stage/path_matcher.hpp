#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// Decides, while a record is walked, which of many path patterns a member matches.
///
///   password          a member of that name, at any depth
///   data.user.email   from the root, or from the inside of fapilog's envelope
///   .message          the same for a single name
///   *                 any name; at either end of a name any text: `*_token`, `secret*`
///   **                any number of names, even none: `data.**.id`
///
/// Names are compared case-insensitively, and where a pattern has `_`, `-` or a change from a
/// lower-case to an upper-case letter, the key may have `_`, `-`, a space or nothing: `api_key`
/// matches apiKey, API-Key and apikey. A key with dots also counts as the names between them.
/// Arrays are transparent. A name with a dot is quoted in a pattern. One for each thread; allocates
/// nothing after its first records.
class PathMatcher {
 public:
  /// Patterns are identified by their position; if several match, the first one counts.
  /// Errors: config, with the pattern.
  static Result<PathMatcher> compile(std::span<const std::string> patterns);

  bool empty() const { return count_ == 0; }

  /// The patterns that may still match inside one object.
  struct Scope {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  struct Match {
    std::optional<std::uint32_t> pattern;
    Scope inside;  ///< for the member's value; ended by `leave`
  };
  /// Starts on a record.
  Scope enter_root();
  /// Enters a member of an object; `envelope`: it is the root's `log`, and an object.
  Match enter(std::string_view key, Scope scope, bool envelope);
  /// Leaves the value of the last entered member.
  void leave(const Match& match) { states_.resize(match.inside.begin); }

  /// For each pattern, a regular expression that matches the unescaped text of every record with a
  /// matching key; none if there is no such expression. ASCII, case-insensitive.
  std::span<const std::optional<std::string>> hints() const { return hints_; }

 private:
  struct Name {
    std::string text;              ///< lower case, without separators
    std::uint64_t boundaries = 0;  ///< bit N: a separator may precede text[N]
    bool open_start = false;       ///< starts with `*`
    bool open_end = false;
    bool several = false;  ///< `**`
  };
  struct Step {
    Name name;
    std::uint32_t pattern = 0;
    bool last = false;
  };
  struct Key {
    char text[64];
    std::size_t size = 0;
    std::uint64_t separators = 0;
    bool too_long = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  struct AnyDepth {
    std::uint64_t boundaries = 0;
    std::uint32_t pattern = 0;
  };

  static Result<Name> read_name(std::string_view pattern, std::string_view text);
  static std::string hint_of(std::string_view name);
  static Key read_key(std::string_view key);
  static bool matches(const Name& name, const Key& key);
  static std::size_t tail_of(std::string_view text);
  void add_any_depth(Name name, std::uint32_t pattern);
  void push(std::uint32_t step);
  void step(std::string_view key, Scope scope, std::optional<std::uint32_t>& found);
  void any_depth(const Key& key, std::optional<std::uint32_t>& found) const;

  std::uint32_t count_ = 0;
  std::unordered_map<std::string, AnyDepth, Hash, std::equal_to<>> any_depth_;
  /// Patterns that only start with `*`, by the last two characters of the name.
  std::array<std::vector<Step>, 256> any_depth_tails_;
  std::vector<Step> any_depth_open_;  ///< the others with `*`
  std::vector<Step> steps_;           ///< of the other patterns, one after the other
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> states_;  ///< a stack of the steps that may come next
  std::vector<std::optional<std::string>> hints_;
};

}  // namespace ship
