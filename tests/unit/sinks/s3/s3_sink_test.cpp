#include "sinks/s3/s3_sink.hpp"

#include "record/timestamp.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/net/decompress.hpp"
#include "tests/unit/sinks/http_contract_peer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using testing::OwnedRecords;
using testing::PeerStep;

S3SinkSettings settings_for_bucket() {
  S3SinkSettings settings;
  settings.transport.url = "http://store:1/b/";
  settings.bucket = "b";
  settings.aws.service = "s3";
  settings.aws.region = "eu-central-1";
  settings.aws.access_key_id = "AKIDEXAMPLE";
  settings.aws.secret_access_key = Secret::literal("wJalrXUtnFEMI-secret");
  return settings;
}

S3Key key_of(const std::string& prefix, const std::string& pattern, const Labels& labels = {}) {
  Result<S3Key> key = S3Key::parse(prefix, pattern);
  REQUIRE(key.ok());
  REQUIRE(key.value().set_names("web-1", labels).ok());
  return std::move(key).value();
}

std::unique_ptr<S3Sink> sink_for(const S3SinkSettings& settings,
                                 std::unique_ptr<HttpClient> client) {
  auto signer = std::make_unique<AwsSigner>(
      settings.aws, [](const char*) { return std::string(); }, make_curl_client, system_clock());
  return std::make_unique<S3Sink>(settings, key_of("logs", "%Y/{host}"), std::move(client),
                                  std::move(signer));
}

