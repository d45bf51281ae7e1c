#include "net/aws/aws_endpoint.hpp"

#include <algorithm>
#include <array>

#include "base/percent.hpp"
#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// A client for an endpoint on this machine or its host; never uses a proxy.
Result<std::unique_ptr<HttpClient>> make_local_client(const MakeHttpClient& make_client,
                                                      const std::string& url,
                                                      milliseconds timeout) {
  HttpTransport transport;
  transport.url = url;
  transport.proxy = "none";
  transport.request_timeout = timeout;
  return make_client(transport);
}

/// The body of a 200 answer. Any other body is not shown: it may hold anything.
Result<std::string> fetch(HttpClient& client, const HttpRequest& request,
                          const std::stop_token& stop) {
  Result<HttpResponse> response = client.perform(request, stop);
  if (!response) return std::move(response).error();
  const int status = response.value().status;
  if (status == 200) return std::move(response.value().body);
  return Error{status == 429 || status >= 500 ? ErrorKind::transient : ErrorKind::config,
               request.url + ": " + describe_answer(status, "")};
}

Result<AwsLease> read_lease(const std::string& json, const std::string& url) {
  FieldFinder finder({"AccessKeyId", "SecretAccessKey", "Token", "Expiration"});
  const std::span<const Field> fields = finder.find(json);
  AwsLease lease;
  lease.credentials.access_key_id = fields[0].text;
  lease.credentials.secret_access_key = fields[1].text;
  if (fields[2].kind == JsonKind::string) lease.credentials.session_token = fields[2].text;
  if (fields[0].kind != JsonKind::string || fields[1].kind != JsonKind::string) {
    return Error{ErrorKind::config, url + ": the answer holds no credentials"};
  }
  if (fields[3].kind == JsonKind::string) {
    lease.ends = parse_time(fields[3].text).value_or(0);
  }
  return lease;
}

/// Plain http may carry credentials only where nobody can listen in: on this machine and to the
/// link-local addresses of ECS and EKS.
bool is_private_endpoint(std::string_view url) {
  if (url.starts_with("https://")) return true;
  constexpr std::string_view kHttp = "http://";
  if (!url.starts_with(kHttp)) return false;
  url.remove_prefix(kHttp.size());
  std::string_view host = url.substr(0, url.find('/'));
  host =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  constexpr std::array<std::string_view, 6> kHosts = {
      "127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  return std::find(kHosts.begin(), kHosts.end(), host) != kHosts.end();
}

/// The text between <name> and </name>; empty if there is none. The values needed here contain no
/// character that XML would escape.
std::string xml_text(std::string_view xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  xml.remove_prefix(begin + open.size());
  const std::size_t end = xml.find("</" + std::string(name) + ">");
  return end == std::string_view::npos ? "" : std::string(xml.substr(0, end));
}

void append_parameter(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form.append(name).append("=").append(percent_encoded(value));
}

/// Why the service gave no credentials. Leaves out its message, which may repeat the token.
Error role_refusal(const HttpResponse& response, const std::string& url) {
  const std::string code = one_line(xml_text(response.body, "Code"), 100);
  const bool later = response.status == 429 || response.status >= 500 ||
                     code.find("Throttl") != std::string::npos || code == "IDPCommunicationError";
  return {later ? ErrorKind::transient : ErrorKind::config,
          url + ": " + describe_answer(response.status, code)};
}

}  // namespace

Result<AwsLease> fetch_container_credentials(const std::string& url,
                                             const std::string& authorization,
                                             const MakeHttpClient& make_client,
                                             const std::stop_token& stop) {
  if (!is_private_endpoint(url)) {
    return Error{ErrorKind::config,
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI leads off this machine "
                 "without TLS; use https or a loopback address"};
  }
  auto client = make_local_client(make_client, url, milliseconds(2000));
  if (!client) return std::move(client).error();
  HttpRequest request;
  request.method = "GET";
  request.url = url;
  if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
  Result<std::string> body = fetch(*client.value(), request, stop);
  if (!body) return std::move(body).error();
  return read_lease(body.value(), url);
}

Result<AwsLease> fetch_web_identity_credentials(const AwsWebIdentity& identity,
                                                const std::string& endpoint,
                                                const MakeHttpClient& make_client,
                                                const std::stop_token& stop) {
  if (!is_private_endpoint(endpoint)) {
    return Error{ErrorKind::config,
                 "AWS_ENDPOINT_URL_STS leads off this machine without TLS; use "
                 "https or a loopback address"};
  }
  HttpTransport transport;
  transport.url = endpoint;
  transport.request_timeout = milliseconds(5000);
  auto client = make_client(transport);
  if (!client) return std::move(client).error();
  std::string form;
  append_parameter(form, "Action", "AssumeRoleWithWebIdentity");
  append_parameter(form, "Version", "2011-06-15");
  append_parameter(form, "RoleArn", identity.role_arn);
  append_parameter(form, "RoleSessionName", identity.session_name);
  append_parameter(form, "WebIdentityToken", identity.token);
  HttpRequest request;
  request.url = endpoint + "/";
  request.body = form;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  const Result<HttpResponse> response = client.value()->perform(request, stop);
  if (!response) return response.error();
  if (response.value().status != 200) return role_refusal(response.value(), endpoint);
  const std::string& xml = response.value().body;
  AwsLease lease;
  lease.credentials = {xml_text(xml, "AccessKeyId"), xml_text(xml, "SecretAccessKey"),
                       xml_text(xml, "SessionToken")};
  if (lease.credentials.access_key_id.empty() || lease.credentials.secret_access_key.empty()) {
    return Error{ErrorKind::config, endpoint + ": the answer holds no credentials"};
  }
  lease.ends = parse_time(xml_text(xml, "Expiration")).value_or(0);
  return lease;
}

Result<AwsLease> fetch_instance_credentials(const std::string& endpoint,
                                            const MakeHttpClient& make_client,
                                            const std::stop_token& stop) {
  auto client = make_local_client(make_client, endpoint, milliseconds(1000));
  if (!client) return std::move(client).error();
  HttpRequest request;
  request.method = "PUT";
  request.url = endpoint + "/latest/api/token";
  request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}};
  Result<std::string> token = fetch(*client.value(), request, stop);
  if (!token) {
    Error error = std::move(token).error();
    // Outside EC2 nobody answers: that is a configuration problem.
    if (error.message.find("HTTP ") == std::string::npos) error.kind = ErrorKind::config;
    return std::move(error).in("instance metadata");
  }
  request.method = "GET";
  request.url = endpoint + "/latest/meta-data/iam/security-credentials/";
  request.headers = {{"X-aws-ec2-metadata-token", token.value()}};
  Result<std::string> role = fetch(*client.value(), request, stop);
  if (!role) return std::move(role).error().in("instance metadata");
  request.url += role.value().substr(0, role.value().find_first_of("\r\n"));
  Result<std::string> body = fetch(*client.value(), request, stop);
  if (!body) return std::move(body).error().in("instance metadata");
  return read_lease(body.value(), request.url);
}

}  // namespace ship
