#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "config/build_settings.hpp"
#include "config/effective.hpp"
#include "settings/settings_table.hpp"
#include "sinks/datadog/datadog_settings.hpp"
#include "sinks/elasticsearch/elasticsearch_settings.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/gcp/gcp_settings.hpp"
#include "sinks/gelf/gelf_settings.hpp"
#include "sinks/http/http_settings.hpp"
#include "sinks/loki/loki_settings.hpp"
#include "sinks/otlp/otlp_settings.hpp"
#include "sinks/s3/s3_settings.hpp"
#include "sinks/splunk/splunk_settings.hpp"
#include "sinks/syslog/syslog_settings.hpp"
#include "sinks/terminal/stdout_settings.hpp"
#include "tests/catch.hpp"

using namespace ship;

namespace {

const char* const kRemote = "https://h/p";

struct Configured {
  std::vector<GivenFlag> flags;
  Environment environment;
  std::string toml;
};

/// What the program would run by. What only rules that look at several keys find wrong is let pass.
Settings built(const Configured& given) {
  Sources sources(given.environment);
  if (!given.toml.empty()) {
    sources.read_toml(given.toml, Origin{Origin::Source::file, 1, "a.toml", 0, 0});
  }
  sources.read_environment();
  sources.read_flags(given.flags);
  const Effective effective = make_effective(sources, {});
  std::string problems;
  for (const Problem& problem : sources.problems) problems += problem.text() + "\n";
  CHECK(problems == "");
  return build_settings(effective, sources);
}

std::string encoded(const std::string& text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return result;
}

/// `text` as TOML has it, behind the key of `row`.
std::string toml_line(const Setting& row, const std::string& text) {
  if (row.type() == SettingType::map) {
    const std::size_t equals = text.find('=');
    return std::string(row.key) + "." + toml_string(text.substr(0, equals)) + " = " +
           toml_string(text.substr(equals + 1)) + "\n";
  }
  const bool bare = row.type() == SettingType::boolean || row.type() == SettingType::integer ||
                    row.type() == SettingType::decimal;
  return std::string(row.key) + " = " + (bare ? text : toml_string(text)) + "\n";
}

/// A sink of `type` (null: any) that says nothing of `row`, which may be a part of the URL's path.
std::string url_without(const Setting& row, const SinkType* type) {
  if (type == nullptr) return kRemote;
  const std::string url(type->example);
  if (row.key == "group" || row.key == "stream") return url.substr(0, url.find('/', 14));
  return row.key == type->path_key ? url.substr(0, url.rfind('/')) : url;
}

/// What each surface makes of `text` for `row`, in the one sink of `type` or at the top.
std::map<std::string, Settings> by_each_surface(const Setting& row, const std::string& text,
                                                const SinkType* type) {
  const std::string url = url_without(row, type);
  const GivenFlag sink{find_flag("sink"), url};
  std::map<std::string, Settings> result;
  if (type == nullptr) {
    result["file"] = built({{sink}, {}, toml_line(row, text)});
    if (!row.flag.empty() && row.key != "preset") {
      result["flag"] = built({{sink, {&row, text}}, {}, ""});
      result["environment"] = built({{sink}, {{environment_name(row), text}}, ""});
    }
  }
  if (row.scope == Scope::shared || row.scope == Scope::sink) {
    const std::string parameter = "?" + std::string(row.key) + "=" + encoded(text);
    Settings by_url = built({{{find_flag("sink"), url + parameter}}, {}, ""});
    const std::string name(by_url.sinks.at(0).name);
    Settings by_table = built(
        {{}, {}, "[sinks." + name + "]\nurl = " + toml_string(url) + "\n" + toml_line(row, text)});
    if (type == nullptr) {
      // Filters at the top are said of the top as well.
      by_url.filter = by_table.filter = result.at("file").filter;
    }
    result["URL"] = std::move(by_url);
    result["sink's table"] = std::move(by_table);
  }
  return result;
}

/// A value that is not the default, and fits.
std::string sample(const Setting& row) {
  const auto other_number = [&row](const std::string& unit) {
    const std::string text = std::to_string(row.min + 1) + unit;
    return text == row.default_text ? std::to_string(row.min + 2) + unit : text;
  };
  switch (row.type()) {
    case SettingType::boolean:
      return row.default_text == "true" ? "false" : "true";
    case SettingType::integer:
    case SettingType::size:
      return other_number("");
    case SettingType::duration:
      return other_number("ms");
    case SettingType::decimal:
      return "0.5";
    case SettingType::mode:
      return "0604";
    case SettingType::signal:
      return row.default_text == "QUIT" ? "USR2" : "QUIT";
    case SettingType::level:
      return "WARNING";
    case SettingType::map:
      return std::string(row.example);
    case SettingType::choice:
      for (const SettingChoice& choice : row.choices()) {
        if (choice.name != row.default_text) return std::string(choice.name);
      }
      return "";
    case SettingType::list:
      return "143,7";
    default:
      return "xyz";
  }
}

/// Every row that a struct holds, with the type whose sink it is in; null: at the top.
void for_each_row(const std::function<void(const Setting&, const SinkType*)>& visit) {
  for (const Setting& row : settings_table()) {
    if (row.scope != Scope::command) visit(row, nullptr);
  }
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    for (const Setting& row : settings_of(*type)) visit(row, type);
  }
}

