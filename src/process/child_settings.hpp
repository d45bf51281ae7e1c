#pragma once

#include <chrono>
#include <csignal>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "rows/setting.hpp"

namespace ship {

/// The command that is run as its input, and how; packaging/doc/containers.md compares it with other inits.
struct ChildSettings {
  std::vector<std::string> command;    ///< program and arguments; empty: none is run
  std::chrono::milliseconds grace{0};  ///< from SIGTERM to SIGKILL; 0: no limit
  bool forward_hup = true;             ///< SIGHUP, which the shipper acts on, goes there as well
  bool signal_child_only = false;      ///< signals go to the process, not to its group
  std::map<int, int> rewrite_signal;   ///< what comes in, what is passed on; 0: nothing
  std::vector<int> expect_exit;        ///< exit codes that count as 0
  int pdeathsig = SIGTERM;             ///< what it gets when the shipper dies; 0: nothing
  bool subreaper = false;
  bool operator==(const ChildSettings&) const = default;
};

/// Their rows, in the order of --help.
std::span<const Setting> child_rows();

}  // namespace ship
