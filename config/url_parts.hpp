#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/sink_url.hpp"

namespace ship {

/// A letter, a digit, or one of - . _: what host names and names of sinks are made of.
bool is_host_char(char c);

/// Reads the parts that URLs of every form have, and keeps the column of what it reports. Positions
/// are bytes of the text, from 0. The text and the problems outlive it.
class UrlParts {
 public:
  UrlParts(std::string_view text, std::vector<UrlProblem>& problems)
      : text_(text), problems_(problems) {}

  /// What is wrong at byte `at` of the URL.
  void report(std::size_t at, std::string message);
  /// Percent-decoded; reports what is not.
  std::string decode(std::size_t at, std::string_view text);
  /// A part of the path is a parameter like any other.
  void add_part(std::string_view key, std::size_t at, std::string_view text, SinkUrl& url);
  /// `user[:password]`, into url.
  void read_user(std::size_t at, std::string_view user, SinkUrl& url);
  /// `host[:port]` or `[IPv6][:port]`, appended to url.address. The parameters begin at `question`.
  void read_host(std::size_t at, std::string_view host, std::size_t question, SinkUrl& url);
  /// `key=value&key=value`.
  void read_parameters(std::size_t at, std::string_view query, SinkUrl& url);

 protected:
  std::string_view text_;
  std::vector<UrlProblem>& problems_;
};

}  // namespace ship