std::string label(const Setting& row, const SinkType* type) {
  return (type ? std::string(type->name) + ": " : "") + std::string(row.key);
}

/// The enumerator's name as the compiler writes it.
template <auto Enumerator>
std::string enumerator() {
  std::string text = __PRETTY_FUNCTION__;
  text = text.substr(0, text.find_first_of(";]", text.find("Enumerator = ")));
  return text.substr(text.rfind(':') + 1);
}
template <class E, std::size_t... N>
std::string name_of(E value, std::index_sequence<N...>) {
  const std::array<std::string, sizeof...(N)> names = {enumerator<static_cast<E>(N)>()...};
  return names.at(static_cast<std::size_t>(value));
}
template <class E>
std::string name_of(E value) {
  return name_of(value, std::make_index_sequence<12>());
}
std::string name_of(const std::string& text) { return text; }

/// How a choice's enumerator is named.
std::string enumerator_of(std::string_view choice) {
  std::string name(choice == "auto" ? "automatic" : choice);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

using Look = std::function<std::string(const Settings&)>;

template <class S, class Pick>
Look in_sink(Pick pick) {
  return [pick](const Settings& settings) {
    return name_of(pick(*settings.sinks.at(0).kind.get<S>()));
  };
}

/// Where the built settings have the rows that have choices: written out a second time, and here
/// only, for else no test would know a row that sets the wrong member.
const std::map<std::string, Look>& places() {
  const auto compression = [](const auto& sink) { return sink.transport.compression; };
  using S = Settings;
  static const std::map<std::string, Look> kPlaces = {
      {"preset", [](const S& s) { return name_of(s.preset); }},
      {"input.format", [](const S& s) { return name_of(s.input.format); }},
      {"input.on_invalid", [](const S& s) { return name_of(s.input.on_invalid); }},
      {"input.fifo", [](const S& s) { return name_of(s.input.fifo); }},
      {"input.start", [](const S& s) { return name_of(s.input.start); }},
      {"input.unwrap", [](const S& s) { return name_of(s.input.unwrap); }},
      {"queue.drop", [](const S& s) { return name_of(s.sinks.at(0).queue.drop); }},
      {"spool.mode", [](const S& s) { return name_of(s.sinks.at(0).spool.mode); }},
      {"enrich.cloud", [](const S& s) { return name_of(s.enrich.cloud); }},
      {"redact.action", [](const S& s) { return name_of(s.redact.action); }},
      {"redact.on_error", [](const S& s) { return name_of(s.redact.on_error); }},
      {"redact.actions", [](const S& s) { return name_of(s.redact.actions.at(0).second); }},
      {"shape.timestamp", [](const S& s) { return name_of(s.shape.timestamp); }},
      {"shape.envelope", [](const S& s) { return name_of(s.shape.envelope); }},
      {"size_guard.action", [](const S& s) { return name_of(s.size_guard.action); }},
      {"server.tap", [](const S& s) { return name_of(s.server.tap); }},
      {"stats.format", [](const S& s) { return name_of(s.stats.format); }},
      {"stats.signal", [](const S& s) { return name_of(s.stats.signal); }},
      {"delivery.order", [](const S& s) { return name_of(s.sinks.at(0).delivery.order); }},
      {"log.format", [](const S& s) { return name_of(s.log.format); }},
      {"log.level", [](const S& s) { return name_of(s.log.level); }},
      {"stdout: format", in_sink<StdoutSinkSettings>([](const auto& sink) { return sink.format; })},
      {"stdout: color", in_sink<StdoutSinkSettings>([](const auto& sink) { return sink.color; })},
      {"stdout: time", in_sink<StdoutSinkSettings>([](const auto& sink) { return sink.time; })},
      {"file: compress", in_sink<FileSinkSettings>([](const auto& sink) { return sink.compress; })},
      {"file: fsync", in_sink<FileSinkSettings>([](const auto& sink) { return sink.fsync; })},
      {"s3: compress", in_sink<S3SinkSettings>([](const auto& sink) { return sink.compress; })},
      {"http: method", in_sink<HttpSinkSettings>([](const auto& sink) { return sink.method; })},
      {"http: body", in_sink<HttpSinkSettings>([](const auto& sink) { return sink.body; })},
      {"http: compression", in_sink<HttpSinkSettings>(compression)},
      {"loki: compression", in_sink<LokiSinkSettings>(compression)},
      {"loki: encoding", in_sink<LokiSinkSettings>([](const auto& sink) { return sink.encoding; })},
      {"elasticsearch: compression", in_sink<ElasticsearchSinkSettings>(compression)},
      {"elasticsearch: op",
       in_sink<ElasticsearchSinkSettings>([](const auto& sink) { return sink.op; })},
      {"elasticsearch: aws_service",
       in_sink<ElasticsearchSinkSettings>([](const auto& sink) { return sink.aws.service; })},
      {"otlp: compression", in_sink<OtlpSinkSettings>(compression)},
      {"splunk: compression", in_sink<SplunkSinkSettings>(compression)},
      {"datadog: compression", in_sink<DatadogSinkSettings>(compression)},
      {"gcp: compression", in_sink<GcpSinkSettings>(compression)},
      {"gelf: compression", in_sink<GelfSinkSettings>(compression)},
      {"syslog: framing",
       in_sink<SyslogSinkSettings>([](const auto& sink) { return sink.framing; })},
  };
  return kPlaces;
}

}  // namespace

