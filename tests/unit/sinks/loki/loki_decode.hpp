#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "tests/unit/fakes/fake_http_client.hpp"

namespace ship::testing {

/// A push request as a server reads it, from either encoding.
struct PushedEntry {
  WallNanos time = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> metadata;
};
struct PushedStream {
  std::string labels;  ///< as {a="b",c="d"}
  std::vector<PushedEntry> entries;
};

/// Decodes a body by its Content-Type and Content-Encoding. Throws where it is not what they say.
std::vector<PushedStream> decode_push(std::string_view content_type,
                                      std::string_view content_encoding, std::string_view body);

}  // namespace ship::testing
