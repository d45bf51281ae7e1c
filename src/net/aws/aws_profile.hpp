#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/aws/aws_signature.hpp"

namespace ship {

/// The keys of profile `name` in the text of a shared file, as the AWS tools write it: sections in
/// brackets, `key = value` lines, comments after # or ; at the start of a line. In the credentials
/// file a section is "[name]", in the configuration file "[profile name]" or "[default]"; both are
/// accepted. None if there is no such section, or it holds no access key.
std::optional<AwsCredentials> find_aws_profile(std::string_view text, std::string_view name);

}  // namespace ship