TEST_CASE("rows: each choice, by each surface, builds the enumerator of its name",
          "[config][rows]") {
  for_each_row([](const Setting& row, const SinkType* type) {
    if (row.choices().empty() || (type && (type->name == "kafka" || type->name == "postgres")))
      return;
    INFO(label(row, type));
    REQUIRE(places().count(label(row, type)) == 1);
    for (const SettingChoice& choice : row.choices()) {
      const std::string start = row.type() == SettingType::map ? "email=" : "";
      for (const auto& [surface, settings] :
           by_each_surface(row, start + std::string(choice.name), type)) {
        INFO(surface);
        CHECK(places().at(label(row, type))(settings) == enumerator_of(choice.name));
      }
    }
  });
}

TEST_CASE("rows: each row, by each surface, sets one member, and no other row's",
          "[config][rows]") {
  std::map<const SinkType*, std::vector<std::pair<std::string, Settings>>> seen;
  for_each_row([&seen](const Setting& row, const SinkType* type) {
    INFO(label(row, type));
    const auto results = by_each_surface(row, sample(row), type);
    REQUIRE_FALSE(results.empty());
    const Settings& settings = results.begin()->second;
    for (const auto& [surface, other] : results) {
      INFO(surface);
      CHECK((other == settings));
    }
    const GivenFlag sink{find_flag("sink"), url_without(row, type)};
    CHECK_FALSE((settings == built({{sink}, {}, ""})));
    if (!row.same_as.empty()) return;
    for (const auto& [name, other] : seen[type]) {
      INFO(name);
      CHECK_FALSE((settings == other));
    }
    seen[type].emplace_back(label(row, type), settings);
  });
}

TEST_CASE("rows: defaults are those of the structs", "[config][rows]") {
  const auto fill = [](std::span<const Setting> rows, Part Setting::*part, void* whole) {
    for (const Setting& row : rows) {
      if (row.default_text.empty() || !row.sets.set || !(row.*part)) continue;
      const Result<Value> value = value_from_text(row, row.default_text);
      REQUIRE(value.ok());
      row.sets.set(row, (row.*part)(whole), "", value.value());
    }
  };
  Settings settings;
  fill(settings_table(), &Setting::in_settings, &settings);
  CHECK((settings == Settings()));
  SinkSettings sink;
  fill(settings_table(), &Setting::in_sink, &sink);
  CHECK((sink == SinkSettings()));
  for (const SinkType* type : sink_types()) {
    if (!type->absent.empty()) continue;
    INFO(type->name);
    const SinkKind filled(*type, [&](void* destination) {
      fill(settings_of(*type), &Setting::in_destination, destination);
    });
    CHECK((filled == SinkKind(*type, [](void*) {})));
  }
}

TEST_CASE("rows: each number is taken up to its bounds and no further", "[config][rows]") {
  const auto in_unit = [](const Setting& row, std::uint64_t number) {
    if (row.type() == SettingType::duration) return std::to_string(number) + "ms";
    if (row.type() != SettingType::mode) return std::to_string(number);
    std::string octal;
    for (; number > 0; number /= 8)
      octal.insert(octal.begin(), static_cast<char>('0' + number % 8));
    return "0" + octal;
  };
  for_each_row([&](const Setting& row, const SinkType* type) {
    const bool bounded = row.type() == SettingType::integer || row.type() == SettingType::decimal ||
                         row.type() == SettingType::size || row.type() == SettingType::duration ||
                         row.type() == SettingType::mode;
    if (!bounded) return;
    INFO(label(row, type));
    CHECK(row.max < std::numeric_limits<std::int64_t>::max());
    CHECK(value_from_text(row, in_unit(row, row.min)).ok());
    CHECK(value_from_text(row, in_unit(row, row.max)).ok());
    CHECK_FALSE(value_from_text(row, in_unit(row, row.max + 1)).ok());
    if (row.min > 0) CHECK_FALSE(value_from_text(row, in_unit(row, row.min - 1)).ok());
  });
}
