#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/aws/aws_credentials.hpp"
#include "net/aws/aws_endpoint.hpp"
#include "net/http_transport.hpp"
#include "stage/enrich/enrich_settings.hpp"

namespace ship {

/// Which cloud's metadata service to ask, and how.
struct CloudQuestion {
  EnrichSettings::Cloud cloud = EnrichSettings::Cloud::automatic;
  std::chrono::milliseconds patience{1000};  ///< for all requests together
  MakeHttpClient make_client;
  const Clock* clock = &system_clock();
  AwsCredentialSource::Variable variable = environment_variable;
  /// The vendor named by the firmware, which shows whose machine this is.
  std::string vendor_file = "/sys/class/dmi/id/sys_vendor";
};

/// What the cloud says about the machine that the program runs on: cloud_provider, cloud_region,
/// cloud_zone, cloud_account, cloud_instance_id, cloud_instance_type, as far as available.
///
/// The services are at 169.254.169.254 (Google: metadata.google.internal), never asked through a
/// proxy; or elsewhere if AWS_EC2_METADATA_SERVICE_ENDPOINT, GCE_METADATA_HOST or
/// AZURE_POD_IDENTITY_AUTHORITY_HOST says so. AWS is asked through version 2 of its service, with a
/// session token, and not at all if AWS_EC2_METADATA_DISABLED is true. Errors: config if this is
/// not a cloud machine, transient if the service does not answer in time.
Result<Labels> ask_cloud_instance(const CloudQuestion& question, const std::stop_token& stop);

}  // namespace ship
