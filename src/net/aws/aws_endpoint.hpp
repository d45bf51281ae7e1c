#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/aws/aws_signature.hpp"
#include "net/http_client.hpp"

namespace ship {

/// Credentials and when they expire; 0: never.
struct AwsLease {
  AwsCredentials credentials;
  WallNanos ends = 0;
};

using MakeHttpClient = std::function<Result<std::unique_ptr<HttpClient>>(const HttpTransport&)>;

/// The credentials of the container that the program runs in, from the endpoint of ECS or EKS at
/// `url`; `authorization` is that header's text, or empty. Takes at most 2 s. Errors: transient for
/// an endpoint that does not answer or answers 429 or 5xx; config for everything else, including a
/// plain http URL to another machine.
Result<AwsLease> fetch_container_credentials(const std::string& url,
                                             const std::string& authorization,
                                             const MakeHttpClient& make_client,
                                             const std::stop_token& stop);

/// A role obtained with a token, as Kubernetes provides on EKS.
struct AwsWebIdentity {
  std::string role_arn;
  std::string session_name;
  std::string token;
};

/// The credentials of the role, from the Security Token Service at `endpoint`
/// ("https://sts.eu-central-1.amazonaws.com"), see
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html. Takes at
/// most 5 s. Errors: transient for a service that does not answer, answers 429 or 5xx, or
/// throttles; config for a refusal, and for a plain http endpoint on another machine.
Result<AwsLease> fetch_web_identity_credentials(const AwsWebIdentity& identity,
                                                const std::string& endpoint,
                                                const MakeHttpClient& make_client,
                                                const std::stop_token& stop);

/// The credentials of the role of the EC2 instance, from its metadata service, version 2 (with a
/// session token), at `endpoint` ("http://169.254.169.254"). Takes at most 3 s. Errors: config for
/// a service that cannot be reached, as anywhere outside EC2, and for an instance without a role;
/// transient for a 429 or 5xx answer.
Result<AwsLease> fetch_instance_credentials(const std::string& endpoint,
                                            const MakeHttpClient& make_client,
                                            const std::stop_token& stop);

}  // namespace ship
