#include "config/otel_environment.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "settings/settings_table.hpp"

namespace ship {
namespace {

constexpr std::string_view kScheme = "otlp:";
constexpr std::string_view kDefaultEndpoint = "http://localhost:4318";
constexpr std::string_view kExporter = "OTEL_EXPORTER_OTLP_";

struct Variable {
  std::string name;
  std::string text;
};

std::optional<Variable> find_variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  // An empty one is as good as none.
  if (found == environment.end() || found->second.empty()) return std::nullopt;
  return Variable{name, found->second};
}

/// The variable for logs, or the one for all signals.
std::optional<Variable> find_exporter(const Environment& environment, std::string_view what) {
  const std::string prefix(kExporter);
  if (auto own = find_variable(environment, prefix + "LOGS_" + std::string(what))) return own;
  return find_variable(environment, prefix + std::string(what));
}

Origin origin_of(const Variable& variable) {
  return Origin{Origin::Source::convention, 0, variable.name, 0, 0};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_header(std::string_view name, std::string_view text) {
  return name.find_first_not_of(
             "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == name.npos &&
         text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

/// "a=1,b=%202" as W3C Baggage writes it. Entries without a name are left out and said.
std::vector<std::pair<std::string, std::string>> read_list(const Variable& variable,
                                                           Sources& sources) {
  std::vector<std::pair<std::string, std::string>> entries;
  std::string_view rest = variable.text;
  std::size_t number = 0;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = trimmed(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    ++number;
    if (entry.empty()) continue;
    const std::size_t equals = entry.find('=');
    // Only values are encoded.
    const std::string name(trimmed(entry.substr(0, equals)));
    if (equals == entry.npos || name.empty()) {
      // It may be a secret, so it is not shown.
      sources.warn(variable.name + ": entry " + std::to_string(number) +
                   " is not NAME=TEXT and is left out");
      continue;
    }
    entries.emplace_back(name, percent_decoded(trimmed(entry.substr(equals + 1))));
  }
  return entries;
}

/// Puts values into a sink where there are none yet.
class Filler {
 public:
  Filler(SinkValues& sink, const Values& globals, Sources& sources)
      : sink_(sink), globals_(globals), sources_(sources) {}

  void put(const std::string& key, std::string_view text, const Variable& variable) {
    const Setting* row = find_in_sink(*sink_.url.type, key);
    if (row == nullptr || sink_.values.count(key) != 0) return;
    Result<Value> value = value_from_text(*row, text);
    if (!value) {
      sources_.warn(variable.name + " is left out: " + value.error().message);
      return;
    }
    sink_.values[key] = {row, std::move(value).value(), origin_of(variable)};
  }

  void put_headers(const Variable& variable) {
    const bool signs_in = sink_.values.count("bearer_token") +
                              sink_.values.count("bearer_token_file") +
                              sink_.values.count("username") >
                          0;
    for (const auto& [name, text] : read_list(variable, sources_)) {
      if (signs_in && equal_in_any_case(name, "authorization")) continue;
      if (!is_header(name, text)) {
        sources_.warn(variable.name + ": a header whose name or text cannot be sent is left out");
        continue;
      }
      const std::string wanted = "headers." + name;
      const bool known =
          std::any_of(sink_.values.begin(), sink_.values.end(),
                      [&](const auto& entry) { return equal_in_any_case(entry.first, wanted); });
      if (!known) put(wanted, text, variable);
    }
  }

  void put_attribute(const std::string& name, std::string_view text, const Variable& variable) {
    // The labels at the top are the resource's attributes, too.
    if (globals_.count("labels." + name) == 0) put("resource_attributes." + name, text, variable);
  }

  void put_timeout(const Variable& variable) {
    constexpr std::string_view kKey = "delivery.request_timeout";
    const auto global = globals_.find(kKey);
    const bool given =
        global != globals_.end() && global->second.origin.source != Origin::Source::built_in;
    if (!given && sink_.values.count("request_timeout") == 0) {
      put(std::string(kKey), variable.text + "ms", variable);
    }
  }

 private:
  SinkValues& sink_;
  const Values& globals_;
  Sources& sources_;
};

}  // namespace

std::optional<std::string> otel_sink_url(std::string_view text, Origin& origin, Sources& sources) {
  if (!text.starts_with(kScheme)) return std::nullopt;
  const std::string_view rest = text.substr(kScheme.size());
  if (!rest.empty() && rest.front() != '?') return std::nullopt;
  const Environment& environment = sources.environment();
  if (const auto protocol = find_exporter(environment, "PROTOCOL")) {
    if (protocol->text != "http/protobuf") {
      sources.report(origin, "",
                     protocol->name + " asks for " + toml_string(protocol->text) +
                         "; the otlp sink speaks http/protobuf alone: set the variable to it (a "
                         "collector takes that at port 4318), or write the URL out, as in "
                         "otlp+http://host:4318");
      return std::nullopt;
    }
  }
  std::string endpoint(kDefaultEndpoint);
  bool as_is = false;
  if (auto own = find_variable(environment, std::string(kExporter) + "LOGS_ENDPOINT")) {
    endpoint = own->text;
    origin = origin_of(*own);
    as_is = true;
  } else if (auto all = find_variable(environment, std::string(kExporter) + "ENDPOINT")) {
    endpoint = all->text;
    origin = origin_of(*all);
  }
  if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
    // It may hold a key, so it is not shown.
    sources.report(origin, "", "found another text, expected http:// or https://");
    return std::nullopt;
  }
  std::string parameters(rest);
  const std::size_t question = endpoint.find('?');
  if (question != endpoint.npos) {
    sources.report(origin, "", "the endpoint has a query, which OTLP has no use for; leave it out");
    return std::nullopt;
  }
  if (!as_is) {
    while (endpoint.ends_with('/')) endpoint.pop_back();
    endpoint += "/v1/logs";
  } else {
    parameters += (parameters.empty() ? "?" : "&") + std::string("append_path=false");
  }
  return "otlp+" + endpoint + parameters;
}

void apply_otel_environment(SinkValues& sink, const Values& globals, Sources& sources) {
  if (sink.url.type->name != "otlp") return;
  if (const auto wanted = sink.values.find("otel_environment");
      wanted != sink.values.end() && !std::get<bool>(wanted->second.value)) {
    return;
  }
  const Environment& environment = sources.environment();
  Filler filler(sink, globals, sources);
  const std::pair<std::string_view, const char*> kPlain[] = {{"COMPRESSION", "compression"},
                                                             {"CERTIFICATE", "ca_file"},
                                                             {"CLIENT_CERTIFICATE", "cert_file"},
                                                             {"CLIENT_KEY", "key_file"}};
  for (const auto& [what, key] : kPlain) {
    if (const auto variable = find_exporter(environment, what)) {
      filler.put(key, variable->text, *variable);
    }
  }
  if (const auto headers = find_exporter(environment, "HEADERS")) filler.put_headers(*headers);
  if (const auto timeout = find_exporter(environment, "TIMEOUT")) filler.put_timeout(*timeout);
  if (const auto service = find_variable(environment, "OTEL_SERVICE_NAME")) {
    filler.put_attribute("service.name", service->text, *service);
  }
  if (const auto attributes = find_variable(environment, "OTEL_RESOURCE_ATTRIBUTES")) {
    for (const auto& [name, text] : read_list(*attributes, sources)) {
      filler.put_attribute(name, text, *attributes);
    }
  }
}

}  // namespace ship
