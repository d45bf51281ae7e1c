#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "stats/admin/server_settings.hpp"
#include "stats/admin/web_server.hpp"

namespace ship {

/// Why no record may be shown, with the setting that decides it; empty: they may. `is_local` of the
/// listener; `is_open`: it asks for no token.
std::string why_no_tap(const ServerSettings& settings, bool is_local, bool is_open);

/// The Host header of a request names this machine by "localhost" or a loopback address. A page from
/// elsewhere in this machine's browser names its own host, even where it has that lead to us
/// (DNS rebinding).
bool names_this_machine(std::string_view host);

/// The query of /tap: `stage` in or out, `sink`, `where`. Without `stage` it is out where there is a
/// sink. `may_see_raw`: `in` is before the redaction. Errors: config.
Result<TapRequest> read_tap_request(const WebRequest& request, bool may_see_raw);

}  // namespace ship
