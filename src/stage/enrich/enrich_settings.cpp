#include "stage/enrich/enrich_settings.hpp"

#include "rows/member.hpp"

namespace ship {
namespace {

using Cloud = EnrichSettings::Cloud;

// clang-format off
constexpr auto kRows = section({.group = "Enrichment"}, {
    {.key = "enrich.runtime", .flag = "enrich-runtime", .sets = member<&EnrichSettings::runtime>(),
     .default_text = "false",
     .help = "add host, pid, and service, env, version from FAPILOG_SERVICE, FAPILOG_ENV, "
             "FAPILOG_VERSION", .negatable = true},
    {.key = "enrich.kubernetes", .flag = "enrich-kubernetes",
     .sets = member<&EnrichSettings::kubernetes>(), .default_text = "false",
     .help = "add k8s_pod, k8s_namespace, k8s_node, k8s_container, k8s_cluster and k8s_deployment "
             "from POD_NAME, POD_NAMESPACE, NODE_NAME, CONTAINER_NAME, CLUSTER_NAME",
     .negatable = true},
    {.key = "enrich.container", .flag = "enrich-container",
     .sets = member<&EnrichSettings::container>(), .default_text = "false",
     .help = "add container_id", .negatable = true},
    {.key = "enrich.cloud", .flag = "enrich-cloud", .metavar = "PROVIDER",
     .sets = member<&EnrichSettings::cloud>({{"none", Cloud::none}, {"auto", Cloud::automatic}, {"aws", Cloud::aws}, {"gcp", Cloud::gcp}, {"azure", Cloud::azure}}),
     .default_text = "none",
     .help = "ask the cloud's metadata service once and add cloud_provider, cloud_region, "
             "cloud_zone, cloud_account, cloud_instance_id and cloud_instance_type"},
    {.key = "enrich.label_file", .flag = "enrich-labels", .metavar = "FILE",
     .sets = member<&EnrichSettings::label_file>(SettingType::path),
     .example = "/etc/podinfo/labels",
     .help = "add the key=\"value\" lines of this file as labels"},
    {.key = "enrich.overwrite", .flag = "enrich-overwrite",
     .sets = member<&EnrichSettings::overwrite>(), .default_text = "false",
     .help = "also replace fields that a record already has", .negatable = true},
    {.key = "enrich.fields", .flag = "enrich", .metavar = "FIELD=TEXT",
     .sets = member<&EnrichSettings::fields>(), .example = "team=shop",
     .help = "add a field to every record that lacks it; may be repeated", .repeatable = true},
    {.key = "enrich.environment", .flag = "enrich-env", .metavar = "FIELD=VARIABLE",
     .sets = member<&EnrichSettings::environment>(), .example = "region=AWS_REGION",
     .help = "add a field with the text of an environment variable; may be repeated",
     .repeatable = true},
});
// clang-format on

}  // namespace

std::span<const Setting> enrich_rows() { return kRows; }

}  // namespace ship
