#include "stage/redact/redaction_plan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace ship {
namespace {

Error wrong(std::string message) { return {ErrorKind::config, std::move(message)}; }

// Where a match depends on where the text begins or ends, a whole line tells nothing of its
// strings.
bool has_anchors(std::string_view regex) {
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '\\' && i + 1 < regex.size()) {
      ++i;
      if (regex[i] == 'A' || regex[i] == 'z' || regex[i] == 'Z') return true;
    } else if (regex[i] == '^' || regex[i] == '$') {
      return true;
    }
  }
  return false;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

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
    // The user's own fields first: of several that match the first one counts.
    for (const std::string& path : settings_.fields) add_field(path, false);
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

  Result<void> add_presets() {
    for (const std::string& name : settings_.presets) {
      if (const RedactionPreset* preset = find_redaction_preset(name)) {
        for (const std::string_view pattern : words_of(preset->patterns)) add_bundled(pattern);
        for (const std::string_view field : words_of(preset->fields)) {
          add_field(std::string(field), true);
        }
      } else if (!add_bundled(name)) {
        return wrong("redact.presets: found \"" + name + "\", expected one of " +
                     redaction_preset_names() +
                     ", or the name of a single pattern such as jwt or email");
      }
    }
    return {};
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
          {RedactionPlan::Meaning::Kind::secret, action_of(name), patterns[i].find});
    }
    return known;
  }

  void add_field(std::string path, bool bundled) {
    if (std::find(fields_.begin(), fields_.end(), path) != fields_.end()) return;
    plan_->field_meanings.push_back({action_of(path), bundled});
    fields_.push_back(std::move(path));
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
    std::vector<PatternSet::Pattern> patterns;
    for (const auto& [name, regex] : settings_.patterns) {
      plan_->scan_users_always = plan_->scan_users_always || has_anchors(regex);
      plan_->user_actions.push_back(action_of(name));
      PatternSet::Pattern pattern{regex, false, true};
      pattern.positions = true;
      patterns.push_back(pattern);
      pattern.positions = false;
      pattern.once = true;
      add(std::move(pattern), {RedactionPlan::Meaning::Kind::user});
    }
    if (patterns.empty()) return {};
    if (!PatternSet::available()) return unavailable();
    PatternSet::Failure failure;
    plan_->users = PatternSet::compile(patterns, failure);
    if (plan_->users) return {};
    if (failure.pattern == patterns.size()) return std::move(failure.error).in("redact.patterns");
    const auto& [name, regex] = settings_.patterns[failure.pattern];
    return wrong("redact.patterns." + name + ": the pattern '" + regex +
                 "' cannot be used: " + failure.error.message);
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
        "redact: this build has no vectorscan (or the processor lacks SSSE3), so that value "
        "patterns and "
        "presets are not available; use redact.fields, or a build with libhs");
  }

  const RedactSettings& settings_;
  std::shared_ptr<RedactionPlan> plan_ = std::make_shared<RedactionPlan>();
  std::vector<std::size_t> bundled_;
  std::vector<std::string> fields_;
  std::vector<std::size_t> used_;  ///< of settings_.actions
  bool needs_key_ = false;
};

}  // namespace

Result<std::shared_ptr<RedactionPlan>> RedactionPlan::prepare(const RedactSettings& settings) {
  return PlanMaker(settings).make();
}

Result<void> RedactionPlan::compile_scanner() {
  if (patterns.empty()) return {};
  PatternSet::Failure failure;
  scanner = PatternSet::compile(patterns, failure);
  if (!scanner) return std::move(failure.error).in("redact");
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
