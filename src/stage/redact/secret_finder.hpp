#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stage/edits.hpp"
#include "stage/redact/redaction_plan.hpp"
#include "stage/redact/text_reading.hpp"

namespace ship {

/// Finds the secrets in one text, that of a JSON string or a number, and determines their
/// replacements. One for each thread.
class SecretFinder {
 public:
  explicit SecretFinder(std::shared_ptr<const RedactionPlan> plan);

  /// Adds to `edits` what replaces the secrets in `text`, as plain text. `hits` are those of the
  /// plan's scanner whose ends are in the text, counted from its start. With `users`, also searches
  /// for the user's patterns. False: it could not be done.
  bool find(std::string_view text, std::span<const PatternSet::Hit> hits, bool users, Edits& edits);
  /// The same without known hits: scans the text itself, and up to `layers` times the text with its
  /// escapes undone, so that they hide nothing in a piece of JSON or code.
  bool scan_and_find(std::string_view text, std::size_t layers, Edits& edits);

  /// A secret in the text, in bytes.
  struct Secret {
    std::size_t begin = 0;
    std::size_t end = 0;
    RedactAction action = RedactAction::mask;
    Shown shown = Shown::nothing;
    std::uint32_t rule = 0;  ///< index in RedactionPlan::rules
    std::size_t depth = 0;   ///< how many times escapes were undone to find it
  };
  /// What the last call replaced, in order. Empty if there were too many hits: the whole text was
  /// replaced.
  std::span<const Secret> replaced() const { return replaced_; }

  /// More hits in one text than this mask all of it.
  static constexpr std::size_t kMostHits = 65536;

 private:
  void add_secrets(std::string_view text, std::span<const PatternSet::Hit> hits);
  bool add_users(std::string_view text);
  void replace_all(std::string_view text, Edits& edits);
  void replace_whole(std::string_view text, Edits& edits);

  std::shared_ptr<const RedactionPlan> plan_;
  std::unique_ptr<PatternSet::Scratch> scratch_;
  TextReading reading_;
  std::vector<PatternSet::Hit> hits_;
  std::vector<UserPatterns::Match> user_matches_;
  std::vector<Secret> secrets_;
  std::vector<Secret> replaced_;
  std::vector<std::size_t> examined_;  ///< for each meaning: hits up to there are done
  std::string undone_;
  std::string replacement_;
};

}  // namespace ship
