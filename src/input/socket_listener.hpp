#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "input/input_address.hpp"

namespace ship {

/// Who may write to a path that the shipper makes. Empty: whoever runs the shipper.
struct PathRights {
  std::uint32_t mode = 0660;
  std::string owner;  ///< a name or a number
  std::string group;
};

/// Gives a path that was just made its owner, group and mode. Errors: config, where a name is
/// unknown; io, where the system refuses, with what to do.
Result<void> give_rights(const std::string& path, const PathRights& rights);

/// A path and what it named when it was made: whether it still does.
struct PathIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  /// What `path` names now; zeros: nothing.
  static PathIdentity of(const std::string& path);
  friend bool operator==(const PathIdentity&, const PathIdentity&) = default;
};

/// A stream socket that listens, non-blocking. A Unix socket's path is taken away with it, where it
/// is still the same.
class SocketListener {
 public:
  /// What a run that is gone left behind at a Unix socket's path is replaced; whatever anybody
  /// listens on, and what is not a socket, is left alone. Not for systemd addresses. Errors: io or
  /// config, with what was found and what to do.
  static Result<SocketListener> open(const InputAddress& address, const PathRights& rights);
  /// One that was opened by somebody else, and is not taken away.
  static SocketListener adopt(Fd fd);

  SocketListener(SocketListener&&) noexcept = default;
  SocketListener& operator=(SocketListener&&) noexcept = default;
  ~SocketListener() { remove_path(); }

  int fd() const { return fd_.get(); }
  bool adopted() const { return adopted_; }
  /// Of a Unix socket that was opened here, else empty.
  const std::string& path() const { return path_; }
  /// Whether those who connect to the path still come here.
  bool reachable() const { return path_.empty() || PathIdentity::of(path_) == identity_; }
  /// The address with the port that was chosen for 0.
  const InputAddress& address() const { return address_; }
  /// Takes the path away, where it is still the same: nobody else connects.
  void remove_path();

 private:
  SocketListener() = default;

  Fd fd_;
  InputAddress address_;
  std::string path_;
  PathIdentity identity_;
  bool adopted_ = false;
};

}  // namespace ship
