#include "config/key_advice.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "config/sink_url.hpp"
#include "config/value.hpp"
#include "rows/nearest.hpp"
#include "settings/settings_table.hpp"
#include "settings/sink_settings.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

/// Words of other tools, and of this one's neighbours, for a key that stands at the top.
constexpr std::pair<std::string_view, std::string_view> kOtherWords[] = {
    {"queue.policy", "queue.drop_on_full"},
    {"queue.when_full", "queue.drop_on_full"},
    {"queue.overflow", "queue.drop_on_full"},
    {"queue.capacity", "queue.size"},
    {"queue.length", "queue.size"},
    {"max_queue_size", "queue.size"},
    {"mem_buf_limit", "queue.max_bytes"},
    {"batch.max_events", "delivery.batch_size"},
    {"batch.max_bytes", "delivery.batch_max_bytes"},
    {"batch.timeout", "delivery.batch_timeout"},
    {"batch.timeout_secs", "delivery.batch_timeout"},
    {"flush", "delivery.batch_timeout"},
    {"flush_interval", "delivery.batch_timeout"},
    {"delivery.timeout", "delivery.request_timeout"},
    {"buffer.type", "spool.mode"},
    {"buffer.path", "spool.dir"},
    {"buffer.max_size", "spool.max_bytes"},
    {"spool.path", "spool.dir"},
    {"spool.size", "spool.max_bytes"},
    {"storage.path", "spool.dir"},
    {"data_dir", "spool.dir"},
    {"level", "filter.min_level"},
    {"filter.level", "filter.min_level"},
    {"filter.expression", "filter.where"},
    {"filter.condition", "filter.where"},
    {"filter.query", "filter.where"},
    {"redact.sets", "redact.presets"},
    {"redact.patterns", "redact.presets"},
    {"redact.rules", "redact.presets"},
    {"input.file", "input.path"},
    {"metrics.listen", "server.listen"},
    {"server.port", "server.listen"},
    {"server.address", "server.listen"}};

/// The same inside a sink's table. What the sink does not have is passed over.
constexpr std::pair<std::string_view, std::string_view> kOtherSinkWords[] = {
    {"tenant", "tenant_id"},
    {"org_id", "tenant_id"},
    {"token", "bearer_token"},
    {"token_file", "bearer_token_file"},
    {"user", "username"},
    {"pass", "password"},
    {"passwd", "password"},
    {"apikey", "api_key"},
    {"gzip", "compression"},
    {"compress", "compression"},
    {"compression", "compress"},
    {"insecure", "tls_verify"},
    {"verify", "tls_verify"},
    {"ca", "ca_file"},
    {"cert", "cert_file"},
    {"key", "key_file"},
    {"retention", "retention_days"},
    {"max_size", "rotate_size"},
    {"rotate", "rotate_size"},
    {"max_backups", "max_files"},
    {"fields", "label_fields"},
    {"level", "filter.min_level"},
    {"min_level", "filter.min_level"}};

/// Words for a number of tries: here a time bounds them.
constexpr std::string_view kCountsOfTries[] = {
    "retries",     "max_retries",  "retry_limit",    "retry.limit",        "retry.max",
    "retry.count", "max_attempts", "retry.attempts", "retry.max_attempts", "retry_attempts"};
constexpr std::string_view kTriesAreNotCounted =
    "; tries are not counted: delivery.retry_max_elapsed bounds the time that they take, as in "
    "delivery.retry_max_elapsed = \"5m\"";

bool counts_tries(std::string_view key, const RawValue* given) {
  if (given != nullptr && !std::holds_alternative<RawInteger>(*given)) return false;
  if (key.starts_with("delivery.")) key.remove_prefix(std::string_view("delivery.").size());
  return std::find(std::begin(kCountsOfTries), std::end(kCountsOfTries), key) !=
         std::end(kCountsOfTries);
}

/// Keys that say where a sink sends: here the url does.
constexpr std::string_view kAddressWords[] = {
    "uri",  "endpoint", "host", "hosts",   "address",           "server",
    "path", "filename", "file", "brokers", "bootstrap_servers", "port"};

std::string dotted(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text += (text.empty() ? "" : ".") + part;
  return text;
}

/// The sections of a file with the names of their keys, in the order of the table.
using Section = std::pair<std::string, std::vector<std::string>>;
std::vector<Section> sections() {
  std::vector<Section> all;
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command) continue;
    const std::string name(section_of(row));
    auto section = std::find_if(all.begin(), all.end(),
                                [&name](const Section& one) { return one.first == name; });
    if (section == all.end()) section = all.insert(all.end(), {name, {}});
    section->second.emplace_back(row.type() == SettingType::map ? "NAME"
                                                                : name_in_section(row, row.key));
  }
  return all;
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool is_word_for_sinks(std::string_view name) {
  return name == "sink" || name == "output" || name == "outputs" || name == "destination" ||
         name == "destinations";
}

