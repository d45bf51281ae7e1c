#pragma once

#include "base/fd.hpp"

namespace ship {

/// A flag that poll(2) can wait for, by eventfd(2): from `set` on its descriptor is readable, until
/// `clear`. Any thread may set it, also from a destructor or a callback. False where the process
/// was out of descriptors, errno tells: it is never readable then.
class Event {
 public:
  Event();

  explicit operator bool() const { return static_cast<bool>(fd_); }
  /// For POLLIN; -1 where there is none.
  int fd() const { return fd_.get(); }
  void set() const;
  void clear() const;

 private:
  Fd fd_;
};

}  // namespace ship
