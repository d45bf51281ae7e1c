#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "input/input_report.hpp"
#include "input/input_settings.hpp"
#include "input/intake.hpp"
#include "input/socket_listener.hpp"

namespace ship {

/// An input that many write to and that does not end with any of them: a socket that listens (or
/// several, from systemd), or a FIFO that is kept. Owns what is listened on and the intake that all
/// its writers share. Used by the thread that reads, but for `report`.
class SharedInput {
 public:
  /// Whether this entry of the settings is one.
  static bool is_one(const std::string& path, const InputSettings& settings);

  /// Opens it. `intake.input` has the settings; the callbacks are an Intake's. Errors: config, io;
  /// with what was found and what to do.
  static Result<std::unique_ptr<SharedInput>> open(const std::string& path,
                                                   const Intake::Options& intake,
                                                   const Intake::OnRecords& on_records,
                                                   const Intake::OnInvalidLine& on_invalid_line,
                                                   Clock& clock);

  Intake& intake() { return intake_; }
  std::vector<SocketListener>& listeners() { return listeners_; }
  /// The read ends of FIFOs; moved away by the one who reads.
  std::vector<Fd>& fifos() { return fifos_; }
  /// The path that it made or keeps open; empty: none.
  const std::string& path() const { return path_; }
  bool is_fifo() const { return fifo_; }

  /// Whether who opens the path now comes here.
  bool reachable() const;
  /// Opens a new socket or FIFO at the path, which then is the last of `listeners` or `fifos`.
  Result<void> remake();
  /// The FIFO again, for the time after its last writer; as `remake` otherwise.
  Result<Fd> open_fifo();

  /// Changes what is reported beside the counts.
  void note(const std::function<void(InputReport&)>& change);
  /// A consistent picture. From any thread.
  InputReport report() const;

 private:
  SharedInput(const Intake::Options& options, const Intake::OnRecords& on_records,
              const Intake::OnInvalidLine& on_invalid_line, Clock& clock)
      : settings_(options.input), intake_(options, on_records, on_invalid_line, clock) {}

  Result<void> open_address(const InputAddress& address);
  PathRights rights() const;

  const InputSettings settings_;
  Intake intake_;
  InputAddress address_;
  std::vector<SocketListener> listeners_;
  std::vector<Fd> fifos_;
  std::string path_;
  PathIdentity fifo_identity_;
  bool fifo_ = false;
  mutable std::mutex mutex_;  ///< held for one copy
  InputReport report_;
};

}  // namespace ship
