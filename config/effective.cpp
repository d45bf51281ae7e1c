#include "config/effective.hpp"

#include <algorithm>
#include <set>
#include <sys/stat.h>

#include "base/percent.hpp"
#include "config/key_advice.hpp"
#include "config/otel_environment.hpp"
#include "config/url_advice.hpp"
#include "config/url_parts.hpp"
#include "input/input_address.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

bool is_regular_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool is_on(const Values& globals, const char* key) {
  const auto found = globals.find(key);
  const bool* const on = found == globals.end() ? nullptr : std::get_if<bool>(&found->second.value);
  return on != nullptr && *on;
}

bool input_is_regular(const Values& globals, const DefaultFacts& facts) {
  const auto found = globals.find("input.path");
  if (found == globals.end()) return facts.stdin_is_regular_file;
  const auto& paths = std::get<std::vector<std::string>>(found->second.value);
  if (is_on(globals, "input.follow")) {
    return std::none_of(paths.begin(), paths.end(), InputAddress::is_one);
  }
  return std::all_of(paths.begin(), paths.end(), is_regular_file);
}

Given default_of(const Setting& setting, std::string_view text, std::string why = {}) {
  Result<Value> value = value_from_text(setting, text);
  return {&setting, value ? std::move(value).value() : Value(std::string(text)),
          Origin{Origin::Source::built_in, 0, std::move(why), 0, 0}};
}

/// Puts one sink together from its table's entries or its URL, and reports what is wrong with it.
class SinkMaker {
 public:
  SinkMaker(Sources& sources, std::string prefix) : sources_(sources), prefix_(std::move(prefix)) {}

  bool read_url(const std::string& text, const Origin& origin) {
    sink_.origin = origin;
    std::vector<UrlProblem> problems;
    const std::size_t before = sources_.problems.size();
    const std::optional<std::string> named = otel_sink_url(text, sink_.origin, sources_);
    if (sources_.problems.size() > before) return false;
    std::optional<SinkUrl> url = parse_sink_url(named ? *named : text, problems);
    for (const UrlProblem& problem : problems) report_column(problem.column, problem.message);
    if (!url) return false;
    sink_.url = *std::move(url);
    if (const std::string doubt = address_doubt(sink_.url.type->name, sink_.url.address);
        !doubt.empty()) {
      sources_.warn(origin.text() + ": " + sink_.url.shown() + ": " + doubt);
    }
    if (sink_.url.username) put_user("username", *sink_.url.username);
    if (sink_.url.password) put_user("password", *sink_.url.password);
    for (const SinkUrl::Parameter& parameter : sink_.url.parameters) read_parameter(parameter);
    return problems.empty();
  }

  void read_entry(const RawEntry& entry) {
    const std::string key = entry.key();
    if (key == "url") return;
    const Setting* setting = find_in_sink(*sink_.url.type, key);
    if (setting == nullptr) {
      if (std::holds_alternative<RawTable>(entry.value) && is_section(key)) return;
      sources_.report(entry.key_origin, prefix_ + key, unknown(key, &entry.value));
      return;
    }
    const auto before = sink_.values.find(key);
    if (before != sink_.values.end() && in_url_.count(key) != 0) {
      sources_.report(entry.key_origin, prefix_ + key, "given in the url too; keep one of the two");
      return;
    }
    if (std::optional<Value> value = sources_.read_raw(*setting, prefix_ + key, entry)) {
      sink_.values[key] = {setting, *std::move(value), entry.value_origin};
    }
  }

  /// The name that a `name` parameter asks for; empty: none.
  const std::string& wanted_name() const { return wanted_name_; }
  SinkValues& sink() { return sink_; }

 private:
  void report_column(std::size_t column, const std::string& message) {
    sources_.report(sink_.origin, prefix_.empty() ? "" : prefix_ + "url",
                    "column " + std::to_string(column) + " of the URL: " + message);
  }

  static bool is_section(const std::string& key) {
    return std::any_of(settings_table().begin(), settings_table().end(),
                       [&key](const Setting& row) {
                         return row.scope == Scope::shared && row.key.starts_with(key + ".");
                       });
  }

  std::string unknown(const std::string& key, const RawValue* given = nullptr) const {
    const SinkType& type = *sink_.url.type;
    return "unknown key of " + std::string(type.name) + " sinks" +
           sink_key_advice(type, key, given);
  }

  void put_user(const char* key, const std::string& text) {
    const Setting* setting = find_in_sink(*sink_.url.type, key);
    if (text.empty()) return;
    sink_.values[key] = {setting, Value(text), sink_.origin};
    in_url_.insert(key);
  }

