#include <sstream>

#include "sinks/elasticsearch/elasticsearch_sink.hpp"
#include "tests/catch.hpp"
#include "tests/models/any_objects.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {

TEST_CASE("elasticsearch sink: a document has no name twice that its record had once (D1)",
          "[sinks][elasticsearch]") {
  testing::AnyObjects random(13);
  std::vector<std::string> lines;
  for (int i = 0; i < 2000; ++i) lines.push_back(random.object(0));
  FakeHttpClient::Log log;
  ElasticsearchSinkSettings settings;
  settings.transport.url = "http://es:9200";
  settings.index = "logs";
  auto sink = ElasticsearchSink::make(settings, std::make_unique<FakeHttpClient>(log));
  REQUIRE(sink);
  sink.value()->send(testing::OwnedRecords(lines).records(), {});
  std::istringstream body(log.sent.at(0).body);
  std::size_t documents = 0;
  for (std::string action, document; std::getline(body, action);) {
    REQUIRE(std::getline(body, document));
    INFO(document);
    CHECK(testing::repeated_name(document) == "");
    CHECK(document.find("timestamp\":") != std::string::npos);
    ++documents;
  }
  CHECK(documents == lines.size());
}

}  // namespace ship
