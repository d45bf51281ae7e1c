#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rows/setting.hpp"

namespace ship {

/// Fields that every record gets, with fapilog's names.
struct EnrichSettings {
  /// Which cloud's metadata service to ask about the machine; `automatic`: that of the machine's
  /// own cloud.
  enum class Cloud : std::uint8_t { none, automatic, aws, gcp, azure };
  bool runtime = false;                                     ///< service, env, version, host, pid
  bool kubernetes = false;                                  ///< k8s_pod, k8s_namespace, …
  bool container = false;                                   ///< container_id
  std::vector<std::pair<std::string, std::string>> fields;  ///< path and text
  std::vector<std::pair<std::string, std::string>> environment;  ///< path and variable
  std::string label_file;                                        ///< key="value" lines; empty: none
  Cloud cloud = Cloud::none;
  bool overwrite = false;

  bool empty() const {
    return !runtime && !kubernetes && !container && fields.empty() && environment.empty() &&
           label_file.empty() && cloud == Cloud::none;
  }
  bool operator==(const EnrichSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> enrich_rows();

}  // namespace ship
