#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "rows/setting.hpp"

namespace ship {

/// A value as parsed from TOML, before the row of its key is known. `Other` is what no setting
/// accepts; its text names the kind ("a date"). `Table` stands for an empty table.
struct RawOther {
  std::string what;
};
struct RawTable {};
struct RawInteger {
  std::int64_t number = 0;
  bool octal = false;  ///< written as 0o640
};
using RawValue = std::variant<RawOther, RawTable, bool, RawInteger, double, std::string,
                              std::vector<std::string>>;

/// Reads a text from a flag, the environment or a URL as `setting` requires. For a map: the text of
/// one entry. Errors: config, "found …, expected …"; omits the text if is_hidden.
Result<Value> value_from_text(const Setting& setting, std::string_view text);

/// The same for a value from TOML, where the type must match: "5" is not an integer. Texts are
/// already expanded.
Result<Value> value_from_raw(const Setting& setting, const RawValue& raw);

/// `value` as TOML that reads back as the same value: `64 MB` with its quotes, `[ "a", "b" ]`. A
/// value that is_hidden prints as `"***"`.
std::string print_value(const Setting& setting, const Value& value);

/// What a setting accepts, to follow "expected": "an integer from 1 to 64".
std::string expectation(const Setting& setting);

/// What a text in quotes was meant to be, where the setting takes a bare value: "; write 10000, without
/// quotes" for "10k". Empty: it was meant to be something else.
std::string bare_value(const Setting& setting, std::string_view text);

/// The TOML section of the row: "queue" of queue.size, "filter.sample" of filter.sample.rate; a map
/// is a separate section; empty: a top-level key.
std::string_view section_of(const Setting& row);

/// The name of `key`, a key of the row, within its section: "size" of queue.size; for a map, that
/// of the entry.
std::string_view name_in_section(const Setting& row, std::string_view key);

/// The row's help, with its choices: "what a line is: auto, json, text".
std::string help_text(const Setting& row);

}  // namespace ship
