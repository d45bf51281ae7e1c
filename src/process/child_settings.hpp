#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "rows/setting.hpp"

namespace ship {

/// The command that is run as the input, and how it is run; packaging/doc/containers.md compares it
/// with other inits.
struct ChildSettings {
  std::vector<std::string> command;    ///< program and arguments; empty: no command
  std::chrono::milliseconds grace{0};  ///< from SIGTERM to SIGKILL; 0: no limit
  bool forward_hup = true;             ///< SIGHUP, which the shipper acts on, is also forwarded
  bool signal_child_only = false;      ///< signals go to the process only, not its group
  std::map<int, int> rewrite_signal;   ///< received signal to forwarded signal; 0: none
  std::vector<int> expect_exit;        ///< exit codes that count as 0
  int pdeathsig = SIGTERM;             ///< the signal it gets when the shipper dies; 0: none
  bool subreaper = false;
  bool operator==(const ChildSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> child_rows();

}  // namespace ship
