#include "sinks/loki/loki_answer.hpp"

#include <set>

#include "tests/catch.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using testing::OwnedRecords;

constexpr WallNanos kSecond = 1'000'000'000;
constexpr WallNanos kBase = 1700000000 * kSecond;  // 2023-11-14T22:13:20Z

/// Six records in two streams: 0, 2, 4 in {app="a",user="x"}, 1, 3, 5 in {app="a",user="y\"z"};
/// each one second after the one before.
struct Pushed {
  OwnedRecords records;
  LokiStreams streams;

  static LokiSinkSettings settings() {
    LokiSinkSettings settings;
    settings.labels = {{"app", "a"}};
    settings.label_fields = {"user"};
    settings.structured_metadata = {"m"};
    return settings;
  }

  Pushed()
      : records({R"({"user":"x"})", R"({"user":"y\"z"})", R"({"user":"x","m":"12345"})",
                 R"({"user":"y\"z","pad":"0123456789"})", R"({"user":"x","m":"12345"})",
                 R"({"user":"y\"z","pad":"9876543210"})"}),
        streams(settings(), {}, [](LogLevel, const std::string&) {}) {
    for (std::uint32_t i = 0; i < 6; ++i) {
      records.at(i).time = kBase + i * kSecond + 123;
      streams.add(records.records()[i], i);
    }
  }

  Verdict answer(int status, std::string body = {}) const {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.retry_after = std::chrono::seconds(3);
    return classify_loki_answer(response, streams, records.records());
  }

  /// The indices that the text refuses, and the number of those without a name.
  std::pair<std::set<std::uint32_t>, std::uint32_t> refused(const std::string& body) const {
    const Verdict verdict = answer(400, body);
    CHECK(verdict.kind == Kind::partial);
    std::set<std::uint32_t> indices;
    std::uint32_t last = 0;
    for (const Verdict::Item& item : verdict.items) {
      CHECK(item.index >= last);
      CHECK(!item.retry);
      CHECK(item.status == 400);
      CHECK(!item.reason.empty());
      last = item.index;
      CHECK(indices.insert(item.index).second);
    }
    return {indices, verdict.unnamed_rejections};
  }
};

using Refused = std::pair<std::set<std::uint32_t>, std::uint32_t>;

// As the server prints them: sorted, a blank behind the comma, its own label added.
const std::string kX = R"({app="a", service_name="a", user="x"})";
const std::string kY = R"({app="a", service_name="a", user="y\"z"})";

}  // namespace

TEST_CASE("loki answers: each status means what the table says", "[loki][answer]") {
  const Pushed pushed;
  struct Row {
    int status;
    Kind kind;
    const char* body;
  };
  const Row row = GENERATE(values<Row>({
      {204, Kind::ok, ""},
      {200, Kind::ok, ""},
      {260, Kind::hold,
       "ingestion blocked for user fake until '2026-01-01T00:00:00Z' with status code '260'"},
      {260, Kind::hold, ""},
      {299, Kind::hold, ""},
      {400, Kind::hold,
       "ingestion blocked for user fake until '2026-01-01T00:00:00Z' with status code '400'"},
      {503, Kind::hold,
       "ingestion blocked for user fake until '2026-01-01T00:00:00Z' with status code '503'"},
      {301, Kind::hold, ""},
      {400, Kind::split, ""},
      {400, Kind::split,
       "couldn't parse labels: 1:3: parse error: unexpected character inside braces: '.'"},
      {400, Kind::split, "snappy: corrupt input"},
      {400, Kind::split,
       "loghttp.PushRequest.Streams: []loghttp.LogProtoStream: unmarshalerDecoder: bad"},
      {400, Kind::split, "error at least one label pair is required per stream"},
      {400, Kind::split, "rpc error: received message larger than max (10485760 vs 4194304)"},
      {500, Kind::split,
       "rpc error: code = ResourceExhausted desc = trying to send message larger than max (5 vs "
       "4)"},
      {400, Kind::hold, "tenant ID 'a/b' contains unsupported character '/'"},
      {400, Kind::hold, "multiple org IDs present"},
      {401, Kind::hold, "no org id"},
      {403, Kind::hold, ""},
      {404, Kind::hold, "404 page not found"},
      {405, Kind::hold, ""},
      {408, Kind::retry, ""},
      {413, Kind::split, ""},
      {415, Kind::hold, ""},
      {422, Kind::split, "error at least one valid stream is required for ingestion"},
      {429, Kind::retry, ""},
      {429, Kind::retry,
       "Maximum active stream limit exceeded when trying to create stream {app=\"a\"}, reduce"},
      {500, Kind::retry, "at least 2 live replicas required, could only find 1"},
      {502, Kind::retry, ""},
      {503, Kind::retry, ""},
      {504, Kind::retry, ""},
  }));
  CAPTURE(row.status, row.body);
  const Verdict verdict = pushed.answer(row.status, row.body);
  CHECK(verdict.kind == row.kind);
  CHECK(verdict.status == row.status);
  const bool waits = row.kind == Kind::retry || row.kind == Kind::hold;
  CHECK(verdict.retry_after.has_value() == waits);
}

