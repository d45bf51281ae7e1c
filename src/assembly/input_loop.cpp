#include "assembly/input_loop.hpp"

#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "input/input_address.hpp"
#include "net/peer_address.hpp"
#include "sinks/file/file_settings.hpp"
#include "sinks/gelf/gelf_settings.hpp"
#include "sinks/socket/socket_settings.hpp"
#include "sinks/syslog/syslog_settings.hpp"
#include "sinks/terminal/stdout_settings.hpp"

namespace ship {
namespace {

struct Place {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const Place&) const = default;
};

std::optional<Place> regular(int failed, const struct stat& status) {
  if (failed != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return Place{status.st_dev, status.st_ino};
}

std::optional<Place> place_of(const std::string& path) {
  struct stat status {};
  return regular(::stat(path.c_str(), &status), status);
}

std::optional<Place> place_of(int descriptor) {
  struct stat status {};
  return regular(::fstat(descriptor, &status), status);
}

using Output = std::pair<Place, std::string>;

std::vector<Output> outputs_of(const Settings& settings) {
  std::vector<Output> outputs;
  const auto add = [&outputs](std::optional<Place> place, std::string what) {
    if (place) outputs.emplace_back(*place, std::move(what));
  };
  for (const SinkSettings& sink : settings.sinks) {
    if (const auto* file = sink.kind.get<FileSinkSettings>()) {
      add(place_of(file->path), "the output of sink " + sink.name);
    } else if (sink.kind.get<StdoutSinkSettings>() != nullptr) {
      add(place_of(STDOUT_FILENO), "standard output");
    }
  }
  if (!settings.dead_letter.path.empty()) {
    add(place_of(settings.dead_letter.path), "the file of the dead letters");
  }
  return outputs;
}

/// Where the sink's records go over a stream without TLS; none: they do not.
std::optional<PeerAddress> stream_of(const SinkKind& kind) {
  std::string address;
  if (const auto* socket = kind.get<SocketSinkSettings>()) address = socket->transport.address;
  if (const auto* syslog = kind.get<SyslogSinkSettings>()) address = syslog->transport.address;
  if (const auto* gelf = kind.get<GelfSinkSettings>()) address = gelf->transport.url;
  auto peer = PeerAddress::parse(address);
  if (!peer) return std::nullopt;
  return std::move(peer).value();
}

bool leads_to(const PeerAddress& peer, const InputAddress& input) {
  if (input.kind == InputAddress::Kind::local) {
    return peer.kind == PeerAddress::Kind::local &&
           std::filesystem::path(peer.path).lexically_normal() ==
               std::filesystem::path(input.path).lexically_normal();
  }
  if (input.kind != InputAddress::Kind::tcp || peer.kind != PeerAddress::Kind::tcp ||
      peer.port != std::to_string(input.port)) {
    return false;
  }
  const bool here = peer.host == "localhost" || peer.host == "::1" || peer.host.starts_with("127.");
  const bool every = input.host == "0.0.0.0" || input.host == "::";
  return peer.host == input.host || (here && (every || input.is_local()));
}

/// The name of a sink that sends to what listens here; empty: there is none.
std::string sends_to(const std::string& input, const Settings& settings) {
  const auto address = InputAddress::parse(input);
  if (!address) return {};
  for (const SinkSettings& sink : settings.sinks) {
    const auto peer = stream_of(sink.kind);
    if (peer && leads_to(*peer, address.value())) return sink.name;
  }
  return {};
}

}  // namespace

std::optional<std::string> own_output(const Settings& settings, const struct stat& status) {
  const std::optional<Place> place = regular(0, status);
  for (auto& [output, what] : outputs_of(settings)) {
    if (place == output) return what;
  }
  return std::nullopt;
}

Result<void> check_for_loop(const Settings& settings) {
  if (!settings.child.command.empty() || !settings.input.dead_letters.empty()) return {};
  const std::vector<Output> outputs = outputs_of(settings);
  std::vector<std::string> inputs = settings.input.paths;
  if (inputs.empty()) inputs.emplace_back("-");
  for (const std::string& input : inputs) {
    if (InputAddress::is_one(input)) {
      const std::string sink = sends_to(input, settings);
      if (sink.empty()) continue;
      return Error{ErrorKind::config, "input " + input + " is where sink " + sink +
                                          " sends: it would be read and written without end"};
    }
    const bool standard = input == "-";
    const std::optional<Place> place = standard ? place_of(STDIN_FILENO) : place_of(input);
    if (!place) continue;
    for (const auto& [output, what] : outputs) {
      if (*place != output) continue;
      return Error{ErrorKind::config, (standard ? "standard input" : "input " + input) +
                                          " is the same file as " + what +
                                          ": it would be read and written without end"};
    }
  }
  return {};
}

}  // namespace ship
