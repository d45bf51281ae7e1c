#include "net/aws/aws_credentials.hpp"

#include <fstream>
#include <map>

#include "net/aws/aws_profile.hpp"
#include "net/aws/aws_signer.hpp"
#include "record/timestamp.hpp"
#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

using namespace ship;

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A machine: its environment, its files, and what its endpoints answer.
struct Machine {
  std::map<std::string, std::string> variables;
  FakeHttpClient::Log http;
  ManualClock clock;
  AwsSettings settings;
  std::vector<HttpTransport> transports;
  std::optional<AwsCredentialSource> source;

  Machine() { clock.set_wall(*parse_time("2026-11-22T12:00:00Z")); }

  AwsCredentialSource::Variable variable() {
    return [this](const char* name) { return variables[name]; };
  }
  MakeHttpClient make_client() {
    return [this](const HttpTransport& transport) -> Result<std::unique_ptr<HttpClient>> {
      transports.push_back(transport);
      return {std::make_unique<FakeHttpClient>(http)};
    };
  }
  Result<AwsCredentials> get() {
    if (!source) source.emplace(settings, variable(), make_client(), clock);
    return source->get({});
  }
  std::string id() {
    const Result<AwsCredentials> credentials = get();
    return credentials ? credentials.value().access_key_id : "error";
  }
};

std::string lease(const std::string& id, const std::string& ends) {
  return R"({"Code":"Success","AccessKeyId":")" + id +
         R"(","SecretAccessKey":"s","Token":"t","Expiration":")" + ends + "\"}";
}

}  // namespace

