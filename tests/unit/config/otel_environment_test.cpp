#include "config/otel_environment.hpp"

#include "config/print_config.hpp"
#include "sinks/otlp/otlp_settings.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/configuration.hpp"

using namespace ship;
using test::Configuration;

namespace {

OtlpSinkSettings otlp_of(const Configuration& given) {
  const Settings settings = given.settings();
  const auto* found = settings.sinks.at(0).kind.get<OtlpSinkSettings>();
  REQUIRE(found != nullptr);
  return *found;
}

std::string label_of(const Labels& labels, const std::string& name) {
  for (const auto& [key, text] : labels) {
    if (key == name) return text;
  }
  return "(none)";
}

std::string warnings_of(const Configuration& given) {
  std::string all;
  for (const std::string& warning : given.load().warnings) all += warning + "\n";
  return all;
}

}  // namespace

TEST_CASE("otel environment: otlp: goes where the variables say", "[config][otel]") {
  struct Place {
    const char* variable;
    const char* text;
    const char* url;
    bool append_path;
  };
  const Place places[] = {
      {"NOTHING", "", "http://localhost:4318/v1/logs", true},
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318", "http://c:4318/v1/logs", true},
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/base/", "https://c/base/v1/logs", true},
      {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c:4318/own", "http://c:4318/own", false},
      {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c:4318", "http://c:4318", false}};
  for (const Place& place : places) {
    INFO(place.text);
    Configuration given;
    given.flag("sink", "otlp:").variable(place.variable, place.text);
    CHECK(otlp_of(given).transport.url == place.url);
    CHECK(otlp_of(given).append_path == place.append_path);
  }
  Configuration both;
  both.flag("sink", "otlp:?compression=gzip")
      .variable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318")
      .variable("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:4318/x");
  CHECK(otlp_of(both).transport.url == "http://logs:4318/x");
  CHECK(otlp_of(both).transport.compression == Compression::gzip);
  Configuration own;
  own.flag("sink", "otlp+http://mine:4318").variable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c");
  CHECK(otlp_of(own).transport.url == "http://mine:4318");
}

TEST_CASE("otel environment: what no setting says comes from the variables, with its origin",
          "[config][otel]") {
  Configuration given;
  given.flag("sink", "otlp+http://c:4318")
      .variable("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%3Db, x-team = shop%20one")
      .variable("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")
      .variable("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
      .variable("OTEL_SERVICE_NAME", "web")
      .variable("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,host.name=h%2C1");
  const OtlpSinkSettings otlp = otlp_of(given);
  CHECK(label_of(otlp.transport.headers, "api-key") == "a=b");
  CHECK(label_of(otlp.transport.headers, "x-team") == "shop one");
  CHECK(otlp.transport.request_timeout == std::chrono::milliseconds(2500));
  CHECK(otlp.transport.compression == Compression::gzip);
  CHECK(label_of(otlp.resource_attributes, "service.name") == "web");
  CHECK(label_of(otlp.resource_attributes, "host.name") == "h,1");
  const std::string text = print_config(given.load().effective);
  for (const char* line : {"compression = \"gzip\"  # OTEL_EXPORTER_OTLP_COMPRESSION\n",
                           "api-key = \"***\"  # OTEL_EXPORTER_OTLP_HEADERS\n",
                           "\"service.name\" = \"web\"  # OTEL_SERVICE_NAME\n",
                           "\"host.name\" = \"h,1\"  # OTEL_RESOURCE_ATTRIBUTES\n",
                           "request_timeout = \"2500ms\"  # OTEL_EXPORTER_OTLP_TIMEOUT\n"}) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(text.find("a=b") == std::string::npos);
}

TEST_CASE("otel environment: each setting of the shipper's own counts before a variable",
          "[config][otel]") {
  Configuration given;
  given
      .file("a.toml",
            "[labels]\n\"service.name\" = \"label\"\n[delivery]\nrequest_timeout = \"7s\"\n"
            "[sinks.c]\nurl = \"otlp+http://c:4318?compression=none\"\nbearer_token = \"t\"\n"
            "[sinks.c.headers]\nAPI-Key = \"own\"\n"
            "[sinks.c.resource_attributes]\n\"host.name\" = \"own\"\n")
      .variable("OTEL_EXPORTER_OTLP_HEADERS", "api-key=theirs,authorization=Basic%20x")
      .variable("OTEL_EXPORTER_OTLP_TIMEOUT", "2500")
      .variable("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
      .variable("OTEL_SERVICE_NAME", "theirs")
      .variable("OTEL_RESOURCE_ATTRIBUTES", "host.name=theirs");
  const OtlpSinkSettings otlp = otlp_of(given);
  CHECK(otlp.transport.headers == Labels{{"API-Key", "own"}});
  CHECK(otlp.transport.request_timeout == std::chrono::seconds(7));
  CHECK(otlp.transport.compression == Compression::none);
  CHECK(otlp.resource_attributes == Labels{{"host.name", "own"}});
}

TEST_CASE("otel environment: a variable for logs counts before the one for all", "[config][otel]") {
  Configuration given;
  given.flag("sink", "otlp+http://c:4318")
      .variable("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=logs")
      .variable("OTEL_EXPORTER_OTLP_HEADERS", "a=all,b=all")
      .variable("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "")
      .variable("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
  CHECK(otlp_of(given).transport.headers == Labels{{"a", "logs"}});
  CHECK(otlp_of(given).transport.compression == Compression::gzip);
}

TEST_CASE("otel environment: otel_environment = false switches it off", "[config][otel]") {
  Configuration given;
  given.flag("sink", "otlp+http://c:4318?otel_environment=false")
      .variable("OTEL_EXPORTER_OTLP_HEADERS", "a=b")
      .variable("OTEL_SERVICE_NAME", "web");
  CHECK(otlp_of(given).transport.headers.empty());
  CHECK(otlp_of(given).resource_attributes.empty());
  Configuration http;
  http.flag("sink", "http://c/").variable("OTEL_EXPORTER_OTLP_HEADERS", "a=b");
  CHECK(print_config(http.load().effective).find("OTEL") == std::string::npos);
}

TEST_CASE("otel environment: what cannot be read is said, without its text", "[config][otel]") {
  Configuration given;
  given.flag("sink", "otlp+http://c:4318")
      .variable("OTEL_EXPORTER_OTLP_HEADERS", "GEHEIM,a=b,b c=d,e=%0A,f%41=g")
      .variable("OTEL_EXPORTER_OTLP_TIMEOUT", "soon");
  CHECK(otlp_of(given).transport.headers == Labels{{"a", "b"}, {"f%41", "g"}});
  const std::string said = warnings_of(given);
  CHECK(said.find("OTEL_EXPORTER_OTLP_HEADERS: entry 1 is not NAME=TEXT") != std::string::npos);
  CHECK(said.find("a header whose name or text cannot be sent") != std::string::npos);
  CHECK(said.find("OTEL_EXPORTER_OTLP_TIMEOUT is left out") != std::string::npos);
  CHECK(said.find("GEHEIM") == std::string::npos);
}

TEST_CASE(
    "otel environment: a protocol or endpoint that does not fit is an error where it would count",
    "[config][otel]") {
  const auto problem = [](const char* sink, const char* variable, const char* text) {
    Configuration given;
    given.flag("sink", sink).variable(variable, text);
    const std::vector<std::string> all = given.problems();
    return all.empty() ? std::string() : all.front();
  };
  const std::string grpc = problem("otlp:", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
  CHECK(grpc.find("OTEL_EXPORTER_OTLP_PROTOCOL asks for \"grpc\"") != std::string::npos);
  CHECK(grpc.find("port 4318") != std::string::npos);
  CHECK(problem("otlp:", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json") != "");
  CHECK(problem("otlp:", "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") == "");
  CHECK(problem("otlp+http://c:1", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc") == "");
  CHECK(problem("otlp:", "OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")
            .find("OTEL_EXPORTER_OTLP_ENDPOINT: ") == 0);
  CHECK(problem("otlp:", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c/x?key=GEHEIM").find("GEHEIM") ==
        std::string::npos);
}
