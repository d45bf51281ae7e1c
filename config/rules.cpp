#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>

#include "base/signal_name.hpp"
#include "base/units.hpp"
#include "config/build_settings.hpp"
#include "config/build_stages.hpp"
#include "config/nearest.hpp"
#include "input/line_pattern.hpp"
#include "sinks/kafka/kafka_properties.hpp"
#include "sinks/name_pattern.hpp"
#include "stats/admin/listen_address.hpp"

namespace ship {
namespace {

/// The rules of one sink; `values` are complete.
class SinkRules {
 public:
  SinkRules(const SinkValues& sink, Sources& sources) : sink_(sink), sources_(sources) {}

  void check() {
    for (const char* secret : {"password", "bearer_token", "signing_secret", "api_key",
                               "secret_access_key", "session_token"}) {
      const std::string twin = std::string(secret) + "_file";
      if (has(secret) && has(twin)) {
        report(twin, "given beside " + std::string(secret) + "; keep one of the two");
      }
    }
    if ((has("password") || has("password_file")) && !has("username")) {
      report(has("password") ? "password" : "password_file", "needs a username");
    }
    if ((has("bearer_token") || has("bearer_token_file")) && has("username")) {
      report("username", "given beside a bearer token; keep one of the two");
    }
    check_api_key();
    check_aws();
    if (has("key_file") && !has("cert_file")) report("key_file", "needs a cert_file");
    if (text("encoding") == "protobuf" && text("compression") == "gzip") {
      report(
          "compression",
          "\"gzip\" goes with encoding \"json\" only; protobuf is always compressed with snappy");
    }
    const SinkType type = sink_.url.type->type;
    if ((type == SinkType::file || type == SinkType::stdout_) && number("delivery.workers") > 1) {
      report("delivery.workers", "a " + std::string(sink_.url.type->name) +
                                     " sink has one worker, so that its lines stay in order");
    }
    if (type == SinkType::elasticsearch) check_index();
    if (type == SinkType::cloudwatch) check_log_group();
    if (type == SinkType::kafka) check_kafka();
    check_headers();
    const auto base = duration("delivery.retry_base");
    const auto longest = duration("delivery.retry_max");
    if (base > longest) {
      const bool at_base = origin("delivery.retry_base").source != Origin::Source::built_in;
      report(at_base ? "delivery.retry_base" : "delivery.retry_max",
             "the first wait of " + print_duration(base) +
                 " (delivery.retry_base) is longer than " + "the longest of " +
                 print_duration(longest) + " (delivery.retry_max)");
    }
  }

