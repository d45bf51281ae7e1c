#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/sink_types.hpp"

namespace ship {

/// A sink's URL, parsed (RFC 3986), percent-decoded except for what is sent on.
struct SinkUrl {
  struct Parameter {
    std::string key;
    std::string text;
    std::size_t column = 0;  ///< column of the key, in bytes from 1
    std::size_t text_column = 0;
  };

  const SinkType* type = nullptr;
  /// http form: "http://host:port/path" as sent, without user information and query.
  /// path form: the path, decoded. log_group form: the region. hosts form: "host:port,host:port".
  /// Otherwise empty.
  std::string address;
  std::optional<std::string> username;
  std::optional<std::string> password;
  /// In the order of the URL; not checked against the settings.
  std::vector<Parameter> parameters;

  /// The URL without user information and parameters, so that it can be shown and, except for a key
  /// in its path, read back: see shown_url.
  std::string shown() const;
};

/// Whether it is a name of 1 to 64 letters, digits, dashes, underscores and dots, fit for files and
/// metrics.
bool is_sink_name(std::string_view name);

/// What is wrong with a URL. The message contains nothing that may be a secret.
struct UrlProblem {
  std::size_t column = 0;  ///< in bytes from 1
  std::string message;
};

/// Reads `text`. Returns none, with at least one problem, if the sink's type is not recognisable,
/// and a value with problems if the rest can still be checked, so that all errors are shown at
/// once.
std::optional<SinkUrl> parse_sink_url(std::string_view text, std::vector<UrlProblem>& problems);

}  // namespace ship