TEST_CASE("aws credentials: the sink's own keys go before the environment's", "[sinks][aws]") {
  Machine machine;
  machine.variables = {{"AWS_ACCESS_KEY_ID", "env"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
  CHECK(machine.id() == "env");
  machine.source.reset();
  machine.settings.access_key_id = "own";
  machine.settings.secret_access_key = Secret::literal("o");
  CHECK(machine.id() == "own");
  CHECK(machine.get().value().session_token.empty());
  CHECK(machine.http.sent.empty());
}

TEST_CASE("aws credentials: a profile comes from the shared files, and is read again",
          "[sinks][aws]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/credentials";
  const auto write = [&](const std::string& id) {
    std::ofstream(path) << "# mine\n[default]\naws_access_key_id = " << id
                        << "\r\naws_secret_access_key=s\n\n[ other ]\n aws_access_key_id=two\n"
                           "aws_secret_access_key = a=b\naws_session_token = t\n";
  };
  write("one");
  Machine machine;
  machine.variables = {{"AWS_SHARED_CREDENTIALS_FILE", path}, {"AWS_CONFIG_FILE", "/none"}};
  CHECK(machine.id() == "one");
  write("rotated");
  CHECK(machine.id() == "one");
  machine.clock.advance(minutes(2));
  CHECK(machine.id() == "rotated");
  machine.variables["AWS_PROFILE"] = "other";
  machine.source.reset();
  CHECK(machine.get().value().secret_access_key == "a=b");
  machine.variables["AWS_ACCESS_KEY_ID"] = "env";
  machine.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  machine.settings.profile = "none";
  machine.source.reset();
  const Result<AwsCredentials> none = machine.get();
  REQUIRE(!none);
  CHECK(none.error().kind == ErrorKind::config);
  CHECK(none.error().message.find("profile \"none\" in " + path) != std::string::npos);
}

TEST_CASE("aws credentials: the configuration file names its sections otherwise", "[sinks][aws]") {
  const char* text = "[profile a]\naws_access_key_id=x\naws_secret_access_key=y\n[b]\nregion=z\n";
  CHECK(find_aws_profile(text, "a")->access_key_id == "x");
  CHECK(!find_aws_profile(text, "b"));
  CHECK(!find_aws_profile(text, "profile a"));
  CHECK(!find_aws_profile("", "a"));
  CHECK(!find_aws_profile("[a", "a"));
}

TEST_CASE("aws credentials: a container's endpoint is asked with its token, past any proxy",
          "[sinks][aws]") {
  Machine machine;
  machine.variables = {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"},
                       {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret-token"}};
  machine.http.answer(200, lease("ecs", "2026-11-22T13:00:00Z"));
  CHECK(machine.id() == "ecs");
  CHECK(machine.http.sent.at(0).url == "http://169.254.170.2/v2/x");
  CHECK(machine.http.sent.at(0).method == "GET");
  CHECK(machine.http.sent.at(0).header("Authorization") == "secret-token");
  CHECK(machine.transports.at(0).proxy == "none");
  CHECK(machine.transports.at(0).request_timeout <= seconds(2));

  machine.variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://evil.example.com/x";
  machine.source.reset();
  CHECK(machine.get().error().kind == ErrorKind::config);
  CHECK(machine.http.sent.size() == 1);
}

TEST_CASE(
    "aws credentials: a role is assumed with the cluster's token, which is read anew each time",
    "[sinks][aws]") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/token";
  std::ofstream(path) << "e y/1\n";
  const auto role = [](const std::string& id, const std::string& ends) {
    return "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
           "<AccessKeyId>" +
           id +
           "</AccessKeyId><SecretAccessKey>s+/=</SecretAccessKey>"
           "<SessionToken>t</SessionToken><Expiration>" +
           ends + "</Expiration></Credentials>";
  };
  Machine machine;
  machine.settings.region = "eu-central-1";
  machine.variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", path},
                       {"AWS_ROLE_ARN", "arn:aws:iam::1:role/ship"},
                       {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/none"}};
  machine.http.answer(200, role("first", "2026-11-22T13:00:00Z"));
  const Result<AwsCredentials> found = machine.get();
  REQUIRE(found);
  CHECK(found.value().secret_access_key == "s+/=");
  CHECK(found.value().session_token == "t");
  CHECK(machine.http.sent.at(0).url == "https://sts.eu-central-1.amazonaws.com/");
  CHECK(machine.http.sent.at(0).method == "POST");
  CHECK(machine.http.sent.at(0).header("Authorization").empty());
  CHECK(machine.http.sent.at(0).body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole"
        "%2Fship&RoleSessionName=fapilog-ship&WebIdentityToken=e%20y%2F1");
  std::ofstream(path) << "second";
  machine.clock.advance(minutes(56));
  machine.http.answer(200, role("second", "2026-11-22T14:00:00Z"));
  CHECK(machine.id() == "second");
  CHECK(machine.http.sent.at(1).body.ends_with("WebIdentityToken=second"));

  machine.clock.advance(minutes(56));
  machine.source.reset();
  machine.http.answer(400,
                      "<Error><Code>ExpiredTokenException</Code><Message>ey1</Message></Error>");
  const Result<AwsCredentials> refused = machine.get();
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::config);
  CHECK(refused.error().message ==
        "https://sts.eu-central-1.amazonaws.com: HTTP 400 Bad Request: ExpiredTokenException");
  machine.source.reset();
  machine.http.answer(400, "<Error><Code>Throttling</Code></Error>");
  CHECK(machine.get().error().kind == ErrorKind::transient);
  machine.source.reset();
  machine.http.answer(200, "<html>");
  CHECK(machine.get().error().kind == ErrorKind::config);
}

TEST_CASE("aws credentials: a role without its name, its token or TLS is said", "[sinks][aws]") {
  Machine machine;
  machine.settings.region = "cn-north-1";
  machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/none";
  CHECK(machine.get().error().message.find("without AWS_ROLE_ARN") != std::string::npos);
  machine.variables["AWS_ROLE_ARN"] = "a";
  machine.source.reset();
  CHECK(machine.get().error().message.find("/none") != std::string::npos);
  machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/dev/null";
  machine.variables["AWS_ENDPOINT_URL_STS"] = "http://sts.example.com";
  machine.source.reset();
  CHECK(machine.get().error().kind == ErrorKind::config);
  CHECK(machine.http.sent.empty());
}

TEST_CASE("aws credentials: an instance's role is read by version 2 of the metadata service",
          "[sinks][aws]") {
  Machine machine;
  machine.http.answer(200, "TOKEN");
  machine.http.answer(200, "my-role\n");
  machine.http.answer(200, lease("ec2", "2026-11-22T18:00:00Z"));
  CHECK(machine.id() == "ec2");
  REQUIRE(machine.http.sent.size() == 3);
  CHECK(machine.http.sent[0].method == "PUT");
  CHECK(machine.http.sent[0].url == "http://169.254.169.254/latest/api/token");
  CHECK(!machine.http.sent[0].header("X-aws-ec2-metadata-token-ttl-seconds").empty());
  CHECK(machine.http.sent[2].url ==
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  CHECK(machine.http.sent[1].header("X-aws-ec2-metadata-token") == "TOKEN");
  CHECK(machine.http.sent[2].header("X-aws-ec2-metadata-token") == "TOKEN");
}

TEST_CASE("aws credentials: where there are none it is for the operator, and says where it looked",
          "[sinks][aws]") {
  Machine machine;
  SECTION("the metadata service is not there") {
    machine.http.fail(ErrorKind::transient, "169.254.169.254:80: no connection within 1 s");
  }
  SECTION("the instance has no role") {
    machine.http.answer(200, "TOKEN");
    machine.http.answer(404, "none");
  }
  SECTION("the metadata service is switched off") {
    machine.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  }
  const Result<AwsCredentials> none = machine.get();
  REQUIRE(!none);
  CHECK(none.error().kind == ErrorKind::config);
  CHECK(none.error().message.find("no AWS credentials: ") == 0);
}

TEST_CASE("aws credentials: an endpoint in trouble is asked again later", "[sinks][aws]") {
  Machine machine;
  machine.http.answer(503, "secret text");
  const Result<AwsCredentials> later = machine.get();
  REQUIRE(!later);
  CHECK(later.error().kind == ErrorKind::transient);
  CHECK(later.error().message.find("secret text") == std::string::npos);
}

TEST_CASE("aws credentials: they are renewed before they end, and used on while that fails",
          "[sinks][aws]") {
  Machine machine;
  machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:9/c";
  machine.http.answer(200, lease("first", "2026-11-22T13:00:00Z"));
  CHECK(machine.id() == "first");
  machine.clock.advance(minutes(54));
  CHECK(machine.id() == "first");
  CHECK(machine.http.sent.size() == 1);

  machine.clock.advance(minutes(2));
  machine.http.fail(ErrorKind::transient, "127.0.0.1:9: cannot connect");
  CHECK(machine.id() == "first");
  CHECK(machine.id() == "first");
  CHECK(machine.http.sent.size() == 2);

  machine.clock.advance(seconds(31));
  machine.http.answer(200, lease("second", "2026-11-22T19:00:00Z"));
  CHECK(machine.id() == "second");

  machine.clock.advance(minutes(600));
  machine.http.fail(ErrorKind::transient, "127.0.0.1:9: cannot connect");
  CHECK(machine.get().error().kind == ErrorKind::transient);
}

TEST_CASE("aws signer: after a refusal it looks for other credentials", "[sinks][aws]") {
  Machine machine;
  machine.variables = {{"AWS_ACCESS_KEY_ID", "one"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
  AwsSettings settings;
  settings.service = "logs";
  settings.region = "eu-central-1";
  AwsSigner signer(settings, machine.variable(), machine.make_client(), machine.clock);
  HttpRequest request;
  request.url = "http://localhost:1/";
  REQUIRE(signer.sign(request, {}));
  CHECK(request.headers.back().second.find("Credential=one/20261122/eu-central-1/logs/") !=
        std::string::npos);
  CHECK(!signer.renew({}));
  machine.variables["AWS_ACCESS_KEY_ID"] = "two";
  CHECK(signer.renew({}));
}
