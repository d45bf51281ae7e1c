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

/// Whose metadata service is asked, and how.
struct CloudQuestion {
  EnrichSettings::Cloud cloud = EnrichSettings::Cloud::automatic;
  std::chrono::milliseconds patience{1000};  ///< for all requests together
  MakeHttpClient make_client;
  const Clock* clock = &system_clock();
  AwsCredentialSource::Variable variable = environment_variable;
  /// What the firmware calls its maker; tells whose machine this is.
  std::string vendor_file = "/sys/class/dmi/id/sys_vendor";
};

/// What the cloud says of the machine that the program runs on: cloud_provider, cloud_region,
/// cloud_zone, cloud_account, cloud_instance_id, cloud_instance_type, those that it has.
///
/// The services are at 169.254.169.254 (Google: metadata.google.internal), never asked by a proxy;
/// elsewhere where AWS_EC2_METADATA_SERVICE_ENDPOINT, GCE_METADATA_HOST or
/// AZURE_POD_IDENTITY_AUTHORITY_HOST says so. AWS is asked by version 2 of its service, with a
/// session token, and not at all where AWS_EC2_METADATA_DISABLED is true. Errors: config where this
/// is no machine of a cloud, transient where the service does not answer in time.
Result<Labels> ask_cloud_instance(const CloudQuestion& question, const std::stop_token& stop);

}  // namespace ship