class S3Peer final : public testing::HttpContractPeer {
 public:
  explicit S3Peer(Compression compress) : compress_(compress) { recover(); }
  std::unique_ptr<Sink> make_sink() override {
    S3SinkSettings settings = settings_for_bucket();
    HttpTransport way = transport();
    way.username.clear();
    way.password = Secret();
    settings.transport = way;
    settings.transport.url += "/b/";
    settings.compress = compress_;
    settings.aws.session_token = Secret::literal(kToken);
    way.headers.clear();
    return sink_for(settings, std::move(make_curl_client(way)).value());
  }
  void recover() override { script({PeerStep::answer(200)}); }
  std::vector<std::string> secrets() const override { return {kToken, "wJalrXUtnFEMI-secret"}; }
  std::vector<std::string> lines() override {
    std::vector<std::string> all;
    for (const testing::PeerRequest& request : accepted()) {
      const std::string body =
          testing::decompress(request.header("Content-Encoding"), request.body);
      for (std::string_view rest = body; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        all.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    return all;
  }

 private:
  static constexpr const char* kToken = "session-7f3a9912";
  const Compression compress_;
};

/// A sink in front of answers from a list.
struct Bench {
  FakeHttpClient::Log log;
  S3SinkSettings settings = settings_for_bucket();
  OwnedRecords records{{R"({"a":1})", R"({"a":2})"}};

  Verdict send(bool in_doubt = false, std::string_view name = {}) {
    auto sink = sink_for(settings, std::make_unique<FakeHttpClient>(log));
    return sink->send(records.records(), SendContext{{}, "batch", in_doubt, name});
  }
  /// An error as S3 words it.
  void refuse(int status, const std::string& code, const std::string& more = {}) {
    log.answer(status, "<?xml version=\"1.0\"?>\n<Error><Code>" + code +
                           "</Code><Message>why</Message>" + more + "</Error>");
  }
};

}  // namespace

TEST_CASE("s3 sink: keeps the contract of sinks", "[sinks][s3]") {
  const auto compress = GENERATE(Compression::none, Compression::gzip, Compression::zstd);
  testing::run_sink_contract([=] { return std::make_unique<S3Peer>(compress); });
}

TEST_CASE("s3 sink: an object is put by one signed request with checksum and headers",
          "[sinks][s3]") {
  Bench bench;
  bench.settings.compress = Compression::none;
  bench.settings.transport.headers = {{"x-amz-storage-class", "STANDARD_IA"}};
  CHECK(bench.send().kind == Kind::ok);
  REQUIRE(bench.log.sent.size() == 1);
  const FakeHttpClient::Sent& sent = bench.log.sent.front();
  CHECK(sent.method == "PUT");
  CHECK(sent.body == "{\"a\":1}\n{\"a\":2}\n");
  CHECK(sent.header("Content-Type") == "application/x-ndjson");
  CHECK(sent.header("Content-Encoding").empty());
  CHECK(sent.header("X-Amz-Checksum-Crc32") == "GVrAZg==");
  CHECK(sent.header("x-amz-storage-class") == "STANDARD_IA");
  CHECK(sent.header("Authorization").find("x-amz-storage-class") != std::string::npos);
  CHECK(sent.header("Authorization").find("x-amz-checksum-crc32") != std::string::npos);
  CHECK(sent.url.starts_with("http://store:1/b/logs/2026/web-1-"));
  CHECK(sent.url.ends_with(".ndjson"));
}

TEST_CASE("s3 sink: what an answer means", "[sinks][s3]") {
  struct Row {
    int status;
    const char* code;
    Kind kind;
    const char* part;
  };
  const Row row = GENERATE(values<Row>({
      {503, "SlowDown", Kind::retry, "SlowDown"},
      {500, "InternalError", Kind::retry, "InternalError"},
      {503, "ServiceUnavailable", Kind::retry, "503"},
      {429, "", Kind::retry, "429"},
      {408, "", Kind::retry, "408"},
      {502, "", Kind::retry, "502"},
      {400, "RequestTimeout", Kind::retry, "RequestTimeout"},
      {400, "BadDigest", Kind::retry, "BadDigest"},
      {400, "IncompleteBody", Kind::retry, "IncompleteBody"},
      {409, "OperationAborted", Kind::retry, "OperationAborted"},
      {400, "EntityTooLarge", Kind::split, "EntityTooLarge"},
      {413, "", Kind::split, "413"},
      {403, "AccessDenied", Kind::hold, "s3:PutObject"},
      {403, "InvalidAccessKeyId", Kind::hold, "check the credentials"},
      {403, "SignatureDoesNotMatch", Kind::hold, "check the credentials"},
      {403, "RequestTimeTooSkewed", Kind::hold, "clock is wrong"},
      {404, "NoSuchBucket", Kind::hold, "make the bucket"},
      {400, "InvalidBucketName", Kind::hold, "correct the sink's url"},
      {301, "PermanentRedirect", Kind::hold, "set region"},
      {307, "TemporaryRedirect", Kind::hold, "set region"},
      {301, "", Kind::hold, "set region"},
      {400, "AuthorizationHeaderMalformed", Kind::hold, "set region"},
      {501, "NotImplemented", Kind::hold, "NotImplemented"},
      {400, "SomethingNew", Kind::hold, "SomethingNew"},
      {405, "", Kind::hold, "405"},
  }));
  Bench bench;
  if (*row.code == '\0') {
    bench.log.answer(row.status);
  } else {
    bench.refuse(row.status, row.code);
  }
  const Verdict verdict = bench.send();
  INFO(row.status << " " << row.code << ": " << verdict.reason);
  CHECK(verdict.kind == row.kind);
  CHECK(verdict.status == row.status);
  CHECK(verdict.reason.find(row.part) != std::string::npos);
}

TEST_CASE("s3 sink: Retry-After counts for what is tried again, not for what is halved",
          "[sinks][s3]") {
  HttpResponse response;
  response.status = 503;
  response.body = "<Error><Code>SlowDown</Code></Error>";
  response.retry_after = std::chrono::seconds(7);
  CHECK(classify_s3_answer(response, "eu-central-1").verdict.retry_after == response.retry_after);
  response.body = "<Error><Code>EntityTooLarge</Code></Error>";
  CHECK_FALSE(classify_s3_answer(response, "eu-central-1").verdict.retry_after);
}

TEST_CASE("s3 sink: of a bucket in another region the reason names the right one", "[sinks][s3]") {
  Bench bench;
  bench.refuse(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>");
  CHECK(bench.send().reason.find("(set region = \"eu-west-3\")") != std::string::npos);
  bench.refuse(301, "PermanentRedirect", "<Endpoint>b.s3.ap-south-1.amazonaws.com</Endpoint>");
  CHECK(bench.send().reason.find("b.s3.ap-south-1.amazonaws.com: set region") != std::string::npos);
}

TEST_CASE("s3 sink: what may be stored already is looked for before it is halved", "[sinks][s3]") {
  Bench bench;
  SECTION("nothing was sent before") {
    bench.refuse(400, "EntityTooLarge");
    CHECK(bench.send(false).kind == Kind::split);
    CHECK(bench.log.sent.size() == 1);
  }
  SECTION("it is there") {
    bench.refuse(400, "EntityTooLarge");
    bench.log.answer(200);
    CHECK(bench.send(true).kind == Kind::ok);
    REQUIRE(bench.log.sent.size() == 2);
    CHECK(bench.log.sent[1].method == "HEAD");
    CHECK(bench.log.sent[1].url == bench.log.sent[0].url);
  }
  SECTION("it is not") {
    bench.refuse(400, "EntityTooLarge");
    bench.log.answer(404);
    CHECK(bench.send(true).kind == Kind::split);
  }
  SECTION("nobody can tell now") {
    bench.refuse(400, "EntityTooLarge");
    bench.log.answer(503);
    CHECK(bench.send(true).kind == Kind::retry);
  }
}

TEST_CASE("s3 sink: an object that was begun keeps its name and is written as that says",
          "[sinks][s3]") {
  Bench bench;
  bench.settings.compress = Compression::gzip;
  CHECK(bench.send(true, "old/a b+c.ndjson.zst").kind == Kind::ok);
  REQUIRE(bench.log.sent.size() == 1);
  CHECK(bench.log.sent[0].url == "http://store:1/b/old/a%20b%2Bc.ndjson.zst");
  CHECK(bench.log.sent[0].header("Content-Encoding") == "zstd");
  CHECK(testing::decompress("zstd", bench.log.sent[0].body) == "{\"a\":1}\n{\"a\":2}\n");
}

TEST_CASE("s3 key: the same records have the same key, others another one", "[sinks][s3]") {
  OwnedRecords records({"{}", "{}", "{}"});
  records.at(0).id = {{0x0123456789abcdef, 0x0123456789abcdef}, 17};
  records.at(0).time = *parse_time("2026-11-22T09:00:00Z");
  S3Key key = key_of("logs/shop/", "%Y/%m/%d/{host}-{app}-%H%M%S", {{"app", "web"}});
  const std::string all = key.of(records.records(), "b", Compression::gzip);
  CHECK(all.starts_with(
      "logs/shop/2026/11/22/web-1-web-090000-0123456789abcdef0123456789abcdef-17-"));
  CHECK(all.ends_with(".ndjson.gz"));
  CHECK(key.of(records.records(), "other", Compression::gzip) == all);
  CHECK(key.of(records.records().first(2), "b", Compression::gzip) != all);
  CHECK(S3Key::compression(all) == Compression::gzip);
  CHECK(S3Key::compression("a.ndjson") == Compression::none);
  CHECK(key_of("//logs", "").of(records.records(), "b", Compression::none).starts_with("logs/0"));
  CHECK(key_of("", "").of(records.records(), "b", Compression::none).starts_with("0123456789abc"));
}

TEST_CASE("s3 key: a name in braces that is no label is an error that says so", "[sinks][s3]") {
  Result<S3Key> key = S3Key::parse("", "{team}");
  REQUIRE(key.ok());
  const Result<void> known = key.value().set_names("h", {{"app", "x"}});
  REQUIRE_FALSE(known.ok());
  CHECK(known.error().message.find("set the label team") != std::string::npos);
}

TEST_CASE("s3 sink: a bucket of AWS has a host of its own unless its name has a dot",
          "[sinks][s3]") {
  const auto url = [](const std::string& bucket, const std::string& endpoint,
                      const std::string& region) {
    S3SinkSettings settings;
    settings.endpoint_url = endpoint;
    settings.aws.region = region;
    SinkContext context;
    context.address = bucket;
    settings.complete(context);
    return settings.transport.url;
  };
  CHECK(url("logs", "", "eu-west-1") == "https://logs.s3.eu-west-1.amazonaws.com/");
  CHECK(url("a.b", "", "eu-west-1") == "https://s3.eu-west-1.amazonaws.com/a.b/");
  CHECK(url("logs", "", "cn-north-1") == "https://logs.s3.cn-north-1.amazonaws.com.cn/");
  CHECK(url("logs", "http://minio:9000", "x") == "http://minio:9000/logs/");
  CHECK(url("logs", "http://minio:9000/", "x") == "http://minio:9000/logs/");
}

}  // namespace ship
