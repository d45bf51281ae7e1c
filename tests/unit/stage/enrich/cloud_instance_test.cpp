#include "stage/enrich/cloud_instance.hpp"

#include <fstream>
#include <map>

#include "tests/catch.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/temporary_directory.hpp"

using namespace ship;

namespace {

using Cloud = EnrichSettings::Cloud;
using std::chrono::milliseconds;

/// A machine in a cloud, or in none.
struct Machine {
  std::map<std::string, std::string> variables;
  FakeHttpClient::Log http;
  ManualClock clock;
  std::vector<HttpTransport> transports;
  milliseconds each_takes{0};
  TemporaryDirectory directory;

  Result<Labels> ask(Cloud cloud) {
    CloudQuestion question;
    question.cloud = cloud;
    question.make_client =
        [this](const HttpTransport& transport) -> Result<std::unique_ptr<HttpClient>> {
      transports.push_back(transport);
      clock.advance(each_takes);
      return {std::make_unique<FakeHttpClient>(http)};
    };
    question.clock = &clock;
    question.variable = [this](const char* name) { return variables[name]; };
    question.vendor_file = directory.path() + "/sys_vendor";
    return ask_cloud_instance(question, {});
  }
  void vendor(const std::string& name) {
    std::ofstream(directory.path() + "/sys_vendor") << name << "\n";
  }
};

constexpr const char* kAwsDocument =
    R"({"accountId":"123456789012","availabilityZone":"eu-west-1b","instanceId":"i-0abc",)"
    R"("instanceType":"m7g.large","kernelId":null,"region":"eu-west-1"})";

}  // namespace

TEST_CASE("cloud: AWS is asked for a token first, then once for all", "[sinks][cloud]") {
  Machine machine;
  machine.http.answer(200, "the-token");
  machine.http.answer(200, kAwsDocument);
  const auto labels = machine.ask(Cloud::aws);
  REQUIRE(labels);
  CHECK(labels.value() == Labels{{"cloud_provider", "aws"},
                                 {"cloud_region", "eu-west-1"},
                                 {"cloud_zone", "eu-west-1b"},
                                 {"cloud_account", "123456789012"},
                                 {"cloud_instance_id", "i-0abc"},
                                 {"cloud_instance_type", "m7g.large"}});
  REQUIRE(machine.http.sent.size() == 2);
  CHECK(machine.http.sent[0].method == "PUT");
  CHECK(machine.http.sent[0].url == "http://169.254.169.254/latest/api/token");
  CHECK(machine.http.sent[1].header("X-aws-ec2-metadata-token") == "the-token");
  CHECK(machine.transports[0].proxy == "none");
}

TEST_CASE("cloud: Google's answers are the last parts of paths, the region that of the zone",
          "[sinks][cloud]") {
  Machine machine;
  machine.http.answer(200, "projects/42/zones/europe-west1-b");
  machine.http.answer(200, "shop-prod");
  machine.http.answer(200, "8877665544");
  machine.http.answer(200, "projects/42/machineTypes/e2-small");
  const auto labels = machine.ask(Cloud::gcp);
  REQUIRE(labels);
  CHECK(labels.value() == Labels{{"cloud_provider", "gcp"},
                                 {"cloud_region", "europe-west1"},
                                 {"cloud_zone", "europe-west1-b"},
                                 {"cloud_account", "shop-prod"},
                                 {"cloud_instance_id", "8877665544"},
                                 {"cloud_instance_type", "e2-small"}});
  CHECK(machine.http.sent[0].url ==
        "http://metadata.google.internal/computeMetadata/v1/instance/zone");
  for (const auto& sent : machine.http.sent) CHECK(sent.header("Metadata-Flavor") == "Google");
}

TEST_CASE("cloud: of Azure's answer what is empty is left out", "[sinks][cloud]") {
  Machine machine;
  machine.variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:99/";
  machine.http.answer(
      200,
      R"({"location":"westeurope","subscriptionId":"s-1","vmId":"v-1","vmSize":"B2","zone":""})");
  const auto labels = machine.ask(Cloud::azure);
  REQUIRE(labels);
  CHECK(labels.value() == Labels{{"cloud_provider", "azure"},
                                 {"cloud_region", "westeurope"},
                                 {"cloud_account", "s-1"},
                                 {"cloud_instance_id", "v-1"},
                                 {"cloud_instance_type", "B2"}});
  CHECK(machine.http.sent[0].url.starts_with("http://127.0.0.1:99/metadata/instance/compute?"));
  CHECK(machine.http.sent[0].header("Metadata") == "true");
}

TEST_CASE("cloud: the firmware tells whose machine it is, and off a cloud nobody is asked",
          "[sinks][cloud]") {
  Machine machine;
  CHECK(machine.ask(Cloud::automatic).error().kind == ErrorKind::config);
  machine.vendor("QEMU");
  CHECK_THAT(machine.ask(Cloud::automatic).error().message, Catch::Contains("sys_vendor: QEMU"));
  CHECK(machine.http.sent.empty());
  machine.vendor("Amazon EC2");
  machine.http.answer(200, "t");
  machine.http.answer(200, kAwsDocument);
  CHECK(machine.ask(Cloud::automatic));
}

TEST_CASE("cloud: all requests together have the time that was given", "[sinks][cloud]") {
  Machine machine;
  machine.each_takes = milliseconds(400);
  for (int i = 0; i < 4; ++i) machine.http.answer(200, "projects/1/zones/a-b-c");
  const auto labels = machine.ask(Cloud::gcp);
  REQUIRE_FALSE(labels);
  CHECK(labels.error().kind == ErrorKind::transient);
  CHECK(machine.http.sent.size() == 3);
  CHECK(machine.transports.back().request_timeout == milliseconds(200));
}

TEST_CASE("cloud: what fails is told without the body, and a switch turns AWS off",
          "[sinks][cloud]") {
  Machine machine;
  machine.http.answer(403, "a secret");
  const auto refused = machine.ask(Cloud::aws);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("403") && !Catch::Contains("secret"));
  machine.http.answer(200, "t");
  machine.http.answer(200, "<html>");
  CHECK_FALSE(machine.ask(Cloud::aws));
  machine.http.sent.clear();
  machine.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  CHECK_FALSE(machine.ask(Cloud::aws));
  CHECK(machine.http.sent.empty());
}
