#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_client.hpp"

namespace ship {

/// What a request to AWS is signed with. Temporary credentials come with a token.
struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
};

/// What a signature is valid for: "eu-central-1" and "logs", "es" or "aoss".
struct AwsScope {
  std::string region;
  std::string service;
};

/// Adds to `request.headers` what AWS needs to accept the request: X-Amz-Date, X-Amz-Security-Token
/// if there is one, X-Amz-Content-Sha256 if the service wants it (aoss, s3), and Authorization.
/// Signature Version 4,
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html. Host is signed as
/// an HTTP client sends it, without the scheme's default port. Errors: config, for a URL that has
/// no host.
Result<void> sign_aws_request(HttpRequest& request, const AwsCredentials& credentials,
                              const AwsScope& scope, WallNanos now);

}  // namespace ship
