#include "net/aws/aws_signature.hpp"

#include <algorithm>
#include <cctype>

#include "base/percent.hpp"
#include "net/digest.hpp"
#include "record/timestamp.hpp"

namespace ship {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

struct Target {
  std::string host;
  std::string_view path;
  std::string_view query;
};

Result<Target> take_apart(std::string_view url) {
  Target target;
  const bool secure = url.starts_with("https://");
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return Error{ErrorKind::config, "a URL without a scheme"};
  url.remove_prefix(scheme + 3);
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  target.host = url.substr(0, end);
  const std::string_view own_port = secure ? ":443" : ":80";
  if (target.host.ends_with(own_port)) {
    target.host.resize(target.host.size() - own_port.size());
  }
  if (target.host.empty()) return Error{ErrorKind::config, "a URL without a host"};
  url.remove_prefix(end);
  const std::size_t question = std::min(url.find('?'), url.size());
  target.path = url.substr(0, question);
  if (question < url.size()) target.query = url.substr(question + 1);
  return target;
}

std::string canonical_query(std::string_view query) {
  Pairs parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : "";
    parameters.emplace_back(percent_encoded(percent_decoded(pair.substr(0, equals))),
                            percent_encoded(percent_decoded(value)));
  }
  std::sort(parameters.begin(), parameters.end());
  std::string text;
  for (const auto& [name, value] : parameters) {
    text += (text.empty() ? "" : "&") + name + "=" + value;
  }
  return text;
}

/// A header's value with each run of spaces collapsed to one, and none at its ends.
std::string single_blanks(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Names in lower case and sorted; values of one name joined by commas.
Pairs canonical_headers(const Pairs& headers, const std::string& host) {
  Pairs sorted = {{"host", host}};
  for (const auto& [name, value] : headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto same = std::find_if(sorted.begin(), sorted.end(),
                                   [&](const auto& known) { return known.first == lower; });
    if (same == sorted.end()) {
      sorted.emplace_back(std::move(lower), single_blanks(value));
    } else {
      same->second += "," + single_blanks(value);
    }
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::string_view as_text(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<void> sign_aws_request(HttpRequest& request, const AwsCredentials& credentials,
                              const AwsScope& scope, WallNanos now) {
  Result<Target> target = take_apart(request.url);
  if (!target) return std::move(target).error();
  std::string time = format_rfc3339(now, 0);
  time.erase(std::remove_if(time.begin(), time.end(), [](char c) { return c == '-' || c == ':'; }),
             time.end());
  const std::string date = time.substr(0, 8);
  const std::string body_hash = hex_text(sha256({request.body}));

  request.headers.emplace_back("X-Amz-Date", time);
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  if (scope.service == "aoss" || scope.service == "s3") {
    request.headers.emplace_back("X-Amz-Content-Sha256", body_hash);
  }

  const std::string path(target.value().path.empty() ? "/" : target.value().path);
  // S3 alone reads a path as it was sent, which is encoded already.
  const std::string canonical_path = scope.service == "s3" ? path : percent_encoded(path, "/");
  std::string canonical = std::string(request.method) + "\n" + canonical_path + "\n" +
                          canonical_query(target.value().query) + "\n";
  std::string names;
  for (const auto& [name, value] : canonical_headers(request.headers, target.value().host)) {
    canonical += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  canonical += "\n" + names + "\n" + body_hash;

  const std::string scope_text = date + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + time + "\n" + scope_text + "\n" +
                              hex_text(sha256({canonical}));
  Sha256Digest key = hmac_sha256("AWS4" + credentials.secret_access_key, {date});
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")}) {
    key = hmac_sha256(as_text(key), {part});
  }
  request.headers.emplace_back(
      "Authorization", std::string(kAlgorithm) + " Credential=" + credentials.access_key_id + "/" +
                           scope_text + ", SignedHeaders=" + names +
                           ", Signature=" + hex_text(hmac_sha256(as_text(key), {to_sign})));
  return {};
}

}  // namespace ship
