#include "stats/admin/tap_request.hpp"

#include "stats/admin/listen_address.hpp"

namespace ship {

std::string why_no_tap(const ServerSettings& settings, bool is_local, bool is_open) {
  if (settings.tap == ServerSettings::Tap::off) {
    return "tap is off: server.tap = \"off\"; set it to \"on\" (--server-tap on)";
  }
  if (is_local || !is_open) return {};
  return "tap is off: other machines can reach server.listen = \"" + settings.listen +
         "\", and it asks for no token; set server.bearer_token (--server-token), or listen on "
         "127.0.0.1";
}

bool names_this_machine(std::string_view host) {
  if (host.starts_with('[')) return host.starts_with("[::1]");
  const std::string_view name = host.substr(0, host.find(':'));
  if (name == "localhost") return true;
  // Digits and dots alone are an address, and no name that somebody else may own.
  return name.starts_with("127.") && name.find_first_not_of("0123456789.") == name.npos;
}

Result<TapRequest> read_tap_request(const WebRequest& request, bool may_see_raw) {
  TapRequest wanted;
  wanted.sink = request.argument("sink");
  wanted.where = request.argument("where");
  const std::string_view stage = request.argument("stage");
  if (!stage.empty() && stage != "in" && stage != "out") {
    return Error{ErrorKind::config,
                 "stage: found \"" + std::string(stage) + "\", expected in or out"};
  }
  wanted.before_stages = stage.empty() ? wanted.sink.empty() : stage == "in";
  if (wanted.before_stages && !wanted.sink.empty()) {
    return Error{ErrorKind::config,
                 "records have no sink yet with --stage in: leave out --sink, or ask for --stage "
                 "out"};
  }
  wanted.raw = wanted.before_stages && may_see_raw;
  return wanted;
}

}  // namespace ship
