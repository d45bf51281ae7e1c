#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "stage/enrich/enrich_settings.hpp"

namespace ship {

/// A field that every record gets: where it belongs and its value as JSON.
struct EnrichmentField {
  std::vector<std::string> path;
  std::string json;
  /// About the program's environment: fapilog keeps these below `diagnostics`; other shapes get
  /// them at the root.
  bool surroundings = false;
};

/// Looks up an environment variable.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
std::optional<std::string> process_environment(const std::string& name);

/// What the settings ask for, looked up once: host, pid, environment variables, files. Leaves out
/// what does not exist. Errors: config, if a label file cannot be read or a path is not valid.
Result<std::vector<EnrichmentField>> gather_enrichment(const EnrichSettings& settings,
                                                       const EnvironmentLookup& environment);

/// The container's id in a text like /proc/self/mountinfo or /proc/self/cgroup: 64 hex digits after
/// `containers/`, `docker-`, `cri-containerd-` and the like. None if there is none.
std::optional<std::string> container_id_in(std::string_view text);

/// `key="value"` lines, as the Kubernetes downward API writes labels and annotations to a file;
/// quotes are optional. Skips other lines.
std::vector<std::pair<std::string, std::string>> read_label_lines(std::string_view text);

}  // namespace ship
