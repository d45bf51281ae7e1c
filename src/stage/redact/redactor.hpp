#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "record/json_cursor.hpp"
#include "stage/edits.hpp"
#include "stage/path_matcher.hpp"
#include "stage/redact/redaction_plan.hpp"
#include "stage/redact/secret_finder.hpp"
#include "stage/transform.hpp"

namespace ship {

/// Redacts what the settings name: fields by their path, secrets by their form, in values, in keys
/// and in JSON inside a string. First, one linear pass over the line shows whether there may be
/// anything; only then is the line walked. Everything else stays as written.
class Redactor : public Transform {
 public:
  explicit Redactor(std::shared_ptr<const RedactionPlan> plan);

  std::string_view name() const override { return "redact"; }
  Outcome apply(Record& record, Arena& arena) override;
  /// How often each rule applied: by the name of a pattern, or a field's path.
  std::vector<RuleCount> rule_counts() const override;
  /// "email at data.user.contact, characters 4 to 19".
  void explain_to(std::vector<std::string>* notes) override { notes_ = notes; }

 private:
  /// JSON within JSON text is parsed this deep; anything deeper is text.
  static constexpr std::size_t kMaxLayers = 4;
  static constexpr std::size_t kMaxDepth = 1100;
  /// Names next to values are looked up this deep: each level may scan the whole line.
  static constexpr std::size_t kMaxPairDepth = 64;
  /// With more hits in a record, each of its strings is scanned separately.
  static constexpr std::size_t kMostHits = 65536;
  /// Room for this many is kept from record to record.
  static constexpr std::size_t kUsualHits = 8192;

  struct Layer {
    std::string plain;  ///< the text of the current string
    Edits edits;        ///< edits of that text
    Edits patterns;     ///< edits of that text, by its form
  };

  /// An object that may name one member's value in the text of another.
  struct Pair {
    JsonCursor object;
    PathMatcher::Scope scope;
    bool known = false;
    const RedactionPlan::FieldMeaning* meaning = nullptr;
  };

  bool scan(std::string_view line);
  bool scan_reading(std::string_view text, std::string_view line, std::size_t depth);
  void place_hits(std::string_view raw);
  void value(JsonCursor& walk, PathMatcher::Scope scope, Edits& edits);
  void object(JsonCursor& walk, PathMatcher::Scope scope, bool root, Edits& edits);
  void field(JsonCursor& walk, const RedactionPlan::FieldMeaning& meaning, Edits& edits);
  void string(const JsonString& string, std::size_t at, const PathMatcher::Scope* scope,
              Edits& edits);
  void number(std::string_view number, std::size_t at, Edits& edits);
  bool inner_json(std::string_view text, PathMatcher::Scope scope, Edits& edits);
  void find_secrets(std::string_view text, bool has_hits, Edits& edits);
  bool take_hits(std::size_t begin, std::size_t end);
  void note(std::uint32_t rule, std::string_view where);
  void note_replaced(std::string_view text);
  static bool is_secret(const RedactionPlan::FieldMeaning& meaning, JsonCursor walk);
  const RedactionPlan::FieldMeaning* named_by(Pair& pair);
  bool is_key(const JsonString& key, std::string_view word);

  std::shared_ptr<const RedactionPlan> plan_;
  std::unique_ptr<PatternSet::Scratch> scratch_;
  SecretFinder finder_;
  PathMatcher paths_;
  std::array<Layer, kMaxLayers> layers_;
  Edits edits_;
  std::array<std::string, kMaxLayers>
      readings_;  ///< the line with its escapes undone, once or more
  std::vector<PatternSet::Hit> hits_;
  std::vector<PatternSet::Hit> local_hits_;
  std::string key_;
  std::string replacement_;
  std::string escaped_;
  std::size_t next_hit_ = 0;
  std::size_t layer_ = 0;  ///< how many strings deep the walk is
  std::size_t depth_ = 0;
  bool fields_ = false;        ///< in the current record there may be a field
  bool users_ = false;         ///< … a match of a user pattern
  bool every_string_ = false;  ///< … too many hits: each string is scanned separately
  bool failed_ = false;
  bool too_deep_ = false;  ///< the current JSON text was nested too deep to walk
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  ///< for each rule of the plan
  std::vector<std::string>* notes_ = nullptr;
  std::string path_;  ///< of the current value, while taking notes
};

}  // namespace ship
