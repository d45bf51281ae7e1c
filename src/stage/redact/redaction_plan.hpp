#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "stage/path_matcher.hpp"
#include "stage/redact/mask.hpp"
#include "stage/redact/pattern_set.hpp"
#include "stage/redact/redact_settings.hpp"
#include "stage/redact/secret_catalog.hpp"
#include "stage/redact/user_patterns.hpp"

namespace ship {

/// The redaction settings, compiled. Immutable; shared by the redactors of all workers.
struct RedactionPlan {
  /// What a hit of the `scanner` means, by its pattern's position.
  struct Meaning {
    enum class Kind : std::uint8_t {
      secret,  ///< a bundled pattern: `find` checks its surroundings
      field    ///< a field to redact may be here
    };
    Kind kind = Kind::field;
    RedactAction action = RedactAction::mask;
    FindSecret find = nullptr;
    Shown shown = Shown::nothing;
    std::uint32_t rule = 0;
  };
  /// One of the user's patterns.
  struct UserMeaning {
    RedactAction action = RedactAction::mask;
    std::uint32_t rule = 0;
  };

  std::vector<PatternSet::Pattern> patterns;  ///< what to scan for
  std::shared_ptr<const PatternSet>
      scanner;  ///< null until `compile_scanner`, and without patterns
  std::vector<Meaning> meanings;
  UserPatterns users;
  std::vector<UserMeaning> user_meanings;
  PathMatcher fields;  ///< copied by each redactor
  struct FieldMeaning {
    RedactAction action = RedactAction::mask;
    bool bundled = false;      ///< from a preset: true and false are not secrets
    bool only_random = false;  ///< only values that look random count
    std::string last_word;     ///< if not empty, the key's last word must be this
    Shown shown = Shown::nothing;
    std::uint32_t rule = 0;
  };
  std::vector<FieldMeaning> field_meanings;
  std::vector<std::string> rules;  ///< names of patterns and fields, for counting the hits
  Mask mask;
  bool look_at_fields_always = false;  ///< hits do not show whether there is a field

  /// Whether there is nothing to redact.
  bool empty() const { return patterns.empty() && users.empty() && field_meanings.empty(); }

  /// Prepares everything except the scanner; redacting without it fails. Errors: config, with the
  /// key of the setting.
  static Result<std::shared_ptr<RedactionPlan>> prepare(const RedactSettings& settings);
  /// Compiles the scanner, which takes some 100 ms with many patterns. Errors: config; only if
  /// vectorscan runs out of memory, because each pattern is known to be valid.
  Result<void> compile_scanner();
  /// Both steps.
  static Result<std::shared_ptr<const RedactionPlan>> compile(const RedactSettings& settings);
  /// Checks whether `compile` will succeed, without the time that many patterns take. Reads no
  /// file.
  static Result<void> check(RedactSettings settings);
};

}  // namespace ship
