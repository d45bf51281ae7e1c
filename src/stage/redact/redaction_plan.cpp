#include "stage/redact/redaction_plan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "rows/nearest.hpp"
#include "stage/redact/redaction_presets.hpp"
#include "stage/redact/secret_catalog.hpp"
#include "stage/redact/secret_names.hpp"

namespace ship {
namespace {

Error wrong(std::string message) { return {ErrorKind::config, std::move(message)}; }

class PlanMaker {
 public:
  explicit PlanMaker(const RedactSettings& settings) : settings_(settings) {}

  Result<std::shared_ptr<RedactionPlan>> make() {
    if (auto prepared = prepare(); !prepared) return std::move(prepared).error();
    return std::move(plan_);
  }

  Result<void> prepare() {
    auto mask = Mask::make(settings_.mask, settings_.hash_key);
    if (!mask) return std::move(mask).error();
    plan_->mask = std::move(mask).value();
    // The user's own fields come first: if several match, the first one counts.
    for (const std::string& path : settings_.fields) {
      RedactionPlan::FieldMeaning meaning;
      meaning.shown = names_secret(path) ? Shown::nothing : Shown::email_domain;
      add_field(path, std::move(meaning));
    }
    if (auto added = add_presets(); !added) return std::move(added).error();
    if (auto compiled = compile_fields(); !compiled) return std::move(compiled).error();
    if (auto added = add_users(); !added) return std::move(added).error();
    if (auto checked = check_actions(); !checked) return std::move(checked).error();
    if (!plan_->patterns.empty() && !PatternSet::available()) return unavailable();
    return {};
  }

 private:
  RedactAction action_of(std::string_view name) {
    for (std::size_t i = 0; i < settings_.actions.size(); ++i) {
      if (settings_.actions[i].first != name) continue;
      used_.push_back(i);
      return note(settings_.actions[i].second);
    }
    return note(settings_.action);
  }
  RedactAction note(RedactAction action) {
    needs_key_ = needs_key_ || action == RedactAction::hash;
    return action;
  }

  static std::string meant_set(std::string_view name) {
    std::vector<std::string> known;
    for (const RedactionPreset& preset : redaction_presets()) known.emplace_back(preset.name);
    for (const SecretPattern& pattern : secret_patterns()) known.emplace_back(pattern.name);
    return did_you_mean(name, known);
  }

  Result<void> add_presets() {
    for (const std::string& name : settings_.presets) {
      if (const RedactionPreset* preset = find_redaction_preset(name)) {
        const RedactionSet set = resolve(*preset);
        for (const std::string_view pattern : set.patterns) add_bundled(pattern);
        credentials_ = credentials_ || set.credentials;
        for (const std::string_view field : set.fields) {
          RedactionPlan::FieldMeaning meaning;
          meaning.bundled = true;
          meaning.shown = Shown::email_domain;
          add_field(std::string(field), std::move(meaning));
        }
      } else if (!add_bundled(name)) {
        return wrong("redact.presets: found \"" + name + "\", expected one of " +
                     redaction_preset_names() +
                     ", or the name of a single pattern such as jwt or email" + meant_set(name));
      }
    }
    // Those that must be the last word come last: anything else that matches the key takes
    // precedence.
    if (credentials_) add_secret_fields();
    return {};
  }

  void add_secret_fields() {
    for (const SecretField& field : secret_fields()) {
      RedactionPlan::FieldMeaning meaning;
      meaning.bundled = true;
      meaning.only_random = field.only_random;
      if (field.last_word) meaning.last_word = field.path.substr(1);
      add_field(field.path, std::move(meaning));
    }
  }

  bool add_bundled(std::string_view name) {
    const auto patterns = secret_patterns();
    bool known = false;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (patterns[i].name != name) continue;
      known = true;
      if (std::find(bundled_.begin(), bundled_.end(), i) != bundled_.end()) continue;
      bundled_.push_back(i);
      add({std::string(patterns[i].regex), patterns[i].caseless},
          {RedactionPlan::Meaning::Kind::secret, action_of(name), patterns[i].find,
           patterns[i].shown, rule_of(std::string(name))});
    }
    return known;
  }

