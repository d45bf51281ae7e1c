#pragma once

#include <memory>
#include <stop_token>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/aws/aws_credentials.hpp"
#include "net/aws/aws_signature.hpp"

namespace ship {

/// Signs the requests of one sink, with credentials that it finds and renews. Belongs to the
/// worker's thread; see AwsCredentialSource for how long that may wait.
class AwsSigner {
 public:
  AwsSigner(AwsSettings settings, AwsCredentialSource::Variable variable,
            MakeHttpClient make_client, const Clock& clock);

  /// Adds the headers of a signed request. Errors: those of AwsCredentialSource::get.
  Result<void> sign(HttpRequest& request, const std::stop_token& stop);

  /// The server did not accept the credentials. True if others were found that are worth another
  /// request at once.
  bool renew(const std::stop_token& stop);

 private:
  const AwsScope scope_;
  AwsCredentialSource source_;
  const Clock& clock_;
};

}  // namespace ship