TEST_CASE("loki answers: a request above the tenant's rate is split, a record above it refused",
          "[loki][answer]") {
  const Pushed pushed;
  const auto text = [](const char* limit, const char* total) {
    return std::string("Ingestion rate limit exceeded for user fake (limit: ") + limit +
           " bytes/sec) while attempting to ingest '6' lines totaling '" + total +
           "' bytes, reduce log volume or contact your Loki administrator";
  };
  CHECK(pushed.answer(429, text("1000", "1001")).kind == Kind::split);
  CHECK(!pushed.answer(429, text("1000", "1001")).retry_after);
  CHECK(pushed.answer(429, text("1000", "1000")).kind == Kind::retry);
  CHECK(pushed.answer(429, text("x", "1001")).kind == Kind::retry);
  CHECK(pushed.answer(429, "Ingestion rate limit exceeded (limit: 1").kind == Kind::retry);

  // A record alone cannot be made smaller.
  LokiStreams one(Pushed::settings(), {}, {});
  one.add(pushed.records.records()[0], 0);
  HttpResponse response;
  response.status = 429;
  response.body = text("1000", "1001");
  const auto alone = pushed.records.records().first(1);
  CHECK(classify_loki_answer(response, one, alone).kind == Kind::reject);
  response.body = text("1000", "1000");
  CHECK(classify_loki_answer(response, one, alone).kind == Kind::retry);
}

TEST_CASE("loki answers: entries that the distributor refused are found again", "[loki][answer]") {
  const Pushed pushed;
  const std::string limit = ", oldest acceptable timestamp is: 2023-11-14T22:13:25Z";
  SECTION("too old, one") {
    CHECK(pushed.refused("entry for stream '" + kX +
                         "' has timestamp too old: 2023-11-14T22:13:22Z" + limit) ==
          Refused({2}, 0));
  }
  SECTION("too old, several kinds of messages") {
    CHECK(pushed.refused("1 errors like: entry for stream '" + kX +
                         "' has timestamp too old: 2023-11-14T22:13:20Z" + limit +
                         "; 1 errors like: entry for stream '" + kY +
                         "' has timestamp too old: 2023-11-14T23:13:21+01:00" + limit +
                         "; 1 errors like: entry for stream '" + kX +
                         "' has timestamp too new: 2023-11-14T22:13:24Z") == Refused({0, 1, 4}, 0));
  }
  SECTION("as Loki 2.4 says it") {
    CHECK(pushed.refused(
              "2 errors: entry for stream '" + kX +
              "' has timestamp too old: 2023-11-14T22:13:20Z" + limit + "; entry for stream '" +
              kX + "' has timestamp too old: 2023-11-14T22:13:22Z" + limit) == Refused({0, 2}, 0));
  }
  SECTION("a line too long") {
    CHECK(pushed.refused("2 errors like: Max entry size '30' bytes exceeded for stream '" + kY +
                         "' while adding an entry with length '34' bytes") == Refused({3, 5}, 0));
    CHECK(pushed.refused("Max entry size '30' bytes exceeded for stream '" + kY +
                         "' while adding an entry with length '34' bytes") == Refused({3}, 0));
  }
  SECTION("metadata") {
    CHECK(pushed.refused("2 errors like: stream '" + kX +
                         "' has structured metadata too large: '6' bytes, limit: '5' bytes. Please "
                         "see `limits_config`") == Refused({2, 4}, 0));
    CHECK(pushed.refused("stream '" + kX +
                         "' has too many structured metadata labels: '1', limit: '0'.") ==
          Refused({2}, 0));
    CHECK(pushed.refused("2 errors like: stream '" + kX +
                         "' includes structured metadata, but this feature is disallowed.") ==
          Refused({2, 4}, 0));
  }
  SECTION("whole streams") {
    const Refused all_of_x({0, 2, 4}, 0);
    CHECK(pushed.refused("entry for stream '" + kX + "' has 16 label names; limit 15") == all_of_x);
    CHECK(pushed.refused("stream '" + kX + "' has label name too long: 'user'") == all_of_x);
    CHECK(pushed.refused("stream '" + kX + "' has label value too long: 'x'") == all_of_x);
    CHECK(pushed.refused("stream '" + kX + "' has duplicate label name: 'user'") == all_of_x);
    CHECK(pushed.refused("Error parsing labels '" + kX + "' with error: parse error") == all_of_x);
    CHECK(pushed.refused("missing required labels env for user fake for stream " + kX) == all_of_x);
  }
  SECTION("reasons tell what the server said") {
    const Verdict verdict =
        pushed.answer(400, "1 errors like: entry for stream '" + kX + "' has timestamp too old: " +
                               "2023-11-14T22:13:22Z" + limit + "; 1 errors like: something else");
    CHECK(verdict.reason.find("1 errors like") != std::string::npos);
    CHECK(verdict.items.at(0).reason == "HTTP 400: entry for stream '" + kX +
                                            "' has timestamp too old: 2023-11-14T22:13:22Z" +
                                            limit);
  }
}

