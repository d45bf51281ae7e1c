#include "net/aws/aws_signer.hpp"

namespace ship {

AwsSigner::AwsSigner(AwsSettings settings, AwsCredentialSource::Variable variable,
                     MakeHttpClient make_client, const Clock& clock)
    : scope_{settings.region, settings.service},
      source_(std::move(settings), std::move(variable), std::move(make_client), clock),
      clock_(clock) {}

Result<void> AwsSigner::sign(HttpRequest& request, const std::stop_token& stop) {
  Result<AwsCredentials> credentials = source_.get(stop);
  if (!credentials) return std::move(credentials).error();
  return sign_aws_request(request, credentials.value(), scope_, clock_.wall());
}

bool AwsSigner::renew(const std::stop_token& stop) {
  const Result<AwsCredentials> before = source_.get(stop);
  source_.forget();
  const Result<AwsCredentials> after = source_.get(stop);
  return before && after &&
         (before.value().access_key_id != after.value().access_key_id ||
          before.value().secret_access_key != after.value().secret_access_key ||
          before.value().session_token != after.value().session_token);
}

}  // namespace ship
