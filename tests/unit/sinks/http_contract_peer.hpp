#pragma once

#include <string>
#include <vector>

#include "settings/settings.hpp"
#include "tests/unit/net/scripted_peer.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship::testing {

/// The other side of a sink of the HTTP family: a scripted server, and a transport that leads to it
/// and carries secrets. A sink's own test adds how it is made and how its bodies are read.
class HttpContractPeer : public ContractPeer {
 public:
  bool fail() override {
    peer_.script({PeerStep::answer(503), PeerStep::answer(429, "slow down\nplease"),
                  PeerStep::raw("", PeerStep::Then::reset)});
    return true;
  }
  void recover() override { peer_.script({}); }
  bool hang() override {
    peer_.script({PeerStep::hang()});
    return true;
  }
  void wait_until_hanging() override { peer_.wait_for_requests(1); }
  bool echo() override {
    PeerStep step;
    step.echo = true;
    peer_.script({step});
    return true;
  }
  std::vector<std::string> secrets() const override { return {kPassword, kApiKey}; }
  std::uint64_t wire_bytes() override {
    std::uint64_t bytes = 0;
    for (const PeerRequest& request : accepted()) bytes += request.body.size();
    return bytes;
  }

 protected:
  static constexpr const char* kPassword = "correct-horse-battery";
  static constexpr const char* kApiKey = "k-7f3a99";

  void script(std::vector<PeerStep> steps) { peer_.script(std::move(steps)); }

  HttpTransport transport() const {
    HttpTransport transport;
    transport.url = peer_.url();
    transport.proxy = "none";
    transport.username = "shipper";
    transport.password = Secret::literal(kPassword);
    transport.headers = {{"X-Api-Key", kApiKey}};
    transport.request_timeout = std::chrono::minutes(10);
    return transport;
  }

  /// The requests that were answered with success.
  std::vector<PeerRequest> accepted() const {
    std::vector<PeerRequest> requests;
    for (PeerRequest& request : peer_.requests()) {
      if (request.status / 100 == 2) requests.push_back(std::move(request));
    }
    return requests;
  }

 private:
  ScriptedPeer peer_;
};

}  // namespace ship::testing
