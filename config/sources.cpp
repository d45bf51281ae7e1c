#include "config/sources.hpp"

#include <algorithm>
#include <set>

#include "config/key_advice.hpp"
#include "input/input_address.hpp"
#include "rows/nearest.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kPrefix = "FAPILOG_SHIP_";

std::vector<std::string> known_variables() {
  std::vector<std::string> names;
  for (const Setting& row : settings_table()) {
    if (!environment_name(row).empty()) names.push_back(environment_name(row));
  }
  return names;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return parts;
    text.remove_prefix(start);
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace

void Sources::report(const Origin& origin, std::string key, std::string message) {
  problems.push_back({origin, std::move(key), std::move(message)});
}

void Sources::report_in(const SinkValues& sink, std::string_view key, std::string message) {
  auto given = sink.values.find(key);
  if (given == sink.values.end()) given = sink.values.find(std::string(key) + "_file");
  const bool known = given != sink.values.end();
  const std::string prefix = known && given->second.inherited ? "" : "sinks." + sink.name + ".";
  report(known ? given->second.origin : sink.origin,
         prefix + (known ? given->first : std::string(key)), std::move(message));
}

std::optional<Value> Sources::read_raw(const Setting& setting, const std::string& key,
                                       const RawEntry& entry) {
  if (setting.type() == SettingType::map) {
    const bool whole = map_entry(setting, entry.key()).empty();
    if (whole && std::holds_alternative<RawTable>(entry.value)) return std::nullopt;
    if (whole || !std::holds_alternative<std::string>(entry.value)) {
      report(entry.value_origin, key,
             whole ? "expected a table such as { name = \"text\" }" : "expected a string");
      return std::nullopt;
    }
  }
  RawValue raw = entry.value;
  if (entry.value_origin.source == Origin::Source::file) {
    const auto fill = [&](std::string& text) {
      Result<std::string> expanded = expand(text, environment_);
      if (expanded) {
        text = std::move(expanded).value();
        return true;
      }
      report(entry.value_origin, key, expanded.error().message);
      return false;
    };
    if (auto* text = std::get_if<std::string>(&raw)) {
      if (!fill(*text)) return std::nullopt;
    } else if (auto* items = std::get_if<std::vector<std::string>>(&raw)) {
      if (!std::all_of(items->begin(), items->end(), fill)) return std::nullopt;
    }
  }
  Result<Value> value = value_from_raw(setting, raw);
  if (value) return std::move(value).value();
  report(entry.value_origin, key, value.error().message);
  return std::nullopt;
}

std::optional<Value> Sources::read_text(const Setting& setting, const std::string& key,
                                        std::string_view text, const Origin& origin) {
  Result<Value> value = value_from_text(setting, text);
  if (value) return std::move(value).value();
  report(origin, key, value.error().message);
  return std::nullopt;
}

void Sources::read_toml(std::string_view text, const Origin& source) {
  std::vector<RawEntry> entries = load_toml(text, source, problems);
  for (RawEntry& entry : entries) read_entry(std::move(entry));
}

void Sources::read_entry(RawEntry entry) {
  if (entry.path.front() == "sinks") return read_sink_entry(std::move(entry));
  const std::string key = entry.key();
  const Setting* setting = find_global(key);
  if (setting == nullptr) {
    const std::string prefix = key + ".";
    const bool is_section = std::any_of(
        settings_table().begin(), settings_table().end(), [&prefix](const Setting& row) {
          return row.scope != Scope::command && row.key.starts_with(prefix);
        });
    if (!is_section) {
      report_unknown(entry);
    } else if (!std::holds_alternative<RawTable>(entry.value)) {
      report(entry.value_origin, key, "expected a table, [" + key + "]");
    }
    return;
  }
  if (std::optional<Value> value = read_raw(*setting, key, entry)) {
    values[key] = {setting, *std::move(value), entry.value_origin};
  }
}

/// A table that was meant for a sink is reported once, whatever stands in it.
void Sources::report_unknown(const RawEntry& entry) {
  const std::string meant = meant_sink_table(entry.path);
  if (meant.empty()) {
    report(entry.key_origin, entry.key(), "unknown key" + key_advice(entry.path));
    return;
  }
  std::string head;
  for (std::size_t i = 0; i + 1 < entry.path.size(); ++i) {
    head += (i == 0 ? "" : ".") + entry.path[i];
  }
  const Problem problem{entry.table_origin.line == 0 ? entry.key_origin : entry.table_origin, "",
                        "unknown table [" + head + "]; a sink's table is " + meant};
  problems.push_back(problem);
}

void Sources::read_sink_entry(RawEntry entry) {
  if (entry.path.size() == 1 && std::holds_alternative<RawTable>(entry.value)) return;
  if (entry.path.size() < 2 ||
      (entry.path.size() == 2 && !std::holds_alternative<RawTable>(entry.value))) {
    report(entry.key_origin, entry.key(),
           "expected a table for each sink: [sinks.NAME] with a url");
    return;
  }
  const std::string name = entry.path[1];
  if (!is_sink_name(name)) {
    report(entry.key_origin, "sinks",
           "found the name " + toml_string(name) +
               ", expected 1 to 64 letters, digits and the characters - _ .");
    return;
  }
  auto table = std::find_if(tables.begin(), tables.end(),
                            [&name](const SinkTable& known) { return known.name == name; });
  if (table == tables.end()) table = tables.insert(tables.end(), SinkTable{name, {}});
  entry.path.erase(entry.path.begin(), entry.path.begin() + 2);
  table->entries.push_back(std::move(entry));
}

void Sources::put_text(const Setting& setting, std::string_view text, const Origin& origin) {
  const std::string key(setting.key);
  if (setting.type() == SettingType::map) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      report(
          origin, key,
          "found " + (is_hidden(setting) ? "a text" : toml_string(text)) + ", expected NAME=TEXT");
      return;
    }
    const std::string entry = key + "." + std::string(text.substr(0, equals));
    if (std::optional<Value> value = read_text(setting, entry, text.substr(equals + 1), origin)) {
      values[entry] = {&setting, *std::move(value), origin};
    }
    return;
  }
  if (std::optional<Value> value = read_text(setting, key, text, origin)) {
    values[key] = {&setting, *std::move(value), origin};
  }
}

