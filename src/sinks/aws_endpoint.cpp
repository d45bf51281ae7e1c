#include "sinks/aws_endpoint.hpp"

#include <algorithm>
#include <array>

#include "record/field.hpp"
#include "record/timestamp.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// A client for an endpoint on this machine or its host: never by a proxy.
Result<std::unique_ptr<HttpClient>> make_local_client(const MakeHttpClient& make_client,
                                                      const std::string& url,
                                                      milliseconds timeout) {
  HttpTransport transport;
  transport.url = url;
  transport.proxy = "none";
  transport.request_timeout = timeout;
  return make_client(transport);
}

/// The body of an answer 200. The body of any other is not shown: it may hold anything.
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
  if (fields[2].kind == Field::Kind::text) lease.credentials.session_token = fields[2].text;
  if (fields[0].kind != Field::Kind::text || fields[1].kind != Field::Kind::text) {
    return Error{ErrorKind::config, url + ": the answer holds no credentials"};
  }
  if (fields[3].kind == Field::Kind::text) {
    lease.ends = parse_time(fields[3].text).value_or(0);
  }
  return lease;
}

/// Plain http may carry credentials only where nobody listens: this machine and the link-local
/// addresses of ECS and EKS.
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
    // Off EC2 nobody is there: that is a matter of the set-up.
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
