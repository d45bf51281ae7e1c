#include "config/fixed_settings.hpp"

#include <set>

namespace ship {
namespace {

Values fixed_ones(const Values& values) {
  Values fixed;
  for (const auto& [key, given] : values) {
    if (!is_reloadable(*given.setting) && given.setting->scope != Scope::command) {
      fixed.emplace(key, given);
    }
  }
  return fixed;
}

/// Keys whose values differ, or that only one of the two has.
std::vector<std::string> differing_keys(const Values& a, const Values& b) {
  std::vector<std::string> keys;
  for (const auto& [key, given] : a) {
    const auto other = b.find(key);
    if (other == b.end() || other->second.value != given.value) keys.push_back(key);
  }
  for (const auto& [key, given] : b) {
    if (a.find(key) == a.end()) keys.push_back(key);
  }
  return keys;
}

/// The settings that apply to all sinks alike; a shared setting counts with each sink that has it.
Values global_ones(const Effective& effective) {
  Values globals = fixed_ones(effective.globals);
  std::erase_if(globals,
                [](const auto& entry) { return entry.second.setting->scope == Scope::shared; });
  return globals;
}

}  // namespace

void FixedSettings::keep(const Effective& running) {
  globals_ = global_ones(running);
  for (const SinkValues& sink : running.sinks) sinks_.emplace(sink.name, fixed_ones(sink.values));
}

std::vector<std::string> FixedSettings::differing(const Effective& wanted) const {
  std::set<std::string> keys;
  for (std::string& key : differing_keys(globals_, global_ones(wanted))) {
    keys.insert(std::move(key));
  }
  for (const SinkValues& sink : wanted.sinks) {
    const auto known = sinks_.find(sink.name);
    if (known == sinks_.end()) continue;
    const Values values = fixed_ones(sink.values);
    for (const std::string& key : differing_keys(known->second, values)) {
      const auto found = values.find(key);
      const Given& given = found != values.end() ? found->second : known->second.find(key)->second;
      keys.insert(given.inherited ? key : "sinks." + sink.name + "." + key);
    }
  }
  return {keys.begin(), keys.end()};
}

void FixedSettings::sinks_changed(const Effective& wanted) {
  std::map<std::string, Values> sinks;
  for (const SinkValues& sink : wanted.sinks) {
    const auto known = sinks_.find(sink.name);
    sinks.emplace(sink.name, known != sinks_.end() ? known->second : fixed_ones(sink.values));
  }
  sinks_ = std::move(sinks);
}

}  // namespace ship
