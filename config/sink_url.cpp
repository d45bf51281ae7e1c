#include "config/sink_url.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/hex.hpp"
#include "config/sink_schemes.hpp"

namespace ship {
namespace {

bool is_host_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
}

bool is_region_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

/// Walks through the URL and keeps the column of what it reports.
class UrlReader {
 public:
  UrlReader(std::string_view text, std::vector<UrlProblem>& problems)
      : text_(text), problems_(problems) {}

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
      const bool is_path = text_.find("//") == text_.npos;
      report(0,
             "no scheme, expected one of " + list_of_schemes() +
                 (is_path ? "; for a file write file:///absolute/path or file:relative/path" : ""));
      return std::nullopt;
    }
    const std::string scheme(text_.substr(0, colon));
    SinkUrl url;
    url.type = find_scheme(scheme);
    if (url.type == nullptr) {
      const bool plain =
          scheme.size() <= 40 && std::all_of(scheme.begin(), scheme.end(),
                                             [](char c) { return is_host_char(c) || c == '+'; });
      report(0, (plain ? "unknown sink \"" + scheme + ":\"" : "unknown sink") +
                    ", expected one of " + list_of_schemes() +
                    (plain ? meant_schemes(scheme) : ""));
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
        read_hosts(colon + 1, body, question, url);
        break;
      case UrlForm::http:
        read_http(scheme.substr(scheme.find('+') + 1), colon + 1, body, question, url);
        if (!url.type->path_key.empty()) take_last_part(colon + 1, body, url);
        break;
      case UrlForm::log_group:
        read_log_group(colon + 1, body, url);
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
  void report(std::size_t at, std::string message) {
    problems_.push_back({at + 1, std::move(message)});
  }

  std::string decode(std::size_t at, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        result += text[i];
        continue;
      }
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
        report(at + i, "a % without two hexadecimal digits; write a % itself as %25");
        return result;
      }
      const int byte = hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]);
      if (byte == 0) {
        report(at + i, "%00 is not allowed");
        return result;
      }
      result += static_cast<char>(byte);
      i += 2;
    }
    return result;
  }

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

  /// The last part of the path is a parameter like any other; what is left ends in a slash.
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

  void read_hosts(std::size_t at, std::string_view body, std::size_t question, SinkUrl& url) {
    if (!body.starts_with("//")) {
      report(at, "expected // and a broker, as in " + std::string(url.type->example));
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
    while (true) {
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
      report(topic_at + more, "a topic's name has no slash");
      return;
    }
    add_part(url.type->path_key, topic_at, topic, url);
  }

  /// A part of the path is a parameter like any other.
  void add_part(std::string_view key, std::size_t at, std::string_view text, SinkUrl& url) {
    if (text.empty()) return;
    SinkUrl::Parameter parameter;
    parameter.key = key;
    parameter.column = parameter.text_column = at + 1;
    parameter.text = decode(at, text);
    url.parameters.push_back(std::move(parameter));
  }

  void read_user(std::size_t at, std::string_view user, SinkUrl& url) {
    const std::size_t colon = std::min(user.find(':'), user.size());
    url.username = decode(at, user.substr(0, colon));
    if (colon < user.size()) url.password = decode(at + colon + 1, user.substr(colon + 1));
    if (url.username->empty()) report(at, "no user name in front of the @");
  }

  void read_host(std::size_t at, std::string_view host, std::size_t question, SinkUrl& url) {
    std::string_view port;
    bool has_port = false;
    std::size_t port_at = at;
    if (host.starts_with('[')) {
      const std::size_t close = host.find(']');
      const std::string_view address = host.substr(1, close == host.npos ? 0 : close - 1);
      const bool plain =
          !address.empty() &&
          address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
      const std::string_view rest = close == host.npos ? "" : host.substr(close + 1);
      if (!plain || address.find(':') == address.npos || !(rest.empty() || rest[0] == ':')) {
        report(at, "no IPv6 address between [ and ]");
        return;
      }
      has_port = !rest.empty();
      if (has_port) port = rest.substr(1);
      port_at = at + close + 2;
      url.address += host.substr(0, close + 1);
    } else {
      const std::size_t colon = host.find(':');
      has_port = colon != std::string_view::npos;
      if (has_port) {
        port = host.substr(colon + 1);
        port_at = at + colon + 1;
        host = host.substr(0, colon);
      }
      if (host.empty()) {
        report(at, "no host");
        return;
      }
      for (std::size_t i = 0; i < host.size(); ++i) {
        if (!is_host_char(host[i])) {
          report(at + i, "a character that no host name has");
          return;
        }
      }
      url.address += host;
    }
    if (!has_port) return;
    unsigned number = 0;
    const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (port.empty() || stop != port.data() + port.size() || error != std::errc{} || number == 0 ||
        number > 65535) {
      // What looks like a port may be the start of a password that holds a / or a ?: show none of
      // it.
      const bool at_sign_later = text_.find('@', std::min(port_at, question)) != text_.npos;
      report(port_at,
             at_sign_later && !url.username
                 ? "expected a port from 1 to 65535; if this is a password, write its /, ?, "
                   "# and @ as %2F, %3F, %23 and %40"
                 : "expected a port from 1 to 65535");
      return;
    }
    url.address += ":" + std::to_string(number);
  }

  void read_parameters(std::size_t at, std::string_view query, SinkUrl& url) {
    while (true) {
      const std::size_t end = std::min(query.find('&'), query.size());
      const std::string_view pair = query.substr(0, end);
      if (!pair.empty()) {
        const std::size_t equals = pair.find('=');
        SinkUrl::Parameter parameter;
        parameter.column = at + 1;
        parameter.key = decode(at, pair.substr(0, equals));
        if (equals == std::string_view::npos || parameter.key.empty()) {
          report(at, "a parameter is written KEY=VALUE");
        } else {
          parameter.text_column = at + equals + 2;
          parameter.text = decode(at + equals + 1, pair.substr(equals + 1));
          url.parameters.push_back(std::move(parameter));
        }
      }
      if (end == query.size()) return;
      at += end + 1;
      query.remove_prefix(end + 1);
    }
  }

  std::string_view text_;
  std::vector<UrlProblem>& problems_;
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
