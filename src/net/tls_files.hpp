#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ship {

/// The certificate and key files that connections are made with. Notices when one of them is
/// another than before: written in place, replaced by a rename, or behind a link that was swapped,
/// as Kubernetes does. One thread.
class TlsFiles {
 public:
  /// Empty paths are none.
  TlsFiles(const std::string& ca_file, const std::string& cert_file, const std::string& key_file);

  /// Whether all can be read, and a key has its certificate. Errors: config, with the setting.
  Result<void> check() const;
  bool empty() const;
  /// Whether any is another than at the last call, or than at the start. One that is missing at
  /// this moment is no news: the others may be half replaced.
  bool changed();

 private:
  /// Which file it is and when it was last written; zeros: it is not there.
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