  void add_field(std::string path, RedactionPlan::FieldMeaning meaning) {
    if (std::find(fields_.begin(), fields_.end(), path) != fields_.end()) return;
    meaning.action = action_of(path);
    meaning.rule = rule_of(path);
    plan_->field_meanings.push_back(std::move(meaning));
    fields_.push_back(std::move(path));
  }

  std::uint32_t rule_of(const std::string& name) {
    const auto known = std::find(plan_->rules.begin(), plan_->rules.end(), name);
    const auto rule = static_cast<std::uint32_t>(known - plan_->rules.begin());
    if (known == plan_->rules.end()) plan_->rules.push_back(name);
    return rule;
  }

  Result<void> compile_fields() {
    auto matcher = PathMatcher::compile(fields_);
    if (!matcher) return std::move(matcher).error().in("redact.fields");
    plan_->fields = std::move(matcher).value();
    for (const auto& hint : plan_->fields.hints()) {
      if (!hint || !PatternSet::available()) {
        plan_->look_at_fields_always = true;
      } else {
        PatternSet::Pattern pattern{*hint, true};
        pattern.once = true;
        add(std::move(pattern), {});
      }
    }
    return {};
  }

  Result<void> add_users() {
    for (const auto& [name, regex] : settings_.patterns) {
      if (auto added = plan_->users.add(regex); !added)
        return std::move(added).error().in("redact.patterns." + name);
      plan_->user_meanings.push_back({action_of(name), rule_of(name)});
    }
    plan_->users.finish();
    return {};
  }

  Result<void> check_actions() {
    for (std::size_t i = 0; i < settings_.actions.size(); ++i) {
      const auto names = [&](const SecretPattern& pattern) {
        return pattern.name == settings_.actions[i].first;
      };
      const auto bundled = secret_patterns();
      if (std::none_of(bundled.begin(), bundled.end(), names) &&
          std::find(used_.begin(), used_.end(), i) == used_.end()) {
        return wrong("redact.actions: found \"" + settings_.actions[i].first +
                     "\", expected the name of a pattern or a field that is redacted");
      }
    }
    if (needs_key_ && !plan_->mask.has_key()) {
      return wrong(
          "redact.hash_key: missing; the action \"hash\" needs a key, so that nobody can "
          "find a secret by trying");
    }
    return {};
  }

  void add(PatternSet::Pattern pattern, RedactionPlan::Meaning meaning) {
    plan_->patterns.push_back(std::move(pattern));
    plan_->meanings.push_back(meaning);
  }

  static Error unavailable() {
    return wrong(
        "redact: this build has no vectorscan (or the processor lacks SSSE3), so that presets and "
        "bundled patterns are not available; use redact.fields and redact.patterns, or a build "
        "with libhs");
  }

  const RedactSettings& settings_;
  std::shared_ptr<RedactionPlan> plan_ = std::make_shared<RedactionPlan>();
  std::vector<std::size_t> bundled_;
  std::vector<std::string> fields_;
  std::vector<std::size_t> used_;  ///< indexes of settings_.actions that were used
  bool needs_key_ = false;
  bool credentials_ = false;
};

}  // namespace

Result<std::shared_ptr<RedactionPlan>> RedactionPlan::prepare(const RedactSettings& settings) {
  return PlanMaker(settings).make();
}

Result<void> RedactionPlan::compile_scanner() {
  if (patterns.empty()) return {};
  auto compiled = PatternSet::compile(patterns);
  if (!compiled) return std::move(compiled).error().in("redact");
  scanner = std::move(compiled).value();
  return {};
}

Result<std::shared_ptr<const RedactionPlan>> RedactionPlan::compile(
    const RedactSettings& settings) {
  auto plan = prepare(settings);
  if (!plan) return std::move(plan).error();
  if (auto compiled = plan.value()->compile_scanner(); !compiled)
    return std::move(compiled).error();
  return std::shared_ptr<const RedactionPlan>(std::move(plan).value());
}

Result<void> RedactionPlan::check(RedactSettings settings) {
  if (!settings.hash_key.empty()) settings.hash_key = Secret::literal("any");
  return PlanMaker(settings).prepare();
}

}  // namespace ship
