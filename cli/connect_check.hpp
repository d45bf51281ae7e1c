#pragma once

#include <string>

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "config/values.hpp"
#include "settings/settings.hpp"

namespace ship {

/// The text of `check --connect` and its exit code: 0 if every sink was reached, 78 if one has
/// settings that cannot work, else 1.
struct ConnectOutcome {
  std::string text;
  ExitCode code = ExitCode::ok;
};

/// Probes the sinks and says what was found for each. `effective` knows where each was configured;
/// `diagnostics` receives what the sinks log in the meantime.
ConnectOutcome check_connect(const Settings& settings, const Effective& effective,
                             Diagnostics& diagnostics);

}  // namespace ship
