#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/http_client.hpp"

namespace ship::testing {

/// A CloudWatch Logs that takes nothing but what the documentation of its API allows, and keeps
/// what it takes: limits of bytes, events and span, order, event size, groups and streams that were
/// made. What it refuses by age it names by index.
class StrictCloudwatch {
 public:
  struct Event {
    std::int64_t millis = 0;
    std::string message;
  };

  /// Each client leads to this server, which must outlive it.
  std::unique_ptr<HttpClient> client();

  /// "group/stream" and its events, in the order in which they came.
  std::map<std::string, std::vector<Event>> streams;
  std::map<std::string, int> groups;  ///< and their retention in days; 0: for ever
  /// Events before the first or after the second are refused.
  std::int64_t oldest = 0;
  std::int64_t newest = INT64_MAX;
  /// The next answers, taken before anything else is looked at.
  std::deque<HttpResponse> scripted;
  std::vector<std::string> actions;
  /// What a request broke; to be empty at the end of a test.
  std::vector<std::string> faults;

  static HttpResponse error(int status, const std::string& type, const std::string& message = {});

 private:
  class Client;
  Result<HttpResponse> perform(const HttpRequest& request);
  HttpResponse put(const std::string& group, const std::string& stream, std::string_view body);
};

}  // namespace ship::testing
