#include "net/aws/aws_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

// clang-format off
constexpr auto kRows = section({.scope = Scope::sink}, {
    {.key = "access_key_id", .metavar = "ID", .sets = member<&AwsSettings::access_key_id>(),
     .example = "${AWS_KEY_ID}",
     .help = "AWS key; without one: environment, shared files, container, instance role",
     .masked = true},
    {.key = "secret_access_key", .sets = member<&AwsSettings::secret_access_key>(),
     .example = "${AWS_SECRET}", .help = "its secret"},
    {.key = "secret_access_key_file", .metavar = "FILE",
     .sets = from_file<&AwsSettings::secret_access_key>(), .example = "/run/secrets/aws",
     .help = "a file that holds the secret"},
    {.key = "session_token", .sets = member<&AwsSettings::session_token>(),
     .example = "${AWS_TOKEN}", .help = "of temporary AWS keys"},
    {.key = "session_token_file", .metavar = "FILE",
     .sets = from_file<&AwsSettings::session_token>(), .example = "/run/secrets/aws-token",
     .help = "a file that holds the session token"},
    {.key = "profile", .metavar = "NAME", .sets = member<&AwsSettings::profile>(),
     .example = "logs", .help = "a profile of the shared AWS files"},
});
// clang-format on

}  // namespace

std::span<const Setting> aws_key_rows() { return kRows; }

void AwsSettings::check(const SettingReport& report) const {
  if (access_key_id.empty()) {
    if (!secret_access_key.empty()) report("secret_access_key", "needs an access_key_id");
    if (!session_token.empty()) report("session_token", "needs an access_key_id");
    return;
  }
  if (secret_access_key.empty()) report("access_key_id", "needs a secret_access_key");
  if (!profile.empty())
    report("profile", "given together with an access_key_id; keep one of the two");
}

}  // namespace ship
