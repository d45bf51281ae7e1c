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
  /// Of the program's surroundings: fapilog keeps these below `diagnostics`; other shapes get them
  /// at the root.
  bool surroundings = false;
};

/// Looks up a variable of the environment.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own environment.
std::optional<std::string> process_environment(const std::string& name);

/// What the settings ask for, looked up once: host and pid of the machine, variables, files. What
/// is not there is left out. Errors: config, where a label file cannot be read or a path is none.
Result<std::vector<EnrichmentField>> gather_enrichment(const EnrichSettings& settings,
                                                       const EnvironmentLookup& environment);

/// The container's id in a text as /proc/self/mountinfo or /proc/self/cgroup have it: 64 hex digits
/// behind `containers/`, `docker-`, `cri-containerd-` and the like. None where there is none.
std::optional<std::string> container_id_in(std::string_view text);

/// `key="value"` lines, as the Kubernetes downward API writes labels and annotations to a file;
/// quotes may be left out. Other lines are passed over.
std::vector<std::pair<std::string, std::string>> read_label_lines(std::string_view text);

}  // namespace ship
