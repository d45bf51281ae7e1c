#include "config/sink_url.hpp"

#include <algorithm>
#include <cctype>

#include "base/hex.hpp"
#include "config/sink_schemes.hpp"
#include "config/url_advice.hpp"
#include "config/url_parts.hpp"

namespace ship {
namespace {

bool is_region_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

/// Walks through the URL and keeps the column of what it reports.
class UrlReader : private UrlParts {
 public:
  using UrlParts::UrlParts;

  std::optional<SinkUrl> read() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const auto byte = static_cast<unsigned char>(text_[at]);
      if (byte <= 0x20 || byte == 0x7F) {
        report(at, "a blank or control character; write it percent-encoded, a blank as %20");
        return std::nullopt;
      }
    }
    const std::size_t colon = text_.find(':');
    if (colon == std::string_view::npos || text_.find_first_of("/?#@") < colon) {
      const std::string advice = url_advice(text_);
      report(0, "no scheme" + (advice.empty() ? ", expected one of " + list_of_schemes() : advice));
      return std::nullopt;
    }
    const std::string scheme(text_.substr(0, colon));
    SinkUrl url;
    url.type = find_scheme(scheme);
    if (url.type == nullptr) {
      const bool plain =
          scheme.size() <= 40 && std::all_of(scheme.begin(), scheme.end(),
                                             [](char c) { return is_host_char(c) || c == '+'; });
      const std::string advice = url_advice(text_);
      report(0, (plain ? "unknown sink \"" + scheme + ":\"" : "unknown sink") +
                    (advice.empty() ? ", expected one of " + list_of_schemes() : advice));
      return std::nullopt;
    }
    if (!url.type->absent.empty()) {
      report(0, "this build has no " + std::string(url.type->name) + " sink, for " +
                    std::string(url.type->absent) + "; expected one of " + list_of_schemes());
      return std::nullopt;
    }
    const std::size_t hash = text_.find('#');
    if (hash != std::string_view::npos) {
      report(hash, "a sink's URL has no fragment; write a # as %23");
    }
    const std::size_t end = std::min(hash, text_.size());
    const std::size_t question = std::min(text_.substr(0, end).find('?'), end);
    const std::string_view body = text_.substr(colon + 1, question - colon - 1);
    switch (url.type->form) {
      case UrlForm::nothing:
        if (!body.empty()) {
          report(colon + 1, "nothing may stand between \"" + scheme + ":\" and the parameters");
        }
        break;
      case UrlForm::path:
        read_path(colon + 1, body, url);
        break;
      case UrlForm::hosts:
      case UrlForm::database:
        read_hosts(colon + 1, body, question, url);
        break;
      case UrlForm::http:
        read_http(scheme.substr(scheme.find('+') + 1), colon + 1, body, question, url);
        if (!url.type->path_key.empty()) take_last_part(colon + 1, body, url);
        break;
      case UrlForm::log_group:
        read_log_group(colon + 1, body, url);
        break;
      case UrlForm::name:
        read_name(colon + 1, body, url);
        break;
      case UrlForm::peer:
        read_peer(scheme, colon + 1, body, question, url);
        break;
    }
    if (question < end)
      read_parameters(question + 1, text_.substr(question + 1, end - question - 1), url);
    return url;
  }

 private:
  void read_path(std::size_t at, std::string_view body, SinkUrl& url) {
    if (body.starts_with("//")) {
      const std::size_t slash = std::min(body.find('/', 2), body.size());
      const std::string_view host = body.substr(2, slash - 2);
      if (!host.empty() && host != "localhost") {
        report(at + 2, "a file has no host; write file:///absolute/path or file:relative/path");
        return;
      }
      at += slash;
      body.remove_prefix(slash);
    }
    url.address = decode(at, body);
    if (url.address.empty() || url.address.back() == '/') {
      report(at, "no file name; write file:///absolute/path or file:relative/path");
    }
  }

