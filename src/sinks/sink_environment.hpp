#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/status_line.hpp"
#include "net/aws/aws_signer.hpp"
#include "net/http_client.hpp"

namespace ship {

/// What happened to records that did not reach a sink: endings by their names in the statistics,
/// and what still waits.
struct SinkLosses {
  std::vector<std::pair<std::string_view, std::uint64_t>> by_reason;  ///< the names are static
  std::uint64_t waiting = 0;                                          ///< records in memory
  std::uint64_t spooled = 0;                                          ///< records on disk
};

/// What sinks get from outside, so that tests can substitute a fake.
struct SinkEnvironment {
  Clock* clock = &system_clock();
  Files* files = &system_files();
  LogFunction log = [](LogLevel, std::string) {};
  StatusLine* status_line = nullptr;  ///< null: none
  /// The endings of the sink's lane since the last call, for a sink that keeps its own books; null:
  /// there are none.
  std::function<SinkLosses()> take_losses;
  std::vector<std::string> message_fields;  ///< dotted paths, tried before those of the dialects
  std::function<Result<std::unique_ptr<HttpClient>>(const HttpTransport&)> make_http_client =
      make_curl_client;

  std::unique_ptr<AwsSigner> make_signer(const AwsSettings& aws) const {
    return std::make_unique<AwsSigner>(aws, environment_variable, make_http_client, *clock);
  }
};

}  // namespace ship
