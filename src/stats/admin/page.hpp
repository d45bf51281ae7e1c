#pragma once

#include <string>

namespace ship {

/// The live page, made from the files in page/ at build time.
struct Page {
  std::string html;                     ///< self-contained: script and style included
  std::string content_security_policy;  ///< allows only these, and requests to its own origin
};

/// Lives as long as the program; the first call puts it together.
const Page& live_page();

}  // namespace ship