/// Whether `given` may be shown as the value of another key than it was written for. No text is: it may
/// be a secret.
bool can_be_echoed(const Setting& row, const RawValue& given) {
  if (row.type() == SettingType::text || row.type() == SettingType::path || is_hidden(row)) {
    return false;
  }
  // A bare number may be a count; as a duration it would be seconds.
  if (row.type() == SettingType::duration && !std::holds_alternative<std::string>(given))
    return false;
  const auto* const items = std::get_if<std::vector<std::string>>(&given);
  return items == nullptr || std::all_of(items->begin(), items->end(), [](const std::string& item) {
           return item.size() <= 30 && std::all_of(item.begin(), item.end(), [](char c) {
                    return is_letter(c) || c == '_' || c == '-';
                  });
         });
}

/// `name = value` with the value that was given, where the row takes it, else with its example or its
/// default; empty: it has neither.
std::string example_of(const Setting& row, std::string_view name, const RawValue* given) {
  if (row.type() == SettingType::map || row.type() == SettingType::secret) return {};
  const auto shown = [&](const Value& value) {
    return std::string(name) + " = " + print_value(row, value);
  };
  if (row.type() == SettingType::boolean) return std::string(name) + " = true";
  if (given != nullptr && can_be_echoed(row, *given)) {
    if (const auto value = value_from_raw(row, *given)) return shown(value.value());
  }
  const std::string_view text = row.example.empty() ? row.default_text : row.example;
  if (text.empty() || text == "0") return {};
  // Of a text, only one of several words shows more than its place.
  if (row.type() == SettingType::text && text.find(' ') == text.npos) {
    return std::string(name) + " = \"…\"";
  }
  const auto value = value_from_text(row, text);
  return value ? shown(value.value()) : "";
}

/// The first clause of the help, for a switch or a duration that was given something else.
std::string meaning_of(const Setting& row, const RawValue* given) {
  const bool is_other =
      given != nullptr && (!can_be_echoed(row, *given) || !value_from_raw(row, *given));
  if (!is_other || (row.type() != SettingType::boolean && row.type() != SettingType::duration))
    return {};
  return ": " + std::string(row.help.substr(0, row.help.find(';')));
}

/// `; did you mean "queue.size"? As in size = 10000 in [queue]`: the top-level key `known`, for one that
/// was given in `table`.
std::string meant_key(std::string_view known, std::string_view table, const RawValue* given) {
  const Setting* const row = find_row(settings_table(), known);
  if (row == nullptr) return "; did you mean \"" + std::string(known) + "\"?";
  const std::string section(section_of(*row));
  const std::string name(name_in_section(*row, known));
  const std::string example = example_of(*row, name, given);
  const std::string place = section == table ? "" : " in [" + section + "]";
  return "; did you mean \"" + std::string(known) + "\"?" +
         (example.empty() ? "" : " As in " + example + place) + meaning_of(*row, given);
}

std::string_view last_part_of(std::string_view key) { return key.substr(key.rfind('.') + 1); }

/// The one name that has `word` among its parts: "refill_rate_per_sec" for "rate". Empty: none.
std::string with_word(const std::vector<std::string>& names, const std::string& word) {
  std::string found;
  for (const std::string& name : names) {
    if (("_" + name + "_").find("_" + word + "_") == std::string::npos) continue;
    if (!found.empty()) return {};
    found = name;
  }
  return found;
}

/// The section that `name` was meant to be: by its last part, or a few letters off.
const Section* meant_section(const std::vector<Section>& all, const std::string& name) {
  for (const Section& section : all) {
    if (!section.first.empty() && last_part_of(section.first) == last_part_of(name))
      return &section;
  }
  std::vector<std::string> names;
  for (const Section& section : all) {
    if (!section.first.empty()) names.push_back(section.first);
  }
  const std::string near = nearest(name, names);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&near](const Section& one) { return one.first == near; });
  return near.empty() || found == all.end() ? nullptr : &*found;
}

/// The type of destination that a table is named after; null: after none.
const SinkType* named_after_sink(const std::string& name) {
  for (const SinkType* type : sink_types()) {
    if (type->name == name) return type;
  }
  return nullptr;
}

std::vector<std::string> keys_of_sink(const SinkType& type) {
  std::vector<std::string> keys = {"url"};
  for (const Setting& row : settings_of(type)) keys.emplace_back(row.key);
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::shared) keys.emplace_back(row.key);
  }
  return keys;
}

/// The same for a key of a sink's table, or of its URL. Some may stand there and at the top.
std::string meant_sink_key(const SinkType& type, std::string_view known, const RawValue* given) {
  const std::string said = "; did you mean \"" + std::string(known) + "\"?";
  const Setting* const row = find_in_sink(type, known);
  if (row == nullptr) return said;
  const std::string example = example_of(*row, known, given);
  const std::string places = row->scope == Scope::shared
                                 ? " (or in [" + std::string(section_of(*row)) + "], for all sinks)"
                                 : "";
  return said + (example.empty() ? "" : " As in " + example) + places + meaning_of(*row, given);
}

}  // namespace

