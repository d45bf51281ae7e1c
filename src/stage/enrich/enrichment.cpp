#include "stage/enrich/enrichment.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

#include "record/json_text.hpp"
#include "record/json_unescape.hpp"
#include "stage/field_path.hpp"

namespace ship {
namespace {

std::string json_of(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::optional<std::string> file_content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Collects the fields; leaves out those without a value.
class Gatherer {
 public:
  Gatherer(const EnrichSettings& settings, const EnvironmentLookup& environment)
      : settings_(settings), environment_(environment) {}

  Result<std::vector<EnrichmentField>> gather() {
    if (settings_.runtime) add_runtime();
    if (settings_.kubernetes) add_kubernetes();
    if (settings_.container) add_container();
    if (auto added = add_named(); !added) return std::move(added).error();
    return std::move(fields_);
  }

 private:
  void add_surroundings(std::string name, const std::optional<std::string>& value) {
    if (value && !value->empty()) fields_.push_back({{std::move(name)}, json_of(*value), true});
  }

  void add_runtime() {
    add_surroundings("service", environment_("FAPILOG_SERVICE"));
    const auto env = environment_("FAPILOG_ENV");
    add_surroundings("env", env ? env : environment_("ENV"));
    add_surroundings("version", environment_("FAPILOG_VERSION"));
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0) add_surroundings("host", host.data());
    fields_.push_back({{"pid"}, std::to_string(::getpid()), true});
  }

  void add_kubernetes() {
    const auto pod = environment_("POD_NAME");
    add_surroundings("k8s_pod", pod);
    add_surroundings("k8s_namespace", environment_("POD_NAMESPACE"));
    add_surroundings("k8s_node", environment_("NODE_NAME"));
    add_surroundings("k8s_container", environment_("CONTAINER_NAME"));
    add_surroundings("k8s_cluster", environment_("CLUSTER_NAME"));
    if (pod) add_surroundings("k8s_deployment", deployment_of(*pod));
  }

  // "orders-7d9f8b6c5-x2x9z": a template hash and five characters for the pod.
  static std::optional<std::string> deployment_of(const std::string& pod) {
    const std::size_t last = pod.rfind('-');
    if (last == std::string::npos || pod.size() - last - 1 != 5 || last == 0) return std::nullopt;
    const std::size_t hash = pod.rfind('-', last - 1);
    if (hash == std::string::npos || hash == 0) return std::nullopt;
    const std::string_view digits = std::string_view(pod).substr(hash + 1, last - hash - 1);
    if (digits.size() < 8 || digits.size() > 10 ||
        !std::all_of(digits.begin(), digits.end(), is_hex)) {
      return std::nullopt;
    }
    return pod.substr(0, hash);
  }

  void add_container() {
    for (const char* path : {"/proc/self/mountinfo", "/proc/self/cgroup"}) {
      const auto content = file_content(path);
      if (!content) continue;
      if (const auto id = container_id_in(*content)) {
        add_surroundings("container_id", id);
        return;
      }
    }
  }

  Result<void> add_named() {
    for (const auto& [path, text] : settings_.fields) {
      if (auto added = add_path("enrich.fields", path, text); !added) return added;
    }
    for (const auto& [path, variable] : settings_.environment) {
      const auto value = environment_(variable);
      if (!value) continue;
      if (auto added = add_path("enrich.environment", path, *value); !added) return added;
    }
    if (settings_.label_file.empty()) return {};
    const auto content = file_content(settings_.label_file);
    if (!content) {
      return Error{ErrorKind::config, "enrich.label_file: cannot read " + settings_.label_file};
    }
    for (auto& [name, value] : read_label_lines(*content)) {
      fields_.push_back({{"labels", std::move(name)}, json_of(value), true});
    }
    return {};
  }

  Result<void> add_path(std::string_view key, const std::string& path, const std::string& text) {
    auto names = parse_field_path(path);
    if (!names) return std::move(names).error().in(key);
    fields_.push_back({std::move(names).value(), json_of(text), false});
    return {};
  }

  const EnrichSettings& settings_;
  const EnvironmentLookup& environment_;
  std::vector<EnrichmentField> fields_;
};

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<std::vector<EnrichmentField>> gather_enrichment(const EnrichSettings& settings,
                                                       const EnvironmentLookup& environment) {
  return Gatherer(settings, environment).gather();
}

std::optional<std::string> container_id_in(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  for (const std::string_view before :
       {"/docker/containers/", "/containers/", "docker-", "cri-containerd-", "crio-", "libpod-",
        "/docker/", "/kubepods/"}) {
    for (std::size_t at = text.find(before); at != std::string_view::npos;
         at = text.find(before, at + 1)) {
      // Below /kubepods/ other names come first.
      std::size_t begin = at + before.size();
      if (before == "/kubepods/") {
        const std::size_t line_end = std::min(text.find('\n', begin), text.size());
        const std::size_t slash = text.substr(0, line_end).rfind('/');
        begin = slash + 1;
      }
      const std::string_view id = text.substr(begin, kDigits);
      if (id.size() == kDigits && std::all_of(id.begin(), id.end(), is_hex)) return std::string(id);
    }
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> read_label_lines(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> labels;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos || line.front() == '#') continue;
    std::string_view value = line.substr(equals + 1);
    std::string plain;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      append_json_unescaped(plain, value.substr(1, value.size() - 2));
    } else {
      plain = value;
    }
    labels.emplace_back(line.substr(0, equals), std::move(plain));
  }
  return labels;
}

}  // namespace ship