  void read_parameter(const SinkUrl::Parameter& parameter) {
    if (parameter.key == "name") {
      wanted_name_ = parameter.text;
      if (!prefix_.empty()) {
        report_column(parameter.column, "\"name\" has no place here: the table names the sink");
      } else if (!is_sink_name(wanted_name_)) {
        report_column(parameter.text_column,
                      "expected a name of 1 to 64 letters, digits and the characters - _ .");
        wanted_name_.clear();
      }
      return;
    }
    const Setting* setting = find_in_sink(*sink_.url.type, parameter.key);
    if (setting == nullptr) {
      std::string message = toml_string(parameter.key) + " is an " + unknown(parameter.key);
      if (find_in_sink(*sink_.url.type, "query") != nullptr) {
        message += "; to send it to the server put \"query.\" in front of it";
      }
      report_column(parameter.column, message);
      return;
    }
    std::string key = parameter.key;
    std::string_view text = parameter.text;
    if (setting->type() == SettingType::map && key == setting->key) {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos || equals == 0) {
        report_column(parameter.text_column,
                      "expected " + key + "=NAME=TEXT or " + key + ".NAME=TEXT");
        return;
      }
      key += "." + std::string(text.substr(0, equals));
      text.remove_prefix(equals + 1);
    }
    if (!in_url_.insert(key).second) {
      report_column(parameter.column, toml_string(key) + " is given twice");
      return;
    }
    Result<Value> value = value_from_text(*setting, text);
    if (!value) {
      report_column(parameter.text_column, key + ": " + value.error().message);
      return;
    }
    sink_.values[key] = {setting, std::move(value).value(), sink_.origin};
  }

  Sources& sources_;
  std::string prefix_;
  SinkValues sink_;
  std::string wanted_name_;
  std::set<std::string, std::less<>> in_url_;
};

/// For a table without a url: of the type that its name or its `type` says, else of any, with the
/// host that the table has.
std::string url_example(const SinkTable& table) {
  std::string type = table.name;
  std::string host;
  for (const RawEntry& entry : table.entries) {
    const auto* text = std::get_if<std::string>(&entry.value);
    if (text != nullptr && entry.key() == "type") type = *text;
    if (text != nullptr && entry.key() == "host") host = *text;
  }
  std::string example = "loki+http://host:3100";
  for (const SinkType* known : sink_types()) {
    if (known->name == type) example = known->example;
  }
  const std::size_t at = example.find("://host");
  const bool plain = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_host_char(c) || c == ':';
  });
  if (at == example.npos || !plain) return example;
  const std::size_t start = at + 3;
  const std::size_t end = example.find_first_of(host.find(':') == host.npos ? ":/" : "/", start);
  return example.replace(start, end == example.npos ? end : end - start, host);
}

/// ", in place of type and host", for the keys that the url makes needless; or empty.
std::string in_place_of(const SinkTable& table) {
  std::string names;
  for (const RawEntry& entry : table.entries) {
    const std::string key = entry.key();
    if (key == "type" || key == "host" || key == "port")
      names += (names.empty() ? "" : " and ") + key;
  }
  return names.empty() ? "" : ", in place of " + names;
}

void read_table(Sources& sources, const SinkTable& table, std::vector<SinkValues>& sinks) {
  const std::string prefix = "sinks." + table.name + ".";
  const RawEntry* url = nullptr;
  for (const RawEntry& entry : table.entries) {
    if (entry.key() == "url") url = &entry;
  }
  if (url == nullptr) {
    sources.report(table.entries.front().key_origin, "sinks." + table.name,
                   "the url is missing; it says the type and the address: url = \"" +
                       url_example(table) + "\"" + in_place_of(table));
    return;
  }
  const Setting* row = find_flag("sink");
  const std::optional<Value> text = sources.read_raw(*row, prefix + "url", *url);
  if (!text) return;
  SinkMaker maker(sources, prefix);
  const bool readable = maker.read_url(std::get<std::string>(*text), url->value_origin);
  if (!readable && maker.sink().url.type == nullptr) return;
  for (const RawEntry& entry : table.entries) maker.read_entry(entry);
  maker.sink().name = table.name;
  sinks.push_back(std::move(maker.sink()));
}

void read_urls(Sources& sources, const std::vector<GivenUrl>& urls,
               std::vector<SinkValues>& sinks) {
  std::set<std::string> taken;
  std::vector<std::pair<SinkValues, std::string>> drafts;
  for (const GivenUrl& url : urls) {
    SinkMaker maker(sources, "");
    maker.read_url(url.text, url.origin);
    if (maker.sink().url.type == nullptr) continue;
    const std::string& name = maker.wanted_name();
    if (!name.empty() && !taken.insert(name).second) {
      sources.report(url.origin, "", "two sinks have the name " + toml_string(name));
    }
    drafts.emplace_back(std::move(maker.sink()), name);
  }
  for (auto& [sink, name] : drafts) {
    const std::string type(sink.url.type->name);
    for (int number = 1; name.empty(); ++number) {
      const std::string candidate = number == 1 ? type : type + "-" + std::to_string(number);
      if (taken.insert(candidate).second) name = candidate;
    }
    sink.name = name;
    sinks.push_back(std::move(sink));
  }
}

