#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/status_line.hpp"
#include "net/aws/aws_signer.hpp"
#include "net/http_client.hpp"

namespace ship {

/// What sinks take from outside, so that tests can put a fake in its place.
struct SinkEnvironment {
  Clock* clock = &system_clock();
  Files* files = &system_files();
  LogFunction log = [](LogLevel, std::string) {};
  StatusLine* status_line = nullptr;        ///< null: none
  std::vector<std::string> message_fields;  ///< dotted paths, tried before those of the dialects
  std::function<Result<std::unique_ptr<HttpClient>>(const HttpTransport&)> make_http_client =
      make_curl_client;

  std::unique_ptr<AwsSigner> make_signer(const AwsSettings& aws) const {
    return std::make_unique<AwsSigner>(aws, environment_variable, make_http_client, *clock);
  }
};

}  // namespace ship
