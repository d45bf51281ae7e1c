#include "config/url_advice.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "config/sink_schemes.hpp"
#include "rows/nearest.hpp"
#include "sinks/sink_types.hpp"

namespace ship {
namespace {

/// Words for a destination that other tools have.
constexpr std::pair<std::string_view, std::string_view> kOtherWords[] = {
    {"es", "elasticsearch"},
    {"opensearch", "elasticsearch"},
    {"elastic", "elasticsearch"},
    {"otel", "otlp"},
    {"otlp+grpc", "otlp"},
    {"otlp+grpcs", "otlp"},
    {"grpc", "otlp"},
    {"console", "stdout"},
    {"aws", "cloudwatch"},
    {"hec", "splunk"},
    {"webhook", "https"}};

/// Paths of an API behind an HTTP endpoint that expects another format than lines, with its sink.
struct ApiPath {
  std::string_view path, sink, behind_host;
};
constexpr ApiPath kApiPaths[] = {{"/loki/api/v1/push", "loki", ""},
                                 {"/_bulk", "elasticsearch", "/INDEX"},
                                 {"/v1/logs", "otlp", ""},
                                 {"/services/collector", "splunk", ""},
                                 {"/services/collector/event", "splunk", ""}};

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view("-_.+:/").find(c) != std::string_view::npos;
  });
}

std::string written(const std::vector<std::string>& urls) {
  std::string text;
  for (const std::string& url : urls) text += (text.empty() ? "" : " or ") + url;
  return text.empty() ? "" : "; write " + text;
}

/// "host:3100" or "10.0.0.1:9200/path": a host with a port, which looks like a scheme.
bool is_host_and_port(std::string_view rest) {
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  return digits >= 2 && digits <= 5 && (digits == rest.size() || rest[digits] == '/');
}

}  // namespace

std::string url_advice(std::string_view text) {
  // What stands in front of an @ may be a password.
  if (!is_plain(text) || text.size() > 100) return {};
  const std::size_t colon = text.find(':');
  const bool has_scheme = colon != text.npos && text.find('/') > colon;
  if (!has_scheme) {
    for (const SinkType* type : sink_types()) {
      if (type->form == UrlForm::nothing && type->name == text) {
        return written({std::string(text) + ":"});
      }
    }
    if (text.starts_with("//")) return {};
    return written({(text.starts_with('/') ? "file://" : "file:") + std::string(text)}) +
           (text.starts_with('/') || text.starts_with('.') || text.find('.') != text.npos
                ? ""
                : " if this is a file");
  }
  const std::string scheme(text.substr(0, colon));
  std::string rest(text.substr(colon));
  if (is_host_and_port(rest.substr(1))) return written({"http://" + std::string(text)});
  std::string wanted = scheme;
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), to_lower);
  for (const auto& [word, known] : kOtherWords) {
    if (wanted == word) wanted = known;
  }
  // https+loki: the two parts swapped.
  const std::size_t plus = wanted.find('+');
  if (plus != wanted.npos && find_scheme(wanted) == nullptr) {
    const std::string swapped = wanted.substr(plus + 1) + "+" + wanted.substr(0, plus);
    if (find_scheme(swapped) != nullptr) wanted = swapped;
  }
  const bool is_grpc = wanted == "otlp" && wanted != scheme;
  const std::size_t grpc_port = rest.find(":4317");
  if (is_grpc && grpc_port != rest.npos) rest.replace(grpc_port, 5, ":4318");
  std::vector<std::string> urls;
  for (const std::string& known : known_schemes()) {
    if (known == wanted || known.starts_with(wanted + "+")) urls.push_back(known + rest);
  }
  if (urls.empty()) {
    if (const std::string near = nearest(wanted, known_schemes()); !near.empty()) {
      urls.push_back(near + rest);
    }
  }
  if (!urls.empty() && is_grpc) return written(urls) + "; only OTLP over HTTP is supported";
  return written(urls);
}

std::string address_doubt(std::string_view type, std::string_view address) {
  const std::size_t authority = address.find("://");
  if (authority == address.npos) return {};
  const std::size_t slash = std::min(address.find('/', authority + 3), address.size());
  std::string_view path = address.substr(slash);
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::string_view base = address.substr(0, slash);
  if (type == "http") {
    for (const ApiPath& api : kApiPaths) {
      const std::string url =
          std::string(api.sink) + "+" + std::string(base) + std::string(api.behind_host);
      if (path != api.path || find_scheme(url.substr(0, url.find(':'))) == nullptr) continue;
      return "an http sink sends plain lines, and " + std::string(api.path) +
             " expects another format; write " + url;
    }
  }
  if (type == "otlp" && base.ends_with(":4317")) {
    return "4317 is the port of OTLP over gRPC; this sink speaks OTLP over HTTP, whose port is "
           "4318";
  }
  return {};
}

}  // namespace ship
