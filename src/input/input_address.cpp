#include "input/input_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <sys/un.h>

namespace ship {
namespace {

constexpr std::string_view kUnixScheme = "unix:";
constexpr std::string_view kTcpScheme = "tcp://";
constexpr std::string_view kSystemdScheme = "systemd:";

Error not_an_address(std::string_view input) {
  return {ErrorKind::config, "found \"" + std::string(input) +
                                 "\", expected tcp://ADDRESS:PORT with a numeric address, such as "
                                 "tcp://127.0.0.1:9000 or tcp://[::1]:9000"};
}

bool is_numeric_host(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host.c_str(),
                     &ignored) == 1;
}

Result<InputAddress> parse_local(std::string_view input) {
  InputAddress address;
  address.path = input.substr(kUnixScheme.size());
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (address.path.empty() || address.path.size() > kLongest) {
    return Error{ErrorKind::config,
                 "found a path of " + std::to_string(address.path.size()) + " bytes in \"" +
                     std::string(input) + "\", expected 1 to " + std::to_string(kLongest) +
                     ": the kernel takes no longer one for a socket; choose a shorter directory"};
  }
  return address;
}

Result<InputAddress> parse_tcp(std::string_view input) {
  InputAddress address;
  address.kind = InputAddress::Kind::tcp;
  const std::string_view rest = input.substr(kTcpScheme.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == rest.npos) return not_an_address(input);
  const std::string_view port = rest.substr(colon + 1);
  const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (wrong != std::errc() || end != port.data() + port.size()) return not_an_address(input);
  std::string host(rest.substr(0, colon));
  if (host.empty() || host == "localhost") return address;
  const bool in_brackets = host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  if (in_brackets != (host.find(':') != std::string::npos)) return not_an_address(input);
  address.host = host == "*" ? "0.0.0.0" : host;
  if (!is_numeric_host(address.host)) return not_an_address(input);
  return address;
}

}  // namespace

std::string InputAddress::text() const {
  if (kind == Kind::local) return std::string(kUnixScheme) + path;
  if (kind == Kind::systemd) return std::string(kSystemdScheme) + name;
  const bool six = host.find(':') != std::string::npos;
  return std::string(kTcpScheme) + (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool InputAddress::is_local() const {
  return kind != Kind::tcp || host == "::1" || host.starts_with("127.");
}

bool InputAddress::is_one(std::string_view input) {
  return input.starts_with(kUnixScheme) || input.starts_with(kTcpScheme) ||
         input.starts_with(kSystemdScheme);
}

Result<InputAddress> InputAddress::parse(std::string_view input) {
  if (input.starts_with(kUnixScheme)) return parse_local(input);
  if (input.starts_with(kTcpScheme)) return parse_tcp(input);
  InputAddress address;
  address.kind = Kind::systemd;
  address.name = input.substr(kSystemdScheme.size());
  return address;
}

std::vector<std::string> split_inputs(std::string_view text) {
  std::vector<std::string> inputs;
  while (!text.empty()) {
    std::size_t from = 0;
    if (text.starts_with(kUnixScheme)) from = kUnixScheme.size();
    if (text.starts_with(kSystemdScheme)) from = kSystemdScheme.size();
    if (text.starts_with(kTcpScheme)) {
      const bool six = text.substr(kTcpScheme.size()).starts_with('[');
      const std::size_t host_end = six ? text.find(']') : kTcpScheme.size();
      const std::size_t colon = host_end == text.npos ? text.npos : text.find(':', host_end);
      from = colon == text.npos ? text.size() : colon + 1;
    }
    const std::size_t end = std::min(text.find(':', from), text.size());
    if (end > 0) inputs.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return inputs;
}

}  // namespace ship
