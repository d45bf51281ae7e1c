#pragma once

#include <string>

namespace ship {

/// The live page, made from the files in page/ when the program is built.
struct Page {
  std::string html;                     ///< self-contained: script and style within
  std::string content_security_policy;  ///< allows these alone, and requests to where it came from
};

/// Lives as long as the program; the first call puts it together.
const Page& live_page();

}  // namespace ship
