#include "net/tls_files.hpp"

#include <algorithm>
#include <sys/stat.h>

#include "net/trust_store.hpp"

namespace ship {

TlsFiles::TlsFiles(const std::string& ca_file, const std::string& cert_file,
                   const std::string& key_file)
    : files_{File{"ca_file", ca_file, stamp_of(ca_file)},
             File{"cert_file", cert_file, stamp_of(cert_file)},
             File{"key_file", key_file, stamp_of(key_file)}} {}

Result<void> TlsFiles::check() const {
  for (const File& file : files_) {
    if (Result<void> readable = check_readable(file.path, file.setting); !readable) return readable;
  }
  if (!files_[2].path.empty() && files_[1].path.empty()) {
    return Error{ErrorKind::config, "key_file is given without its cert_file"};
  }
  return {};
}

bool TlsFiles::empty() const {
  return std::all_of(files_.begin(), files_.end(),
                     [](const File& file) { return file.path.empty(); });
}

bool TlsFiles::changed() {
  bool changed = false;
  for (File& file : files_) {
    const Stamp now = stamp_of(file.path);
    if (now == Stamp() || now == file.stamp) continue;
    file.stamp = now;
    changed = true;
  }
  return changed;
}

TlsFiles::Stamp TlsFiles::stamp_of(const std::string& path) {
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  // Reading a FIFO or device could block.
  if (!S_ISREG(status.st_mode)) return {};
  // The inode's change time also reveals a file that was put in place with an old mtime.
  return {status.st_dev, status.st_ino, status.st_size,
          std::max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) * 1'000'000'000 +
              std::max(status.st_mtim.tv_nsec, status.st_ctim.tv_nsec)};
}

}  // namespace ship