 private:
  bool has(std::string_view key) const { return sink_.values.find(key) != sink_.values.end(); }
  Origin origin(std::string_view key) const { return sink_.values.find(key)->second.origin; }
  std::string text(std::string_view key) const {
    const auto found = sink_.values.find(key);
    return found == sink_.values.end() ? "" : std::get<std::string>(found->second.value);
  }
  std::uint64_t number(std::string_view key) const {
    return std::get<std::uint64_t>(sink_.values.find(key)->second.value);
  }
  std::chrono::milliseconds duration(std::string_view key) const {
    return std::get<std::chrono::milliseconds>(sink_.values.find(key)->second.value);
  }
  void report(std::string_view key, std::string message) {
    const bool inherited = sink_.values.find(key)->second.inherited;
    const std::string prefix = inherited ? "" : "sinks." + sink_.name + ".";
    sources_.report(origin(key), prefix + std::string(key), std::move(message));
  }
  void check_api_key() {
    if (!has("api_key") && !has("api_key_file")) return;
    for (const char* other : {"username", "bearer_token", "bearer_token_file"}) {
      if (has(other)) report(other, "given beside an API key; keep one of the two");
    }
  }
  void check_aws() {
    const bool has_secret = has("secret_access_key") || has("secret_access_key_file");
    if (has("access_key_id") && !has_secret) report("access_key_id", "needs a secret_access_key");
    for (const char* key :
         {"secret_access_key", "secret_access_key_file", "session_token", "session_token_file"}) {
      if (has(key) && !has("access_key_id")) report(key, "needs an access_key_id");
    }
    if (has("access_key_id") && has("profile")) {
      report("profile", "given beside an access_key_id; keep one of the two");
    }
    if (sink_.url.type->type != SinkType::elasticsearch) return;
    if (has("aws_service") && !has("region")) report("aws_service", "needs a region");
    for (const char* key : {"region", "access_key_id", "profile"}) {
      if (has(key) && !has("aws_service")) report(key, "needs aws_service, \"es\" or \"aoss\"");
    }
    if (!has("aws_service")) return;
    for (const char* other :
         {"username", "bearer_token", "bearer_token_file", "api_key", "api_key_file"}) {
      if (has(other)) report(other, "given beside aws_service, which signs; keep one of the two");
    }
  }
  void check_index() {
    if (!has("index")) {
      sources_.report(sink_.origin, "sinks." + sink_.name + ".index",
                      "no index is given; put it at the end of the URL, as in " +
                          std::string(sink_.url.type->example) + ", or set index");
    } else if (const auto index = NamePattern::parse(text("index")); !index) {
      report("index", index.error().message);
    }
  }
  void check_log_group() {
    if (!has("group")) {
      sources_.report(sink_.origin, "sinks." + sink_.name + ".group",
                      "no log group is given; write the URL as in " +
                          std::string(sink_.url.type->example) + ", or set group");
    } else if (text("group").size() > 512 ||
               text("group").find_first_not_of(
                   ".-_/#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
                   std::string::npos) {
      report("group", "found " + toml_string(text("group")) +
                          ", expected at most 512 letters, digits and the characters . - _ / #");
    }
    if (const auto stream = NamePattern::parse(text("stream")); !stream) {
      report("stream", stream.error().message);
    }
    // What PutRetentionPolicy takes.
    constexpr std::uint64_t kDays[] = {0,    1,    3,    5,    7,    14,   30,  60,
                                       90,   120,  150,  180,  365,  400,  545, 731,
                                       1096, 1827, 2192, 2557, 2922, 3288, 3653};
    const std::uint64_t days = number("retention_days");
    if (std::find(std::begin(kDays), std::end(kDays), days) == std::end(kDays)) {
      report("retention_days",
             "found " + std::to_string(days) +
                 ", expected 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, "
                 "545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, or 0 for ever");
    }
    const std::string endpoint = text("endpoint_url");
    if (!endpoint.empty() && !endpoint.starts_with("http://") &&
        !endpoint.starts_with("https://")) {
      report("endpoint_url", "found " + toml_string(endpoint) + ", expected http:// or https://");
    }
  }
  void check_kafka() {
    if (!has("topic")) {
      sources_.report(sink_.origin, "sinks." + sink_.name + ".topic",
                      "no topic is given; put it at the end of the URL, as in " +
                          std::string(sink_.url.type->example) + ", or set topic");
    } else if (const auto topic = NamePattern::parse(text("topic")); !topic) {
      report("topic", topic.error().message);
    }
    const bool tls = std::get<bool>(sink_.values.find("tls")->second.value);
    for (const char* key : {"ca_file", "cert_file", "key_file"}) {
      if (has(key) && !tls) report(key, "needs tls = true");
    }
    if (has("username") && !has("password") && !has("password_file")) {
      report("username", "needs a password");
    }
    for (const auto& [key, given] : sink_.values) {
      if (given.setting->key == "properties") check_property(key, given, tls);
    }
  }
  void check_property(const std::string& key, const Given& given, bool tls) {
    const std::string_view name = map_entry(*given.setting, key);
    const auto problem = check_kafka_property(name, std::get<std::string>(given.value));
    if (problem) {
      report(key, problem->message + (problem->unknown ? did_you_mean(name, kafka_property_names())
                                                       : std::string()));
    } else if (name == "security.protocol" && (tls || has("username"))) {
      report(key, "cannot be set beside tls or username, which decide it");
    } else if (name.starts_with("sasl.mechanism") && has("username")) {
      report(key, "cannot be set beside username; set sasl_mechanism of the sink");
    } else if (name == "enable.idempotence" && text("acks") != "all" &&
               std::get<std::string>(given.value) != "false") {
      report(key, "needs acks = \"all\"");
    }
  }
  void check_headers() {
    for (const auto& [key, given] : sink_.values) {
      if (given.setting->key != "headers") continue;
      const std::string_view name = map_entry(*given.setting, key);
      const auto& value = std::get<std::string>(given.value);
      if (name.find_first_not_of("!#$%&'*+-.^_`|~0123456789"
                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
          std::string_view::npos) {
        report(key, "no name of a header");
      } else if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        report(key, "the header's text has a line break");
      }
    }
  }

  const SinkValues& sink_;
  Sources& sources_;
};

/// Whether the shipper gets to see a signal before COMMAND, and may send it.
bool is_forwardable(std::string_view name) {
  const auto number = parse_signal(name);
  return number && *number != SIGKILL && *number != SIGSTOP && *number != SIGCHLD;
}

bool is_exit_code(std::string_view text) {
  int code = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc{} && end == text.data() + text.size() && code >= 0 && code <= 255;
}

void check_child(const Values& values, Sources& sources) {
  for (const auto& [key, given] : values) {
    if (given.setting->key != "child.rewrite_signal") continue;
    const std::string_view from = map_entry(*given.setting, key);
    const auto& to = std::get<std::string>(given.value);
    if (!is_forwardable(from)) {
      sources.report(given.origin, key,
                     "'" + std::string(from) + "' is no signal that can be passed on");
    } else if (to != "0" && !parse_signal(to)) {
      sources.report(given.origin, key, "found '" + to + "', expected a signal such as QUIT, or 0");
    }
  }
  const auto codes = values.find("child.expect_exit");
  if (codes == values.end()) return;
  for (const std::string& code : std::get<std::vector<std::string>>(codes->second.value)) {
    if (is_exit_code(code)) continue;
    sources.report(codes->second.origin, codes->first,
                   "found '" + code + "', expected an exit code from 0 to 255");
  }
}

void check_pattern(const Values& values, Sources& sources) {
  const auto given = values.find("input.multiline_start");
  if (given == values.end()) return;
  const auto pattern = LinePattern::compile(std::get<std::string>(given->second.value));
  if (!pattern) sources.report(given->second.origin, given->first, pattern.error().message);
}

void check_stage_values(const Values& values, Sources& sources) {
  for (const auto& [key, given] : values) {
    if (given.setting->key != "redact.actions") continue;
    const auto& action = std::get<std::string>(given.value);
    if (redact_action(action)) continue;
    sources.report(
        given.origin, key,
        "found " + toml_string(action) + ", expected one of mask, partial, hash, remove");
  }
  const auto size = values.find("size_guard.max_bytes");
  const auto bytes = std::get<std::uint64_t>(size->second.value);
  constexpr std::uint64_t kLeastRecord = 512;
  if (bytes > 0 && bytes < kLeastRecord) {
    sources.report(size->second.origin, size->first,
                   "found " + print_size(bytes) + ", expected 0 or at least 512 B");
  }
}

/// `values` of the top or of a sink.
void check_adaptive(const Values& values, const std::string& prefix, Sources& sources) {
  const auto& least = values.find("filter.adaptive.min_sample_rate")->second;
  const auto& most = values.find("filter.adaptive.max_sample_rate")->second;
  if (!prefix.empty() && least.inherited && most.inherited) return;
  if (std::get<double>(least.value) <= std::get<double>(most.value)) return;
  const bool at_least = least.origin.source != Origin::Source::built_in;
  sources.report(at_least ? least.origin : most.origin, prefix + "filter.adaptive.min_sample_rate",
                 "larger than filter.adaptive.max_sample_rate");
}

const SinkValues* find_sink(const Effective& effective, std::string_view name) {
  for (const SinkValues& sink : effective.sinks) {
    if (sink.name == name) return &sink;
  }
  return nullptr;
}

/// The sink's fallback as it was given; null where it has none.
const Given* fallback_of(const SinkValues& sink) {
  const auto found = sink.values.find("fallback");
  return found == sink.values.end() ? nullptr : &found->second;
}

/// The address, the token's twin, and who can see what.
void check_server(const Values& globals, Sources& sources) {
  const auto twin = globals.find("server.bearer_token_file");
  const bool has_token = globals.find("server.bearer_token") != globals.end();
  if (twin != globals.end() && has_token) {
    sources.report(twin->second.origin, twin->first,
                   "given beside server.bearer_token; keep one of the two");
  }
  const auto listen = globals.find("server.listen");
  if (listen == globals.end()) return;
  const auto& text = std::get<std::string>(listen->second.value);
  const auto address = ListenAddress::parse(text);
  if (!address) {
    sources.report(listen->second.origin, listen->first, address.error().message);
  } else if (!address.value().is_local() && !has_token && twin == globals.end()) {
    sources.warn("server.listen is " + text +
                 ", and there is no server.bearer_token: whoever reaches this address can read the "
                 "statistics");
  }
}

/// A fallback is another sink, and the way from one to the next comes to an end.
void check_fallbacks(const Effective& effective, Sources& sources) {
  std::vector<std::string> names;
  for (const SinkValues& sink : effective.sinks) names.push_back(sink.name);
  for (const SinkValues& sink : effective.sinks) {
    const Given* given = fallback_of(sink);
    if (given == nullptr) continue;
    const std::string key = "sinks." + sink.name + ".fallback";
    const auto& name = std::get<std::string>(given->value);
    const SinkValues* step = find_sink(effective, name);
    if (step == nullptr) {
      std::vector<std::string> others = names;
      others.erase(std::find(others.begin(), others.end(), sink.name));
      sources.report(given->origin, key,
                     "no sink has the name " + toml_string(name) + did_you_mean(name, others));
      continue;
    }
    std::string way = sink.name;
    for (std::size_t steps = 0; step != nullptr && steps <= names.size(); ++steps) {
      way += " -> " + step->name;
      if (step == &sink) {
        sources.report(given->origin, key, "the way ends where it began: " + way);
        break;
      }
      const Given* next = fallback_of(*step);
      step = next == nullptr ? nullptr : find_sink(effective, std::get<std::string>(next->value));
    }
  }
}

}  // namespace

void check_rules(const Effective& effective, Sources& sources) {
  check_pattern(effective.globals, sources);
  check_child(effective.globals, sources);
  check_server(effective.globals, sources);
  check_stage_values(effective.globals, sources);
  check_adaptive(effective.globals, "", sources);
  check_fallbacks(effective, sources);
  std::map<std::string, std::string> files;
  const std::uint64_t longest_line =
      std::get<std::uint64_t>(effective.globals.find("input.max_line_bytes")->second.value);
  for (const SinkValues& sink : effective.sinks) {
    SinkRules(sink, sources).check();
    check_adaptive(sink.values, "sinks." + sink.name + ".", sources);
    if (sink.url.type->type == SinkType::file && !sink.url.address.empty()) {
      const auto [other, is_new] = files.try_emplace(sink.url.address, sink.name);
      if (!is_new) {
        sources.report(sink.origin, "sinks." + sink.name,
                       "writes to the same file as sinks." + other->second);
      }
    }
    const auto bytes = std::get<std::uint64_t>(sink.values.find("queue.max_bytes")->second.value);
    if (bytes < longest_line) {
      sources.warn("queue.max_bytes of " + print_size(bytes) + " for the sink " + sink.name +
                   " is less than input.max_line_bytes of " + print_size(longest_line) +
                   ": a longer line never fits into its queue");
    }
  }
}

}  // namespace ship
