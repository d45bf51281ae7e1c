#include <fstream>
#include <regex>
#include <sstream>

#include "cli/completions.hpp"
#include "config/manual.hpp"
#include "config/preset_guide.hpp"
#include "config/print_config.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using test::Configuration;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(std::string(SHIP_TEST_DATA) + "/../../" + path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The committed file must be what the program makes. SHIP_UPDATE=1 writes it instead.
void check_generated(const std::string& path, const std::string& text) {
  const std::string full = std::string(SHIP_TEST_DATA) + "/../../" + path;
  if (std::getenv("SHIP_UPDATE") != nullptr) std::ofstream(full, std::ios::binary) << text;
  INFO(path << " differs from what the settings table says; run ship_tests \"[generated]\" with "
               "SHIP_UPDATE=1 in the environment to write it anew");
  CHECK(content_of(path) == text);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("generated files: the reference and the completions agree with the settings table",
          "[config][generated]") {
  check_generated("config/reference.toml", reference_toml());
  check_generated("completions/fapilog-ship.bash", bash_completion());
  check_generated("completions/_fapilog-ship", zsh_completion());
  check_generated("completions/fapilog-ship.fish", fish_completion());
}

TEST_CASE("generated files: the manual pages agree with the settings table",
          "[config][generated]") {
  for (const std::string path :
       {"packaging/man/fapilog-ship.1", "packaging/man/fapilog-ship.toml.5"}) {
    check_generated(path, fill_manual(content_of(path + ".in")));
  }
}

TEST_CASE("generated files: the page of presets agrees with the presets", "[config][generated]") {
  check_generated("packaging/doc/presets.md", preset_page());
}

TEST_CASE("reference: the file as it stands sets nothing and has no error", "[config]") {
  Configuration given;
  given.file("reference.toml", reference_toml());
  REQUIRE(given.problems().empty());
  CHECK(print_config(given.load().effective) == print_config(Configuration().load().effective));
}

TEST_CASE("reference: no section stands there twice", "[config]") {
  std::string sections;
  for (const std::string& line : lines_of(reference_toml())) {
    if (line.starts_with("#[")) sections += line.substr(1) + "\n";
  }
  std::vector<Problem> problems;
  load_toml(sections, Origin{}, problems);
  CHECK(problems.empty());
}

/// The keys without which this one is refused.
std::string companions_of(const std::string& setting, bool search, bool kafka) {
  std::string toml;
  const auto is = [&](const char* key) { return setting.starts_with(key); };
  if (is("password")) toml += "username = \"u\"\n";
  if (kafka && is("username")) toml += "password = \"p\"\n";
  if (kafka && (is("ca_file") || is("cert_file") || is("key_file"))) toml += "tls = true\n";
  if (is("seal_key_file") || is("anchor")) toml += "seal = true\n";
  if (is("anchor")) toml += "seal_key_file = \"k\"\n";
  if (is("key_file")) toml += "cert_file = \"c\"\n";
  const bool key = is("access_key_id");
  const bool secret = is("secret_access_key");
  const bool token = is("session_token");
  if (secret || token) toml += "access_key_id = \"k\"\n";
  if (key || token) toml += "secret_access_key = \"s\"\n";
  const bool service = is("aws_service");
  const bool region = is("region");
  if (!search || !(key || secret || token || service || region || is("profile"))) return toml;
  if (!service) toml += "aws_service = \"es\"\n";
  if (!region) toml += "region = \"r\"\n";
  return toml;
}

}  // namespace

TEST_CASE("reference: each key in it can be set to the value that it shows", "[config]") {
  std::string section;
  std::string url;
  std::size_t keys = 0;
  for (const std::string& line : lines_of(reference_toml())) {
    CHECK(line.size() <= 110);
    if (line.empty() || line[0] != '#' || line.starts_with("# ") || line == "#") continue;
    const std::string setting = line.substr(1);
    if (setting.starts_with("[")) {
      section = setting;
      if (setting.find('.') == std::string::npos) url.clear();
      continue;
    }
    if (setting.starts_with("url = ")) {
      url = section + "\n" + setting + "\n";
      continue;
    }
    ++keys;
    std::string toml = section.empty()                   ? ""
                       : url.starts_with(section + "\n") ? url
                                                         : url + section + "\n";
    if (setting.starts_with("group")) toml.erase(toml.find("/GROUP"), 13);
    if (setting.starts_with("stream = \"{")) toml.erase(toml.find("/STREAM"), 7);
    if (setting.starts_with("prefix")) toml.erase(toml.find("/PREFIX"), 7);
    if (setting.starts_with("topic")) toml.erase(toml.find("/TOPIC"), 6);
    const bool splunk = toml.find("splunk") != std::string::npos;
    if (setting.starts_with("index") && !splunk) toml.erase(toml.find("/INDEX"), 6);
    if (setting.starts_with("log = ")) toml.erase(toml.find("/LOG"), 4);
    const bool datadog = toml.find("datadog") != std::string::npos;
    const std::size_t behind_url = toml.find('\n', toml.find("url = ")) + 1;
    if (splunk && !setting.starts_with("token")) toml.insert(behind_url, "token = \"t\"\n");
    if (datadog && !setting.starts_with("api_key")) toml.insert(behind_url, "api_key = \"k\"\n");
    if (setting.starts_with("database")) toml.erase(toml.find("/DATABASE"), 9);
    if (setting.starts_with("anchor")) toml = "[sinks.loki]\nurl = \"null:\"\n" + toml;
    if (setting.starts_with("fallback")) toml = "[sinks.local]\nurl = \"null:\"\n" + toml;
    toml += companions_of(setting, toml.find("elasticsearch") != std::string::npos,
                          toml.find("kafka:") != std::string::npos);
    Configuration given;
    for (const char* name :
         {"REDACT_HASH_KEY", "API_KEY", "AWS_KEY_ID", "AWS_SECRET", "AWS_TOKEN", "STATS_TOKEN"}) {
      given.variable(name, "x");
    }
    given.variable("SPLUNK_TOKEN", "x").variable("DD_API_KEY", "x");
    given.variable("PASSWORD", "x").variable("TOKEN", "x").variable("SIGNING_SECRET", "x");
    given.file("one.toml", toml + setting + "\n");
    INFO(toml + setting);
    CHECK(given.problems().empty());
  }
  CHECK(keys > 60);
}

TEST_CASE("reference: every key of this version stands in it", "[config]") {
  const std::string text = reference_toml();
  for (const Setting& row : settings_table()) {
    if (row.scope == Scope::command || row.type() == SettingType::map) continue;
    INFO(row.key);
    CHECK(text.find("\n#" + std::string(row.key.substr(row.key.rfind('.') + 1)) + " = ") !=
          std::string::npos);
  }
}
