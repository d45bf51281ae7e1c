#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// The certificate and key files that connections use. Notices when one of them changes: written in
/// place, replaced by a rename, or behind a link that was swapped, as Kubernetes does. One thread.
class TlsFiles {
 public:
  /// An empty path means no file.
  TlsFiles(const std::string& ca_file, const std::string& cert_file, const std::string& key_file);

  /// Checks that all can be read and that a key has its certificate. Errors: config, with the
  /// setting.
  Result<void> check() const;
  bool empty() const;
  /// Whether any file differs from the last call, or from the start. A file that is missing right
  /// now does not count: the set may be half replaced.
  bool changed();

 private:
  /// Which file it is and when it was last written; zeros: it does not exist.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t written_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct File {
    const char* setting;
    std::string path;
    Stamp stamp;
  };
  static Stamp stamp_of(const std::string& path);

  std::array<File, 3> files_;
};

}  // namespace ship
