#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "net/ed25519.hpp"
#include "seal/seal_file.hpp"
#include "seal/seal_pair.hpp"

namespace ship {

/// What was found about one sealed file.
struct SealReport {
  std::string path;       ///< of the log file
  std::string seal_path;  ///< next to it
  SealFile seal;
  std::optional<SealFault> fault;   ///< none: it is intact, as far as it is sealed
  std::optional<Error> unreadable;  ///< it could not be read
  std::uint64_t open_records = 0;   ///< lines after the last block, which no seal covers yet
  std::uint64_t open_bytes = 0;
};

/// Checks log files against the seals next to them. One thread.
class SealVerifier {
 public:
  /// Called now and then with the bytes read of the current file, on disk, and its size.
  using Progress = std::function<void(std::uint64_t read, std::uint64_t size)>;

  /// `files` outlives it. Without keys signatures are not checked.
  SealVerifier(Files& files, std::vector<Ed25519Key> keys, Progress progress = {});

  /// Verifies the log file or seal at `path`. If a file that is being written seems wrong, checks
  /// it again.
  SealReport verify(const std::string& path);

 private:
  void look(SealReport& report);
  void check_bytes(SealReport& report);
  bool check_block(class SealedLog& log, SealReport& report, std::size_t index);
  void check_rest(SealedLog& log, SealReport& report);
  void place(SealReport& report, std::size_t index, const char* what);
  std::string lines_of(const SealReport& report, std::size_t index);

  Files& files_;
  const std::vector<Ed25519Key> keys_;
  const Progress progress_;
  std::vector<char> room_;
};

}  // namespace ship
