#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/sink_types.hpp"

namespace ship {

/// A sink's URL taken apart (RFC 3986), with everything percent-decoded that is not sent on.
struct SinkUrl {
  struct Parameter {
    std::string key;
    std::string text;
    std::size_t column = 0;  ///< of the key, in bytes from 1
    std::size_t text_column = 0;
  };

  const SinkType* type = nullptr;
  /// http form: "http://host:port/path" as it is sent, without user information and query.
  /// path form: the path, decoded. log_group form: the region. hosts and database form: "host:port,host:port", the
  /// latter may be empty.
  /// Otherwise empty.
  std::string address;
  std::optional<std::string> username;
  std::optional<std::string> password;
  /// In the order of the URL; not checked against the settings.
  std::vector<Parameter> parameters;

  /// The URL without user information and parameters, so that it can be shown and, but for a key
  /// in its path, read back: see shown_url.
  std::string shown() const;
};

/// A name of 1 to 64 letters, digits, dashes, underscores and points, fit for files and metrics.
bool is_sink_name(std::string_view name);

/// What is wrong with a URL. The message holds nothing of what may be a secret.
struct UrlProblem {
  std::size_t column = 0;  ///< in bytes from 1
  std::string message;
};

/// Reads `text`. None, with at least one problem, where the sink's type cannot be told; with
/// problems and a value where the rest can still be checked, so that all errors are shown at once.
std::optional<SinkUrl> parse_sink_url(std::string_view text, std::vector<UrlProblem>& problems);

}  // namespace ship