void Sources::read_environment() {
  for (const Setting& row : settings_table()) {
    const std::string name = environment_name(row);
    if (name.empty() || row.key == "config" || row.key == "preset") continue;
    const auto found = environment_.find(name);
    if (found == environment_.end() || found->second.empty()) continue;
    const Origin origin{Origin::Source::environment, 0, name, 0, 0};
    if (row.type() == SettingType::url) {
      for (std::string& url : split(found->second, " \t\n"))
        urls.push_back({std::move(url), origin});
    } else if (row.type() == SettingType::map) {
      for (const std::string& item : split(found->second, ",")) put_text(row, item, origin);
    } else if (row.type() == SettingType::paths) {
      values[std::string(row.key)] = {&row, Value(split_inputs(found->second)), origin};
    } else {
      put_text(row, found->second, origin);
    }
  }
  const std::vector<std::string> known = known_variables();
  for (auto it = environment_.lower_bound(kPrefix);
       it != environment_.end() && it->first.starts_with(kPrefix); ++it) {
    if (std::find(known.begin(), known.end(), it->first) != known.end()) continue;
    warn("the environment variable " + it->first + " is unknown and has no effect" +
         did_you_mean(it->first, known));
  }
}

void Sources::read_flags(const std::vector<GivenFlag>& flags) {
  std::uint32_t index = 0;
  bool first_url = true;
  std::set<const Setting*> begun;
  const auto urls_given = std::count_if(flags.begin(), flags.end(), [](const GivenFlag& flag) {
    return flag.setting->type() == SettingType::url;
  });
  for (const GivenFlag& flag : flags) {
    const Setting& row = *flag.setting;
    if (row.key == "config" || row.key == "preset") continue;
    Origin origin{Origin::Source::flag, ++index, "--" + std::string(row.flag), 0, 0};
    if (row.type() == SettingType::url) {
      if (std::exchange(first_url, false)) urls.clear();
      if (urls_given > 1) origin.name += " #" + std::to_string(urls.size() + 1);
      urls.push_back({flag.text, origin});
    } else if (row.repeatable && row.type() != SettingType::map) {
      std::optional<Value> value = read_text(row, std::string(row.key), flag.text, origin);
      if (!value) continue;
      Given& given = values[std::string(row.key)];
      auto items = std::get<std::vector<std::string>>(*std::move(value));
      if (!begun.insert(&row).second) {
        const auto& before = std::get<std::vector<std::string>>(given.value);
        items.insert(items.begin(), before.begin(), before.end());
      }
      given = {&row, Value(std::move(items)), origin};
    } else {
      put_text(row, flag.text, origin);
    }
  }
}

}  // namespace ship
