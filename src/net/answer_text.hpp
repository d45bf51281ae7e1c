#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ship {

/// One line for people: "HTTP 503 Service Unavailable: " and the start of the body, and what to do,
/// if known. Control characters and invalid UTF-8 are replaced; an HTML page is left out.
std::string describe_answer(int status, std::string_view body);

/// `text` as one line of at most `max_bytes` bytes of valid UTF-8: runs of whitespace and of
/// characters that act on a terminal become one space.
std::string one_line(std::string_view text, std::size_t max_bytes);

}  // namespace ship