/// --keep stands for several settings, each of which may also be given separately.
void fill_kept(Values& globals) {
  const auto keep = globals.find("keep");
  if (keep == globals.end()) return;
  const std::string directory = std::get<std::string>(keep->second.value);
  std::vector<std::pair<const char*, std::string>> kept = {
      {"spool.dir", directory + "/spool"},
      {"spool.mode", "durable"},
      {"dead_letter.path", directory + "/dead-letters.ndjson"}};
  if (is_on(globals, "input.follow")) {
    kept.emplace_back("input.checkpoint", directory + "/checkpoint");
  }
  for (const auto& [key, text] : kept) {
    const auto given = globals.find(key);
    if (given != globals.end() && given->second.origin.source > Origin::Source::preset) continue;
    globals[key] = default_of(*find_global(key), text, "of keep");
  }
}

void fill_globals(Values& globals, const DefaultFacts& facts) {
  fill_kept(globals);
  const bool regular = input_is_regular(globals, facts);
  for (const Setting& row : settings_table()) {
    const std::string key(row.key);
    if (row.default_text.empty() || row.type() == SettingType::url || globals.count(key) != 0)
      continue;
    globals[key] = row.key == "queue.drop_on_full" && regular
                       ? default_of(row, "false", "every input is a regular file")
                       : default_of(row, row.default_text);
  }
}

/// Keeping order requires one request at a time: by default there is one if order is kept, and
/// order is not kept if there are more. The rules report a request for both.
void fit_order(SinkValues& sink) {
  Given& workers = sink.values.find("delivery.workers")->second;
  Given& order = sink.values.find("delivery.order")->second;
  const auto requests = std::get<std::uint64_t>(workers.value);
  if (requests > 1 && order.origin.source == Origin::Source::built_in) {
    order = default_of(*order.setting, "any", "of more than one worker");
  } else if (requests == 0 && std::get<std::string>(order.value) == "keep") {
    workers = default_of(*workers.setting, "1", "of delivery.order = \"keep\"");
  }
}

void fill_sink(SinkValues& sink, const Values& globals, Sources& sources) {
  const SinkType& type = *sink.url.type;
  for (const auto& [key, global] : globals) {
    // A program flag with the name of a sink's own key applies to each sink that has it.
    const Setting* const own = find_row(settings_of(type), key);
    if (global.setting->scope != Scope::command || own == nullptr) continue;
    Given given = global;
    given.setting = own;
    sink.values.try_emplace(key, std::move(given));
  }
  apply_otel_environment(sink, globals, sources);
  for (const Setting& row : settings_of(type)) {
    if (row.default_text.empty()) continue;
    sink.values.try_emplace(std::string(row.key), default_of(row, row.default_text));
  }
  for (const Setting& row : settings_table()) {
    const std::string key(row.key);
    if (row.scope != Scope::shared || sink.values.count(key) != 0) continue;
    const auto global = globals.find(key);
    if (global == globals.end()) continue;
    const std::string_view own = type.default_of(row.key);
    if (!own.empty() && ((row.remote_only && type.local) ||
                         global->second.origin.source == Origin::Source::built_in)) {
      sink.values[key] = default_of(row, own, "of " + std::string(type.name) + " sinks");
    } else {
      Given inherited = global->second;
      inherited.inherited = true;
      sink.values[key] = std::move(inherited);
    }
  }
  fit_order(sink);
}

/// Adds one more --sink, given by a flag that is short for it.
void add_url(Sources& sources, std::string url, const Origin& origin) {
  const bool replaces = !sources.urls.empty() && origin.source == Origin::Source::flag &&
                        sources.urls.front().origin.source != Origin::Source::flag;
  if (replaces) sources.urls.clear();
  sources.urls.push_back({std::move(url), origin});
}

void add_short_forms(Sources& sources) {
  const auto output = sources.values.find("output");
  if (output != sources.values.end()) {
    const std::string& path = std::get<std::string>(output->second.value);
    add_url(sources, (path.starts_with('/') ? "file://" : "file:") + percent_encoded(path, "/"),
            output->second.origin);
  }
  const auto pretty = sources.values.find("pretty");
  if (pretty != sources.values.end() && std::get<bool>(pretty->second.value)) {
    add_url(sources, "stdout:?format=pretty", pretty->second.origin);
  }
}

}  // namespace

Effective make_effective(Sources& sources, const DefaultFacts& facts) {
  Effective effective;
  effective.globals = sources.values;
  fill_globals(effective.globals, facts);
  add_short_forms(sources);
  if (!sources.urls.empty()) {
    read_urls(sources, sources.urls, effective.sinks);
    if (!sources.tables.empty()) {
      std::string names;
      for (const SinkTable& table : sources.tables)
        names += (names.empty() ? "" : ", ") + table.name;
      sources.notes.push_back("the sinks of the configuration file (" + names +
                              ") are not used, because " + sources.urls.front().origin.text() +
                              " names others");
    }
  } else if (!sources.tables.empty()) {
    for (const SinkTable& table : sources.tables) read_table(sources, table, effective.sinks);
  } else {
    read_urls(sources, {{"stdout:", Origin{}}}, effective.sinks);
  }
  for (SinkValues& sink : effective.sinks) fill_sink(sink, effective.globals, sources);
  return effective;
}

}  // namespace ship