  void read_http(const std::string& scheme, std::size_t at, std::string_view body,
                 std::size_t question, SinkUrl& url) {
    if (!body.starts_with("//")) {
      report(at, "expected // and a host, as in " + std::string(url.type->example));
      return;
    }
    at += 2;
    body.remove_prefix(2);
    const std::size_t slash = std::min(body.find('/'), body.size());
    std::string_view authority = body.substr(0, slash);
    const std::string_view path = body.substr(slash);
    const std::size_t path_at = at + slash;
    const std::size_t sign = authority.rfind('@');
    if (sign != std::string_view::npos) {
      read_user(at, authority.substr(0, sign), url);
      authority.remove_prefix(sign + 1);
      at += sign + 1;
    }
    url.address = scheme + "://";
    read_host(at, authority, question, url);
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] == '%' &&
          (i + 2 >= path.size() || hex_value(path[i + 1]) < 0 || hex_value(path[i + 2]) < 0)) {
        report(path_at + i, "a % without two hexadecimal digits; write a % itself as %25");
        return;
      }
    }
    url.address += path;
  }

  /// Takes the last part of the path as a parameter like any other; what is left ends in a slash.
  void take_last_part(std::size_t at, std::string_view body, SinkUrl& url) {
    const std::size_t slash = body.rfind('/');
    if (slash == std::string_view::npos || slash < 2 || url.address.empty()) return;
    const std::string_view part = body.substr(slash + 1);
    if (part.empty()) return;
    url.address.resize(url.address.size() - std::min(url.address.size(), part.size()));
    add_part(url.type->path_key, at + slash + 1, part, url);
  }

  void read_log_group(std::size_t at, std::string_view body, SinkUrl& url) {
    if (!body.starts_with("//")) {
      report(at, "expected // and a region, as in " + std::string(url.type->example));
      return;
    }
    at += 2;
    body.remove_prefix(2);
    const std::string_view region = body.substr(0, body.find('/'));
    if (region.empty() || !std::all_of(region.begin(), region.end(), is_region_char)) {
      report(at, "expected an AWS region such as eu-central-1");
      return;
    }
    url.address = region;
    at += region.size();
    body.remove_prefix(region.size());
    if (body.size() < 2) return;
    const std::size_t last = body.rfind('/');
    const bool has_stream = last > 0;
    add_part("group", at + 1, has_stream ? body.substr(1, last - 1) : body.substr(1), url);
    if (has_stream) add_part("stream", at + last + 1, body.substr(last + 1), url);
  }

  void read_name(std::size_t at, std::string_view body, SinkUrl& url) {
    const std::string like = ", as in " + std::string(url.type->example);
    if (!body.starts_with("//")) {
      report(at, "expected // and a name" + like);
      return;
    }
    at += 2;
    body.remove_prefix(2);
    const std::string_view name = body.substr(0, body.find('/'));
    // A project of an organisation is written DOMAIN:PROJECT.
    const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return is_host_char(c) || c == ':';
    });
    if (!is_name) {
      report(at, "expected letters, digits, dashes and points" + like);
      return;
    }
    url.address = name;
    at += name.size() + 1;
    body.remove_prefix(std::min(name.size() + 1, body.size()));
    if (!body.empty() && url.type->path_key.empty()) {
      report(at, "nothing may stand behind the name" + like);
    } else {
      add_part(url.type->path_key, at, body, url);
    }
  }

  void read_peer(const std::string& scheme, std::size_t at, std::string_view body,
                 std::size_t question, SinkUrl& url) {
    const std::size_t plus = scheme.find('+');
    const std::string way = scheme.substr(plus + 1);
    if (way == "unix") {
      read_socket_path(scheme, at, body, url);
      return;
    }
    if (way == "http" || way == "https") {
      read_http(way, at, body, question, url);
      return;
    }
    if (!body.starts_with("//")) {
      report(at, "expected // and a host, as in " + scheme + "://host:514");
      return;
    }
    at += 2;
    body.remove_prefix(2);
    if (body.ends_with('/')) body.remove_suffix(1);
    if (const std::size_t sign = body.rfind('@'); sign != body.npos) {
      report(at, "a socket knows no user; leave out what stands before the @");
      return;
    }
    if (const std::size_t slash = body.find('/'); slash != body.npos) {
      report(at + slash, "a socket has no path");
      return;
    }
    url.address = way + "://";
    const std::size_t problems = problems_.size();
    read_host(at, body, question, url);
    if (problems_.size() > problems || plus != std::string::npos) return;
    if (url.address.find_last_of(':') <= url.address.find_last_of("/]")) {
      report(at + body.size(), "no port; write one, as in " + std::string(url.type->example));
    }
  }

  void read_socket_path(const std::string& scheme, std::size_t at, std::string_view body,
                        SinkUrl& url) {
    if (body.starts_with("///")) {
      at += 2;
      body.remove_prefix(2);
    }
    const std::string path = decode(at, body);
    url.address = "unix:" + path;
    if (path.empty() || path.back() == '/' || path.starts_with("//")) {
      report(at, "no path of a socket; write " + scheme + ":/absolute/path or " + scheme +
                     ":relative/path");
    }
  }

  static bool is_database(const SinkUrl& url) { return url.type->form == UrlForm::database; }

  void read_hosts(std::size_t at, std::string_view body, std::size_t question, SinkUrl& url) {
    if (!body.starts_with("//")) {
      report(at, std::string(is_database(url) ? "expected // and a host, as in "
                                              : "expected // and a broker, as in ") +
                     std::string(url.type->example));
      return;
    }
    at += 2;
    body.remove_prefix(2);
    const std::size_t slash = std::min(body.find('/'), body.size());
    std::string_view brokers = body.substr(0, slash);
    const std::size_t topic_at = at + slash + 1;
    const std::string_view topic = body.substr(std::min(slash + 1, body.size()));
    const std::size_t sign = brokers.rfind('@');
    if (sign != std::string_view::npos) {
      read_user(at, brokers.substr(0, sign), url);
      brokers.remove_prefix(sign + 1);
      at += sign + 1;
    }
    // A database may be on this machine, behind a socket that libpq knows.
    while (!is_database(url) || !brokers.empty()) {
      const std::size_t comma = std::min(brokers.find(','), brokers.size());
      const std::size_t problems = problems_.size();
      read_host(at, brokers.substr(0, comma), question, url);
      if (problems_.size() > problems || comma == brokers.size()) break;
      url.address += ',';
      at += comma + 1;
      brokers.remove_prefix(comma + 1);
    }
    const std::size_t more = topic.find('/');
    if (more != std::string_view::npos) {
      report(topic_at + more, is_database(url) ? "a slash in a database's name is written %2F"
                                               : "a topic's name has no slash");
      return;
    }
    add_part(url.type->path_key, topic_at, topic, url);
  }
};

}  // namespace

bool is_sink_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_host_char(c); });
}

std::optional<SinkUrl> parse_sink_url(std::string_view text, std::vector<UrlProblem>& problems) {
  return UrlReader(text, problems).read();
}

}  // namespace ship
