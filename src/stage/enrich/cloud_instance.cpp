#include "stage/enrich/cloud_instance.hpp"

#include <fstream>
#include <utility>

#include "net/answer_text.hpp"
#include "record/field.hpp"

namespace ship {
namespace {

using Cloud = EnrichSettings::Cloud;
using std::chrono::milliseconds;

constexpr std::size_t kMaxLabel = 256;

/// Requests to one metadata service that share one time limit.
class MetadataService {
 public:
  MetadataService(const CloudQuestion& question, std::string endpoint, std::stop_token stop)
      : question_(question),
        endpoint_(std::move(endpoint)),
        stop_(std::move(stop)),
        deadline_(question.clock->steady() + question.patience) {
    if (endpoint_.find("://") == std::string::npos) endpoint_ = "http://" + endpoint_;
    while (endpoint_.ends_with('/')) endpoint_.pop_back();
  }

  void set_header(std::string name, std::string value) {
    headers_ = {{std::move(name), std::move(value)}};
  }

  /// The body of a 200 answer. Any other body is not shown: it may hold anything.
  Result<std::string> ask(std::string_view method, std::string_view path) const {
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - question_.clock->steady());
    if (left.count() <= 0)
      return Error{ErrorKind::transient, endpoint_ + " does not answer in time"};
    HttpTransport transport;
    transport.url = endpoint_;
    transport.proxy = "none";
    transport.request_timeout = left;
    auto client = question_.make_client(transport);
    if (!client) return std::move(client).error();
    HttpRequest request;
    request.method = method;
    request.url = endpoint_ + std::string(path);
    request.headers = headers_;
    Result<HttpResponse> response = client.value()->perform(request, stop_);
    if (!response) return std::move(response).error();
    if (response.value().status == 200) return std::move(response.value().body);
    return Error{ErrorKind::config,
                 request.url + ": " + describe_answer(response.value().status, "")};
  }

 private:
  const CloudQuestion& question_;
  std::string endpoint_;
  std::stop_token stop_;
  SteadyTime deadline_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

void add(Labels& labels, const char* name, std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  if (!text.empty() && text.size() <= kMaxLabel) labels.emplace_back(name, text);
}

/// Adds the texts at `paths` of a JSON object to `labels`, under the names next to the paths.
Result<Labels> read_document(const std::string& json, Labels labels,
                             const std::vector<std::pair<const char*, std::string>>& paths) {
  std::vector<std::string> wanted;
  for (const auto& [name, path] : paths) wanted.push_back(path);
  FieldFinder finder(std::move(wanted));
  const std::span<const Field> fields = finder.find(json);
  const std::size_t before = labels.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == JsonKind::string) add(labels, paths[i].first, fields[i].text);
  }
  if (labels.size() == before) {
    return Error{ErrorKind::config,
                 "the answer of the metadata service does not describe a machine"};
  }
  return labels;
}

std::string endpoint_of(const CloudQuestion& question, const char* variable, const char* usual) {
  std::string endpoint = question.variable(variable);
  return endpoint.empty() ? usual : endpoint;
}

Result<Labels> ask_aws(const CloudQuestion& question, const std::stop_token& stop) {
  if (question.variable("AWS_EC2_METADATA_DISABLED") == "true") {
    return Error{ErrorKind::config, "AWS_EC2_METADATA_DISABLED is set"};
  }
  MetadataService service(
      question,
      endpoint_of(question, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254"), stop);
  service.set_header("X-aws-ec2-metadata-token-ttl-seconds", "60");
  Result<std::string> token = service.ask("PUT", "/latest/api/token");
  if (!token) return std::move(token).error();
  service.set_header("X-aws-ec2-metadata-token", std::move(token).value());
  Result<std::string> document = service.ask("GET", "/latest/dynamic/instance-identity/document");
  if (!document) return std::move(document).error();
  return read_document(document.value(), {{"cloud_provider", "aws"}},
                       {{"cloud_region", "region"},
                        {"cloud_zone", "availabilityZone"},
                        {"cloud_account", "accountId"},
                        {"cloud_instance_id", "instanceId"},
                        {"cloud_instance_type", "instanceType"}});
}

/// "projects/123/zones/europe-west1-b" becomes "europe-west1-b".
std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

Result<Labels> ask_gcp(const CloudQuestion& question, const std::stop_token& stop) {
  MetadataService service(
      question, endpoint_of(question, "GCE_METADATA_HOST", "metadata.google.internal"), stop);
  service.set_header("Metadata-Flavor", "Google");
  Labels labels = {{"cloud_provider", "gcp"}};
  const std::string root = "/computeMetadata/v1/";
  for (const auto& [name, path] :
       {std::pair("cloud_zone", "instance/zone"), std::pair("cloud_account", "project/project-id"),
        std::pair("cloud_instance_id", "instance/id"),
        std::pair("cloud_instance_type", "instance/machine-type")}) {
    Result<std::string> answer = service.ask("GET", root + path);
    if (!answer) return std::move(answer).error();
    const std::string_view text = last_part(answer.value());
    if (std::string_view(name) == "cloud_zone")
      add(labels, "cloud_region", text.substr(0, text.rfind('-')));
    add(labels, name, text);
  }
  return labels;
}

Result<Labels> ask_azure(const CloudQuestion& question, const std::stop_token& stop) {
  MetadataService service(
      question,
      endpoint_of(question, "AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://169.254.169.254"), stop);
  service.set_header("Metadata", "true");
  Result<std::string> document =
      service.ask("GET", "/metadata/instance/compute?api-version=2021-02-01&format=json");
  if (!document) return std::move(document).error();
  return read_document(document.value(), {{"cloud_provider", "azure"}},
                       {{"cloud_region", "location"},
                        {"cloud_zone", "zone"},
                        {"cloud_account", "subscriptionId"},
                        {"cloud_instance_id", "vmId"},
                        {"cloud_instance_type", "vmSize"}});
}

Result<Cloud> recognized(const std::string& vendor_file) {
  std::string vendor;
  std::ifstream file(vendor_file);
  std::getline(file, vendor);
  if (vendor.find("Amazon") != std::string::npos) return Cloud::aws;
  if (vendor.find("Google") != std::string::npos) return Cloud::gcp;
  if (vendor.find("Microsoft") != std::string::npos) return Cloud::azure;
  return Error{ErrorKind::config, "this is not a machine of AWS, Google Cloud or Azure (" +
                                      vendor_file +
                                      (vendor.empty() ? " cannot be read" : ": " + vendor) +
                                      "); name the provider, or leave it off"};
}

}  // namespace

Result<Labels> ask_cloud_instance(const CloudQuestion& question, const std::stop_token& stop) {
  Cloud cloud = question.cloud;
  if (cloud == Cloud::automatic) {
    auto known = recognized(question.vendor_file);
    if (!known) return std::move(known).error();
    cloud = known.value();
  }
  switch (cloud) {
    case Cloud::aws:
      return ask_aws(question, stop);
    case Cloud::gcp:
      return ask_gcp(question, stop);
    case Cloud::azure:
      return ask_azure(question, stop);
    default:
      return Labels();
  }
}

}  // namespace ship
