#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "config/values.hpp"
#include "settings/settings.hpp"

namespace ship {

/// Typed look-ups. A key without a value gives the type's zero or the fallback.
class ValueReader {
 public:
  explicit ValueReader(const Values& values) : values_(values) {}

  template <class T>
  T get(std::string_view key, T fallback = {}) const {
    const auto found = values_.find(key);
    if (found == values_.end()) return fallback;
    if (const T* value = std::get_if<T>(&found->second.value)) return *value;
    return fallback;
  }
  bool has(std::string_view key) const { return values_.find(key) != values_.end(); }
  bool flag(std::string_view key) const { return get<bool>(key); }
  std::string text(std::string_view key) const { return get<std::string>(key); }
  std::uint64_t number(std::string_view key) const { return get<std::uint64_t>(key); }
  std::uint32_t number32(std::string_view key) const {
    return static_cast<std::uint32_t>(number(key));
  }
  double decimal(std::string_view key) const { return get<double>(key); }
  std::chrono::milliseconds duration(std::string_view key) const {
    return get<std::chrono::milliseconds>(key);
  }
  std::vector<std::string> list(std::string_view key) const {
    return get<std::vector<std::string>>(key);
  }
  Labels map(std::string_view key) const {
    Labels result;
    for (const auto& [name, given] : values_) {
      if (given.setting->type != SettingType::map || given.setting->key != key) continue;
      result.emplace_back(map_entry(*given.setting, name), std::get<std::string>(given.value));
    }
    return result;
  }
  Secret secret(const std::string& key) const {
    if (has(key + "_file")) return Secret::from_file(text(key + "_file"));
    return has(key) ? Secret::literal(text(key)) : Secret();
  }
  /// The index of the key's text in `choices`, as the enum whose values stand in that order.
  template <class Enum>
  Enum choice(std::string_view key, std::initializer_list<std::string_view> choices) const {
    const std::string chosen = text(key);
    std::uint8_t index = 0;
    for (const std::string_view choice : choices) {
      if (choice == chosen) return static_cast<Enum>(index);
      ++index;
    }
    return static_cast<Enum>(0);
  }
  Compression compression(std::string_view key) const {
    return choice<Compression>(key, {"none", "gzip", "zstd"});
  }

 private:
  const Values& values_;
};

}  // namespace ship