std::string sink_table_advice(const std::vector<std::string>& path, const RawValue& given) {
  const auto* const string = std::get_if<std::string>(&given);
  const std::string_view text = string == nullptr ? std::string_view() : *string;
  const auto written = [](const std::string& name) {
    return is_sink_name(name) ? "write [sinks." + name + "]" : "";
  };
  if (path.size() < 2) return {};
  if (is_word_for_sinks(path.front())) return written(path.size() > 2 ? path[1] : "NAME");
  const SinkType* const type = named_after_sink(path.front());
  if (path.back() == "url") {
    const std::string table = written(path[path.size() - 2]);
    const std::string url =
        type == nullptr ? "" : std::string(type->name) + "+" + std::string(text);
    const bool is_plain = text.starts_with("http") && text.find('@') == text.npos;
    if (table.empty() || !is_plain || find_scheme(url.substr(0, url.find(':'))) != type)
      return table;
    return table + ", and url = \"" + url + "\"";
  }
  if (type == nullptr) return {};
  const std::string key = dotted({path.begin() + 1, path.end()});
  return "settings of a " + path.front() + " sink belong beside its url, in [sinks.NAME]" +
         (find_in_sink(*type, key) == nullptr ? sink_key_advice(*type, key, &given) : "");
}

std::string key_advice(const std::vector<std::string>& path, const RawValue* given) {
  const std::string key = dotted(path);
  const std::size_t dot = key.rfind('.');
  const std::string table = dot == key.npos ? "" : key.substr(0, dot);
  if (counts_tries(key, given)) return std::string(kTriesAreNotCounted);
  if (is_word_for_sinks(key)) return "; a sink has a table of its own: [sinks.NAME] with a url";
  for (const auto& [word, known] : kOtherWords) {
    if (key == word) return meant_key(known, table, given);
  }
  const std::vector<Section> all = sections();
  const std::string name = key.substr(dot + 1);
  std::vector<std::string> known;
  for (const Section& section : all) {
    for (const std::string& one : section.second) {
      known.push_back(section.first.empty() ? one : section.first + "." + one);
    }
  }
  known.emplace_back("sinks");
  const auto own =
      std::find_if(all.begin(), all.end(), [&](const Section& one) { return one.first == table; });
  if (table.empty() || own != all.end()) {
    std::string near = table.empty() ? "" : nearest(name, own->second);
    if (near.empty() && !table.empty()) near = with_word(own->second, name);
    if (!near.empty()) return meant_key(table + "." + near, table, given);
    const std::string elsewhere = nearest(key, known);
    if (elsewhere.empty()) {
      return table.empty() ? "" : "; [" + table + "] has " + joined_names(own->second);
    }
    if (last_part_of(elsewhere) == name || table.empty()) return meant_key(elsewhere, table, given);
    return "; [" + table + "] has " + joined_names(own->second);
  }
  const Section* const meant = meant_section(all, table);
  if (meant == nullptr) {
    const std::string elsewhere = nearest(key, known);
    return elsewhere.empty() ? "" : meant_key(elsewhere, table, given);
  }
  std::string near = nearest(name, meant->second);
  if (near.empty()) near = with_word(meant->second, name);
  if (!near.empty()) return meant_key(meant->first + "." + near, table, given);
  return "; did you mean [" + meant->first + "]? It has " + joined_names(meant->second);
}

std::string sink_key_advice(const SinkType& type, std::string_view key, const RawValue* given) {
  if (counts_tries(key, given)) return std::string(kTriesAreNotCounted);
  if (key == "type") return ": the url tells the type, as in " + std::string(type.example);
  if (const std::string prefix = std::string(type.name) + "."; key.starts_with(prefix)) {
    key.remove_prefix(prefix.size());
    if (find_in_sink(type, key) != nullptr)
      return "; write " + std::string(key) + ", without " + prefix;
  }
  const std::vector<std::string> keys = keys_of_sink(type);
  const auto has = [&keys](std::string_view name) {
    return std::find(keys.begin(), keys.end(), name) != keys.end();
  };
  for (const auto& [word, known] : kOtherSinkWords) {
    if (key == word && has(known)) return meant_sink_key(type, known, given);
  }
  if (std::find(std::begin(kAddressWords), std::end(kAddressWords), key) !=
      std::end(kAddressWords)) {
    return ": the url tells where it sends, as in " + std::string(type.example);
  }
  if (const std::string near = nearest(key, keys); !near.empty())
    return meant_sink_key(type, near, given);
  std::vector<std::string> own;
  for (const Setting& row : settings_of(type)) {
    if (find_row(every_sink_rows(), row.key) == nullptr) own.emplace_back(row.key);
  }
  return own.empty() ? "" : "; " + std::string(type.name) + " sinks have " + joined_names(own);
}

}  // namespace ship
