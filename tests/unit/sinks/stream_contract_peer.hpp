#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sinks/sink_environment.hpp"
#include "tests/unit/net/stream_peer.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship::testing {

/// The other side of a sink over a stream: a server that reads. A sink's own test adds how it is made
/// and how its frames are read.
class StreamContractPeer : public ContractPeer {
 public:
  /// `make`: the sink for an address; `read`: the lines in what came.
  StreamContractPeer(std::unique_ptr<StreamPeer> peer,
                     std::function<std::unique_ptr<Sink>(const std::string& address)> make,
                     std::function<std::vector<std::string>(std::string_view)> read)
      : peer_(std::move(peer)), make_(std::move(make)), read_(std::move(read)) {}

  std::unique_ptr<Sink> make_sink() override { return make_(peer_->address()); }
  std::vector<std::string> lines() override { return read_(peer_->all_received()); }
  std::uint64_t wire_bytes() override { return peer_->all_received().size(); }
  bool fail() override {
    peer_->stop();
    return true;
  }
  void recover() override { peer_->start(); }
  /// A kernel acknowledges what nobody reads, but a handshake or a Unix socket's queue waits.
  bool hang() override {
    if (peer_->address().starts_with("tcp:")) return false;
    peer_->hold();
    return true;
  }
  void wait_until_hanging() override { peer_->wait_for_connections(1); }

 private:
  std::unique_ptr<StreamPeer> peer_;
  std::function<std::unique_ptr<Sink>(const std::string&)> make_;
  std::function<std::vector<std::string>(std::string_view)> read_;
};

/// What stands between `separator`s, each of which ends one.
inline std::vector<std::string> split_frames(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace ship::testing
