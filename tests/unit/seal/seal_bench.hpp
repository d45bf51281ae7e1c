#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "net/ed25519.hpp"
#include "seal/seal_chain.hpp"
#include "seal/seal_verifier.hpp"
#include "sinks/file/file_seal.hpp"
#include "sinks/file/file_sink.hpp"
#include "tests/unit/fakes/manual_clock.hpp"
#include "tests/unit/fakes/memory_files.hpp"
#include "tests/unit/sinks/sink_contract.hpp"

namespace ship::testing {

/// A new private key, in PEM.
std::string new_seal_key();

/// A file sink with a seal over files in memory, driven as a worker would drive it, and its
/// verification.
struct SealBench {
  MemoryFiles files;
  ManualClock clock;
  FileSinkSettings settings;
  SinkLosses losses;  ///< told with the next block or manifest
  std::string key_pem = new_seal_key();
  std::mutex log_mutex;  ///< the thread that compresses and removes files says things, too
  std::vector<std::string> log;
  std::unique_ptr<FileSink> sink;

  SealBench();
  void start();
  /// Sends one record a line; it must be stored.
  void deliver(const std::vector<std::string>& lines);
  Verdict send(const std::vector<std::string>& lines);
  /// A second later.
  void tick();
  /// Ends the run, and starts none.
  void stop();
  /// The process dies; the next `deliver` starts another.
  void kill();

  /// Whether something was logged that holds `text`.
  bool said(std::string_view text);

  Ed25519Key key() const;
  std::vector<Ed25519Key> keys() const { return {key()}; }
  /// Verifies `paths`, in the order of the chain.
  std::vector<SealReport> verify(const std::vector<std::string>& paths);
  SealReport verify_one(const std::string& path) { return verify(std::vector{path}).front(); }
  /// The log files of "/" in the order of their names, the present one last.
  std::vector<std::string> logs() const;
  /// What is wrong with the first that is not whole; empty: nothing.
  std::string first_fault(const std::vector<std::string>& paths);
  std::vector<std::string> seal_lines(const std::string& path) const;
};

/// `count` lines from number `first` on, each of another text.
std::vector<std::string> numbered_lines(std::size_t first, std::size_t count);

/// Lines with their newlines.
std::vector<std::string> whole_lines(const std::string& text);
std::string joined(const std::vector<std::string>& parts);

}  // namespace ship::testing