TEST_CASE("loki answers: entries that the ingester refused are found again", "[loki][answer]") {
  const Pushed pushed;
  const auto entry = [](const char* time) {
    return std::string("entry with timestamp ") + time +
           " ignored, reason: 'entry too far behind, oldest acceptable timestamp is: "
           "2023-11-14T22:13:24Z',\n";
  };
  SECTION("all are named") {
    CHECK(pushed.refused(entry("2023-11-14 22:13:20.000000123 +0000 UTC") +
                         entry("2023-11-14 22:13:22.000000123 +0000 UTC") +
                         "user 'fake', total ignored: 2 out of 3 for stream: " + kX) ==
          Refused({0, 2}, 0));
  }
  SECTION("more than are named") {
    CHECK(pushed.refused(entry("2023-11-14 22:13:20.000000123 +0000 UTC") +
                         "user 'fake', total ignored: 3 out of 3 for stream: " + kX) ==
          Refused({0, 2, 4}, 0));
    CHECK(pushed.refused(entry("2023-11-14 22:13:20.000000123 +0000 UTC") +
                         "user 'fake', total ignored: 2 out of 3 for stream: " + kX) ==
          Refused({0, 2}, 0));
  }
  SECTION("a named one that is not there") {
    CHECK(pushed.refused(entry("2001-11-14 22:13:20 +0000 UTC") +
                         "user 'fake', total ignored: 1 out of 3 for stream: " + kX) ==
          Refused({}, 1));
  }
  SECTION("labels that the server added by sharding") {
    CHECK(pushed.refused(entry("2023-11-14 22:13:22.000000123 +0000 UTC") +
                         "user 'fake', total ignored: 1 out of 2 for stream: "
                         R"({__stream_shard__="1", app="a", service_name="a", user="x"})") ==
          Refused({2}, 0));
  }
  SECTION("as Loki before 2.4 says it") {
    const std::string reason = " ignored, reason: 'entry out of order' for stream: ";
    CHECK(pushed.refused("entry with timestamp 2023-11-14 22:13:20.000000123 +0000 UTC" + reason +
                         kX + ",\nentry with timestamp 2023-11-14 22:13:24.000000123 +0000 UTC" +
                         reason + kX + ",\ntotal ignored: 3 out of 3") == Refused({0, 4}, 1));
  }
}

TEST_CASE("loki answers: what is refused without a name is counted, and no more than was sent",
          "[loki][answer]") {
  const Pushed pushed;
  const std::string unknown = R"({app="other"})";
  CHECK(pushed.refused("3 errors like: entry for stream '" + unknown +
                       "' has timestamp too new: 2023-11-14T22:13:22Z") == Refused({}, 3));
  CHECK(pushed.refused("9000 errors like: entry for stream '" + kX +
                       "' has timestamp too new: 2023-11-14T22:13:22Z") == Refused({2}, 5));
  CHECK(pushed.refused("stream '" + unknown + "' has label name too long: 'x'") == Refused({}, 1));
}

TEST_CASE("loki answers: text that names no refusal stays a split", "[loki][answer]") {
  const Pushed pushed;
  for (const std::string& body :
       {std::string("stream '{"), std::string("stream '{a="), std::string("stream '{a=\"b"),
        "stream '" + kX, "stream '" + kX + "'", "stream '" + kX + "' is odd",
        "couldn't parse " + kX, std::string("{{{{{{"), std::string(R"(stream '{a="\q"}')"),
        std::string(R"(stream '{a="\u12"}')"), std::string("total ignored: 9 out of 9")}) {
    CAPTURE(body);
    CHECK(pushed.answer(400, body).kind == Kind::split);
  }
}

}  // namespace ship
