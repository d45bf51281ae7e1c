#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/status_line.hpp"
#include "net/http_client.hpp"
#include "settings/settings.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// What sinks take from outside, so that tests can put a fake in its place.
struct SinkEnvironment {
  Clock* clock = &system_clock();
  Files* files = &system_files();
  LogFunction log = [](LogLevel, std::string) {};
  StatusLine* status_line = nullptr;  ///< null: none
  std::function<Result<std::unique_ptr<HttpClient>>(const HttpTransport&)> make_http_client =
      make_curl_client;
};

/// A sink of the type that `settings.kind` holds, for one worker. The only place that knows all
/// types. Opens nothing yet: what cannot be reached now is a verdict later, not an error here.
/// Errors: config (a certificate that cannot be read, a feature not built in).
Result<std::unique_ptr<Sink>> make_sink(const SinkSettings& settings, const Settings& all,
                                        const SinkEnvironment& environment);

/// Whether make_sink would make the same from both, so that one that runs can stay.
bool same_sink(const SinkSettings& a, const Settings& all_a, const SinkSettings& b,
               const Settings& all_b);

}  // namespace ship
