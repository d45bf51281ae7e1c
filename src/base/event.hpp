#pragma once

#include "base/fd.hpp"

namespace ship {

/// A flag that poll(2) can wait for, built on eventfd(2): its descriptor is readable from `set`
/// until `clear`. Any thread may set it, even from a destructor or a callback. Converts to false if
/// the process was out of descriptors (see errno); it is then never readable.
class Event {
 public:
  Event();

  explicit operator bool() const { return static_cast<bool>(fd_); }
  /// For POLLIN; -1 if there is none.
  int fd() const { return fd_.get(); }
  void set() const;
  void clear() const;

 private:
  Fd fd_;
};

}  // namespace ship
