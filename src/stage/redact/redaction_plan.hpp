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

/// The redaction settings, compiled. Never changes; shared by the redactors of all workers.
struct RedactionPlan {
  /// What a hit of the `scanner` means, by its pattern's position.
  struct Meaning {
    enum class Kind : std::uint8_t {
      secret,  ///< a bundled pattern: `find` looks at its surroundings
      field    ///< a field that is redacted may be here
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

  std::vector<PatternSet::Pattern> patterns;  ///< what is to be scanned for
  std::shared_ptr<const PatternSet>
      scanner;  ///< null until `compile_scanner`, and without patterns
  std::vector<Meaning> meanings;
  UserPatterns users;
  std::vector<UserMeaning> user_meanings;
  PathMatcher fields;  ///< to be copied
  struct FieldMeaning {
    RedactAction action = RedactAction::mask;
    bool bundled = false;      ///< from a preset: true and false are not secrets
    bool only_random = false;  ///< only values that look random count
    std::string last_word;     ///< where not empty, the key's last word must be this
    Shown shown = Shown::nothing;
    std::uint32_t rule = 0;
  };
  std::vector<FieldMeaning> field_meanings;
  std::vector<std::string> rules;  ///< names of patterns and fields, for those who count the hits
  Mask mask;
  bool look_at_fields_always = false;  ///< hits do not tell whether there is a field

  /// Nothing is to be redacted.
  bool empty() const { return patterns.empty() && users.empty() && field_meanings.empty(); }

  /// All but the scanner: whoever redacts without it fails. Errors: config, with the key of the
  /// setting.
  static Result<std::shared_ptr<RedactionPlan>> prepare(const RedactSettings& settings);
  /// The time that many patterns take, some 100 ms. Errors: config; only where vectorscan has not
  /// got the memory, since each pattern is known to be good.
  Result<void> compile_scanner();
  /// Both.
  static Result<std::shared_ptr<const RedactionPlan>> compile(const RedactSettings& settings);
  /// Whether `compile` will do, without the time that many patterns take. Reads no file.
  static Result<void> check(RedactSettings settings);
};

}  // namespace ship
