#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "record/level.hpp"
#include "rows/labels.hpp"
#include "rows/setting.hpp"

namespace ship {

/// Moves a text, or what stands for one, into the member of a struct. Numbers, texts and lists go
/// in unchanged.
template <class Field>
void assign(Field& field, std::string_view, const Value& value) {
  if constexpr (std::is_integral_v<Field> && !std::is_same_v<Field, bool>) {
    field = static_cast<Field>(std::get<std::uint64_t>(value));
  } else {
    field = std::get<Field>(value);
  }
}
void assign(int& signal, std::string_view, const Value& value);
void assign(std::optional<Severity>& level, std::string_view, const Value& value);
void assign(Secret& secret, std::string_view, const Value& value);
void assign(Labels& labels, std::string_view entry, const Value& value);
void assign(std::vector<int>& numbers, std::string_view, const Value& value);
void assign(std::map<int, int>& signals, std::string_view entry, const Value& value);

/// How a member is read unless its row says otherwise, and the enum of its choices.
template <class Field>
struct FieldTraits {
  static constexpr SettingType type = std::is_enum_v<Field>       ? SettingType::choice
                                      : std::is_integral_v<Field> ? SettingType::integer
                                                                  : SettingType::text;
  using Enum = Field;
};
template <SettingType Type, class E = void>
struct FieldType {
  static constexpr SettingType type = Type;
  using Enum = E;
};
template <>
struct FieldTraits<bool> : FieldType<SettingType::boolean> {};
template <>
struct FieldTraits<double> : FieldType<SettingType::decimal> {};
template <>
struct FieldTraits<int> : FieldType<SettingType::signal> {};
template <>
struct FieldTraits<std::chrono::milliseconds> : FieldType<SettingType::duration> {};
template <>
struct FieldTraits<std::optional<Severity>> : FieldType<SettingType::level> {};
template <>
struct FieldTraits<Secret> : FieldType<SettingType::secret> {};
template <>
struct FieldTraits<std::map<int, int>> : FieldType<SettingType::map> {};
template <class T>
struct FieldTraits<std::vector<T>> : FieldType<SettingType::list> {};
template <class E>
struct FieldTraits<std::vector<std::pair<std::string, E>>> : FieldType<SettingType::map, E> {};

template <class>
struct PointedTo;
template <class Struct, class Field>
struct PointedTo<Field Struct::*> {
  using Object = Struct;
  using Type = Field;
};

/// The member at the end of a path of pointers to members: {&FilterSettings::dedup,
/// &DedupSettings::window}.
template <auto First, auto... Rest>
struct MemberPath {
  using Object = typename PointedTo<decltype(First)>::Object;
  using Field = typename MemberPath<Rest...>::Field;
  static Field& in(Object& object) { return MemberPath<Rest...>::in(object.*First); }
};
template <auto Last>
struct MemberPath<Last> {
  using Object = typename PointedTo<decltype(Last)>::Object;
  using Field = typename PointedTo<decltype(Last)>::Type;
  static Field& in(Object& object) { return object.*Last; }
};

template <auto... Path>
using FieldAt = typename MemberPath<Path...>::Field;
template <auto... Path>
using EnumAt = typename FieldTraits<FieldAt<Path...>>::Enum;

template <auto... Path>
void set_member(const Setting& row, void* object, std::string_view entry, const Value& value) {
  using Target = FieldAt<Path...>;
  Target& field =
      MemberPath<Path...>::in(*static_cast<typename MemberPath<Path...>::Object*>(object));
  if constexpr (std::is_enum_v<Target>) {
    field = static_cast<Target>(row.choices().find(std::get<std::string>(value))->number);
  } else if constexpr (std::is_enum_v<EnumAt<Path...>>) {
    const SettingChoice* choice = row.choices().find(std::get<std::string>(value));
    field.emplace_back(entry, static_cast<EnumAt<Path...>>(choice->number));
  } else {
    assign(field, entry, value);
  }
}

/// The member, read as usual for its type: `member<&QueueSettings::size>()` takes an integer.
template <auto... Path>
constexpr Member member() {
  return {FieldTraits<FieldAt<Path...>>::type, {}, set_member<Path...>};
}
/// The same member, read differently: as a size, a path, a mode.
template <auto... Path>
constexpr Member member(SettingType type) {
  return {type, {}, set_member<Path...>};
}
/// An enum, each name with its enumerator; or a map whose texts are such names.
template <auto... Path, std::size_t N>
requires std::is_enum_v<EnumAt<Path...>>
constexpr Member member(const std::pair<std::string_view, EnumAt<Path...>> (&choices)[N]) {
  Member result = member<Path...>();
  for (const auto& [name, enumerator] : choices) {
    result.choices.add({name, static_cast<std::uint8_t>(enumerator)});
  }
  return result;
}
/// A text that must be one of a few choices.
template <auto... Path>
constexpr Member one_of(std::initializer_list<std::string_view> names,
                        SettingType type = SettingType::choice) {
  Member result = member<Path...>(type);
  for (const std::string_view name : names) result.choices.add({name});
  return result;
}

/// The path of a file that holds the secret.
template <auto... Path>
constexpr Member from_file() {
  return {SettingType::path,
          {},
          [](const Setting&, void* object, std::string_view, const Value& value) {
            auto& holder = *static_cast<typename MemberPath<Path...>::Object*>(object);
            MemberPath<Path...>::in(holder) = Secret::from_file(std::get<std::string>(value));
          }};
}

/// A value that is not stored in any struct.
constexpr Member nowhere(SettingType type, std::initializer_list<std::string_view> names = {}) {
  Member result{type};
  for (const std::string_view name : names) result.choices.add({name});
  return result;
}

/// `part<Settings, &Settings::input>`: the part of a whole that a section's rows fill.
template <class Whole, auto... Path>
void* part(void* whole) {
  if constexpr (sizeof...(Path) == 0) {
    return whole;
  } else {
    return &MemberPath<Path...>::in(*static_cast<Whole*>(whole));
  }
}

/// What the rows of a section have in common.
struct Section {
  std::string_view group = {};
  Scope scope = Scope::global;
  bool reloadable = false;
};

template <std::size_t N>
constexpr std::array<Setting, N> section(const Section& common, const Setting (&rows)[N]) {
  std::array<Setting, N> result{};
  for (std::size_t i = 0; i < N; ++i) {
    result[i] = rows[i];
    result[i].group = common.group;
    result[i].scope = common.scope;
    result[i].reloadable = common.reloadable || rows[i].reloadable;
  }
  return result;
}

/// Bounds of rows: bytes, and milliseconds.
inline constexpr std::uint64_t kKb = 1u << 10;
inline constexpr std::uint64_t kMb = 1u << 20;
inline constexpr std::uint64_t kTb = 1ull << 40;
inline constexpr std::uint64_t kMinute = 60'000;
inline constexpr std::uint64_t kHour = 60 * kMinute;
inline constexpr std::uint64_t kDay = 24 * kHour;

}  // namespace ship
